"""`postventa withdrawal`: who has withdrawn, what came by other ways than the page, and the evidence."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor, needed_reason, told

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from postventa.models import Withdrawal

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def withdrawal() -> None:
    """Statements of withdrawal: each with its receipt, its order and its clock."""


@withdrawal.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@as_json
@click.pass_obj
def list_(context: Context, everything: bool, as_json: bool) -> None:
    """The open ones, the oldest first, with the last day to pay."""
    from sqlalchemy import select

    from postventa.cli import open as opened
    from postventa.cli.tables import show
    from postventa.models import Shop
    from postventa.models.db import reading
    from postventa.withdrawal import store

    with opened.ledger(context.settings) as engine, reading(engine) as session:
        ids = session.scalars(select(Shop.id)).all()
        rows = [*store.of_shops(session, ids), *(store.of_shops(session, ids, settled=True) if everything else ())]
        found = [{"ref": row.ref, "state": row.state, **_standing(session, context, row), **_told(row)} for row in rows]
    if as_json:
        emit({"withdrawals": found})
    else:
        show("Withdrawals", ("ref", "shop", "order", "state", "due", "owed", "receipt", "trouble"), found)


def _told(row: Withdrawal) -> dict[str, object]:
    return {"receipt": row.receipt_how or "not yet", "trouble": row.trouble}


def _standing(session: Session, context: Context, row: Withdrawal) -> dict[str, object]:
    """Where it stands today: its order and its return, the last day to pay, and what."""
    from jobs.withdrawals.standing import standing
    from postventa.models import Order, ReturnCase, Shop
    from postventa.shops import still_known

    shop = still_known(session.get_one(Shop, row.shop_id), context.settings)
    order = session.get(Order, row.order_id) if row.order_id is not None else None
    case = session.get(ReturnCase, row.return_case_id) if row.return_case_id is not None else None
    it = standing(session, shop, row)
    about = {"order": (order.number or order.ref) if order is not None else "", "return": case.number if case is not None else ""}
    owed = f"{it.owed.amount} {order.currency}" if it.owed is not None and order is not None else ""
    return {"shop": shop.settings.name, **about, "due": str(it.clock.due), "day": it.clock.day, "in_time": it.in_time, "owed": owed}


@withdrawal.command("show")
@click.argument("ref")
@click.option("--blocked", is_flag=True, help="What was locked away after an erasure, for a court or an authority: needs --reason.")
@click.option("--reason", default="", help="Who asks and why, for the audit log: no names or addresses.")
@as_json
@click.pass_obj
def show_one(context: Context, ref: str, blocked: bool, reason: str, as_json: bool) -> None:
    """Everything about one, the statement as it was sent and what proves it."""
    import json

    from jobs.withdrawals.receipt import as_json as document_of
    from postventa import audit
    from postventa.cli import open as opened
    from postventa.models.db import transaction
    from postventa.withdrawal import proofs, store

    if blocked and not reason.strip():
        raise click.BadParameter("say who asks and why", param_hint="--reason")
    with opened.world(context.settings) as world, transaction(world.engine) as session:
        row = store.by_ref(session, ref)
        if row is None:
            raise click.ClickException(f"there is no withdrawal {ref}: `postventa withdrawal list --all` lists them")
        document = document_of(row) | _standing(session, context, row)
        document["problems"] = [problem for problem in proofs.verify(session, world.secret) if row.ref in problem]
        if blocked:
            try:
                document["statement"] = json.loads(store.opened(row, world.secret))
            except LookupError as error:
                raise click.ClickException(str(error)) from None
            audit.record(session, actor(), "withdrawal.open", shop_id=row.shop_id, subject=f"withdrawal {row.ref}", reason=told(reason))
    if as_json:
        emit(document)
        return
    for name, value in document.items():
        if name != "statement" and value not in ("", None, []):
            click.echo(f"{name}: {value}")
    said = document["statement"]
    click.echo(f"\n{said['text']}" if isinstance(said, dict) else "\nits content is locked away or destroyed")


@withdrawal.command()
@click.option("--shop", default="", help="The shop's name, key or domain; not needed when there is only one.")
@click.option("--name", required=True, help="Who withdraws.")
@click.option("--order", required=True, help="The order, as they said it.")
@click.option("--email", required=True, help="Where the receipt goes.")
@click.option("--channel", type=click.Choice(["mail", "post", "phone", "other"]), required=True, help="How it came.")
@click.option("--came", required=True, metavar="YYYY-MM-DDTHH:MM", help="When it came, on the shop's clock.")
@click.option("--items", "what", default="", help="Only these items, as they said it; none: everything.")
@click.option("--language", default="", help="Of the receipt; default: the shop's.")
@as_json
@click.pass_obj
def add(context: Context, *, shop: str, name: str, order: str, email: str, channel: str, came: str, what: str, language: str, as_json: bool) -> None:
    """Write down what came by mail, by post or by telephone: it counts like the page, from when it came."""
    from jobs.withdrawals.take import take
    from postventa.cli import open as opened
    from postventa.clock import now
    from postventa.locale import choose
    from postventa.locale.formats import zone_of
    from postventa.withdrawal.statement import Statement, problems, tidy
    from postventa.withdrawal.store import Submission
    from postventa.withdrawal.words import word

    with opened.world(context.settings) as world:
        chosen = opened.pick(world.engine, context.settings, shop)
        tongue = choose(language, choose(chosen.settings.locale))
        said = Statement(chosen.settings.name, tidy(name, 120), tidy(order, 200), tidy(email, 254), tongue, what=tidy(what, 1000, lines=True))
        try:
            moment = datetime.fromisoformat(came).replace(tzinfo=zone_of(chosen.settings.timezone))
        except ValueError:
            raise click.BadParameter(f"{came}: expected a moment such as 2026-11-03T09:40", param_hint="--came") from None
        wrong = [word("en", which) for which in problems(said).values()]
        if wrong or moment > now():
            raise click.ClickException("; ".join(wrong) or "it cannot have come later than now")
        how = Submission(f"cli-{secrets.token_hex(16)}", channel, moment, actor=actor())
        row = take(world.engine, world.secret, chosen, said, how, world.redis)
    if as_json:
        emit({"ref": row.ref, "submitted_at": row.submitted_at.isoformat()})
    else:
        click.echo(f"{row.ref} is written down; its receipt goes out by mail in a moment.")


@withdrawal.command("join")
@click.argument("ref")
@click.option("--order", required=True, help="The shop's id or the customer's number.")
@click.pass_obj
def join(context: Context, ref: str, order: str) -> None:
    """It is about that order: its return is opened, if it has left the shop."""
    from jobs.withdrawals import decide
    from postventa.cli import open as opened
    from postventa.models.db import transaction
    from postventa.withdrawal import store

    with opened.world(context.settings) as world:
        try:
            with transaction(world.engine) as session:
                row = store.by_ref(session, ref, lock=True)
                if row is None:
                    raise LookupError(f"there is no withdrawal {ref}")
                decide.join_by_hand(session, world, row, order, actor())
        except (LookupError, ValueError) as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{row.ref} is joined to order {order}." + (f" A person has to look: {row.trouble}." if row.trouble else ""))


@withdrawal.command()
@click.argument("ref")
@click.option("--refunded", is_flag=True, help="The money went back.")
@click.option("--refused", "ground", default="", metavar="GROUND", help="Nothing is owed: `late`, or a ground of the law's closed list.")
@needed_reason
@click.pass_obj
def settle(context: Context, ref: str, refunded: bool, ground: str, reason: str) -> None:
    """End it: the money is back, or nothing is owed."""
    from jobs.withdrawals import decide
    from postventa import audit
    from postventa.cli import open as opened
    from postventa.models.db import transaction
    from postventa.withdrawal import store

    if refunded == bool(ground):
        raise click.UsageError("say --refunded, or --refused with its ground")
    with opened.world(context.settings) as world:
        try:
            with transaction(world.engine) as session:
                row = store.by_ref(session, ref, lock=True)
                if row is None:
                    raise LookupError(f"there is no withdrawal {ref}")
                if refunded:
                    decide.mark_refunded(session, world, row, actor())
                else:
                    decide.refuse(session, row, ground, actor())
                audit.record(session, actor(), "withdrawal.reason", shop_id=row.shop_id, subject=f"withdrawal {row.ref}", reason=told(reason))
        except (LookupError, ValueError) as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{row.ref} is {row.state}.")
