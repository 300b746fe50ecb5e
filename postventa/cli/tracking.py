"""`postventa tracking`: parcels on their way, lanes and figures, and a shop's account with a carrier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from postventa.cli import Context, emit

shop_option = click.option("--shop", default="", help="The shop's name, key or domain; not needed when there is only one.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def tracking() -> None:
    """Parcels on their way."""


@tracking.command()
@click.option("--all", "every", is_flag=True, help="Those that nobody asks about any more, too.")
@click.option("--limit", default=50, show_default=True, help="At most so many; 0: all.")
@shop_option
@as_json
@click.pass_obj
def parcels(context: Context, every: bool, limit: int, shop: str, as_json: bool) -> None:
    """Whom carriers are asked about: what they said last, and when they are asked again."""
    from sqlalchemy import select

    from postventa.cli import open as opened
    from postventa.models import Order, Parcel, Tracking
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        query = select(Tracking, Parcel.tracking_number, Order.number).join(Parcel, Parcel.id == Tracking.parcel_id)
        query = query.join(Order, Order.id == Tracking.order_id).where(Tracking.shop_id == chosen.id).order_by(Tracking.next_at, Tracking.id)
        query = query if every else query.where(Tracking.ended_at.is_(None))
        with reading(engine) as session:
            rows = [_parcel(*row) for row in session.execute(query.limit(limit or None))]
    columns = ("order", "number", "carrier", "status", "expected_on", "asked_at", "next_at", "ended", "trouble")
    _tell("parcels", "Parcels that carriers are asked about", columns, rows, as_json)


@tracking.command()
@shop_option
@as_json
@click.pass_obj
def lanes(context: Context, shop: str, as_json: bool) -> None:
    """How long ways take, learnt every night from the shop's own parcels: business days within which half, and nine of ten, are there."""
    from postventa.cli import open as opened
    from postventa.models.db import reading
    from postventa.tracking.learnt import lanes_of

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        with reading(engine) as session:
            learnt = lanes_of(session, chosen.id)
    rows = [
        {
            "carrier": way.carrier or "any",
            "service": way.service or "any",
            "from": way.origin,
            "to": " ".join(filter(None, (way.destination, way.area))),
            "weekday": WEEKDAYS[way.weekday] if way.weekday >= 0 else "any",
            "half": lane.p50,
            "nine_of_ten": lane.p90,
            "parcels": lane.n,
        }
        for way, lane in sorted(learnt.items(), key=lambda known: (-known[1].n, known[0].carrier, known[0].area, known[0].weekday))
    ]
    _tell("lanes", "Lanes", ("carrier", "service", "from", "to", "weekday", "half", "nine_of_ten", "parcels"), rows, as_json)


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@tracking.command()
@click.option("--days", default=90, show_default=True, help="Parcels that left in so many days.")
@shop_option
@as_json
@click.pass_obj
def figures(context: Context, days: int, shop: str, as_json: bool) -> None:
    """How punctual parcels are: on the day that the carrier gave, else within the usual time of their way."""
    from postventa import clock
    from postventa.cli import open as opened
    from postventa.models.db import reading
    from postventa.tracking import figures as counted
    from postventa.tracking.journeys import arrived

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        with reading(engine) as session:
            found = counted.figures(arrived(session, chosen, clock.now() - timedelta(days=days)))
    rows = [
        {
            "carrier": one.carrier or "all",
            "to": one.destination or "all",
            "parcels": one.parcels,
            "judged": one.judged,
            "on_time": one.on_time,
            "share": None if one.share is None else round(one.share, 3),
            "promised": one.promised,
            "half": one.p50,
            "nine_of_ten": one.p90,
        }
        for one in found
    ]
    columns = ("carrier", "to", "parcels", "judged", "on_time", "share", "promised", "half", "nine_of_ten")
    _tell("figures", "On time", columns, rows, as_json)


@tracking.command()
@click.argument("carrier", type=click.Choice(["sendcloud"]))
@click.option("--public-key", prompt=True)
@click.option("--secret-key", prompt=True, hide_input=True)
@click.option("--return-option", default="", help="The code of the way back, for labels.")
@click.option("--qr-option", default="", help="The code of a way back that gives a code for the telephone.")
@shop_option
@click.pass_obj
def account(context: Context, carrier: str, public_key: str, secret_key: str, return_option: str, qr_option: str, shop: str) -> None:
    """Give a shop that was connected by hand an account with a carrier; the keys are tried, and stored encrypted."""
    from jobs.carrier_accounts import try_account
    from postventa import audit, shops
    from postventa.cli import open as opened
    from postventa.cli.actor import actor
    from postventa.config import Carriers, SendcloudAccount
    from postventa.models.db import transaction

    with opened.world(context.settings) as world:
        chosen = opened.pick(world.engine, context.settings, shop)
        given = {"public_key": public_key, "secret_key": secret_key, "return_option": return_option, "qr_option": qr_option}
        made = SendcloudAccount(**_account(chosen.settings.carriers.sendcloud, {name: value for name, value in given.items() if value}))
        try_account(world, chosen, carrier, Carriers(sendcloud=made))
        with transaction(world.engine) as session:
            if not shops.keep_account(session, world.secret, chosen.id, Carriers(sendcloud=made)):
                raise click.ClickException(f"{chosen.settings.name} stands in the configuration file: write [shops.carriers.{carrier}] there")
            audit.record(session, actor(), "shop.carrier", shop_id=chosen.id, subject=f"shop {chosen.settings.name}", after={"carrier": carrier})
    click.echo(f"{chosen.settings.name}: {carrier} takes the keys; parcels are followed from now on.")
    click.echo(f"To hear of each step at once let it call {shops.webhook_url(context.settings, carrier, chosen.key)} (docs/connect.md).")


OLD_KEY = timedelta(days=2)
"""How long webhooks may still be signed with the key before."""


def _account(known: Any, given: dict[str, str]) -> dict[str, Any]:
    """The account with what is new. What its old key signed is still taken for a while, unless webhooks have a key of their own."""
    from postventa.clock import real_now

    old, new = known.secret_key, given["secret_key"]
    if not old or old == new or (known.webhook_secrets and known.webhook_secrets[0] != old):
        return {**known.model_dump(), **given}
    return {**known.model_dump(), **given, "webhook_secrets": [new, old], "previous_secret_until": real_now() + OLD_KEY}


def _parcel(row: Any, number: str, order: str) -> dict[str, Any]:
    when = {"asked_at": row.asked_at, "next_at": None if row.ended_at else row.next_at}
    told = {"order": order, "number": number, "carrier": row.carrier, "status": row.status, "expected_on": row.expected_on}
    return told | {name: at.isoformat() if at else None for name, at in when.items()} | {"ended": row.ended, "trouble": row.trouble}


def _tell(name: str, title: str, columns: tuple[str, ...], rows: list[dict[str, Any]], as_json: bool) -> None:
    from postventa.cli import tables

    if as_json:
        emit({name: rows})
    else:
        tables.show(title, columns, rows)
