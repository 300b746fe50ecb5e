"""`postventa tracking`: parcels on their way, lanes and figures, and a shop's account with a carrier."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from postventa.cli import Context, emit

if TYPE_CHECKING:
    from postventa.config import Carriers

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
@click.argument("carrier", type=click.Choice(["sendcloud", "dhl_parcel_de", "dhl_express", "ups", "fedex", "dpd", "gls_group"]))
@click.option("--public-key", default="", help="Sendcloud.")
@click.option("--secret-key", default="", help="Sendcloud.")
@click.option("--return-option", default="", help="Sendcloud: the code of the way back, for labels.")
@click.option("--qr-option", default="", help="Sendcloud: the code of a way back that gives a code for the telephone.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any setting of [shops.carriers.CARRIER]; keys that are missing are asked for."
)
@shop_option
@click.pass_obj
def account(
    context: Context, carrier: str, public_key: str, secret_key: str, return_option: str, qr_option: str, settings: tuple[str, ...], shop: str
) -> None:
    """Give a shop that was connected by hand an account with a carrier; the keys are tried, and stored encrypted."""
    from connectors.carriers import TELLERS
    from jobs.carrier_accounts import try_account
    from postventa import audit, shops
    from postventa.cli import open as opened
    from postventa.cli.actor import actor
    from postventa.models.db import transaction
    from postventa.runtime import carriers_helper

    given = {"public_key": public_key, "secret_key": secret_key, "return_option": return_option, "qr_option": qr_option, **_pairs(settings)}
    with opened.world(context.settings) as world:
        chosen = opened.pick(world.engine, context.settings, shop)
        accounts = _with(chosen.settings.carriers, carrier, {name: value for name, value in given.items() if value})
        with carriers_helper.at_hand(context.settings) if carrier in accounts.through_karrio else nullcontext():
            try_account(world, chosen, carrier, accounts)
        with transaction(world.engine) as session:
            if not shops.keep_account(session, world.secret, chosen.id, accounts):
                raise click.ClickException(f"{chosen.settings.name} stands in the configuration file: write [shops.carriers.{carrier}] there")
            audit.record(session, actor(), "shop.carrier", shop_id=chosen.id, subject=f"shop {chosen.settings.name}", after={"carrier": carrier})
    click.echo(f"{chosen.settings.name}: {carrier} takes the keys; parcels are followed from now on.")
    if carrier in TELLERS:
        click.echo(f"To hear of each step at once let it call {shops.webhook_url(context.settings, carrier, chosen.key)} (docs/connect.md).")


OLD_KEY = timedelta(days=2)
"""How long webhooks may still be signed with the key before."""


def _pairs(settings: tuple[str, ...]) -> dict[str, str]:
    pairs = [setting.partition("=") for setting in settings]
    if any(not equals for _, equals, _ in pairs):
        raise click.UsageError("--set wants NAME=VALUE")
    return {name.strip(): value for name, _, value in pairs}


def _with(known: Carriers, carrier: str, given: dict[str, str]) -> Carriers:
    """The shop's accounts with this one changed. Raises `click.ClickException` for what is no setting of it."""
    from pydantic import ValidationError

    before = known.account(carrier)
    assert before is not None
    for name in before.NEEDED:
        given.setdefault(name, "")
        given[name] = given[name] or click.prompt(name, hide_input=any(word in name for word in ("secret", "password")))
    try:
        made = type(before).model_validate({**before.model_dump(), **given, **_old_key(before, given)})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False))
        raise click.ClickException(f"[shops.carriers.{carrier}] {wrong}") from None
    return known.model_copy(update={carrier: made})


def _old_key(known: Any, given: dict[str, str]) -> dict[str, Any]:
    """What the key before signed is still taken for a while, unless webhooks have a key of their own."""
    from postventa.clock import real_now

    old, new, own = getattr(known, "secret_key", ""), given.get("secret_key", ""), getattr(known, "webhook_secrets", [])
    if not old or old == new or (own and own[0] != old):
        return {}
    return {"webhook_secrets": [new, old], "previous_secret_until": real_now() + OLD_KEY}


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
