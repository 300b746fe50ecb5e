"""`postventa privacy`: who asked for their data or their erasure, and the answer. WooCommerce has no webhook for it: there it begins here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor, needed_reason, reason, told

if TYPE_CHECKING:
    from postventa.models import PrivacyCase
    from postventa.privacy.people import Person

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
of_shop = click.option("--shop", "wanted", default="", help="Whose customer; with one shop it need not be named.")
customer = click.option("--customer", default="", help="E-mail address, or the shop's own number of the customer.")
orders = click.option("--order", "orders", multiple=True, help="An order that is theirs, by the shop's own id; may be repeated.")


@click.group()
def privacy() -> None:
    """Requests about personal data: each a case with 30 days to answer."""


@privacy.command("list")
@click.option("--all", "everything", is_flag=True, help="Closed ones, too.")
@as_json
@click.pass_obj
def list_(context: Context, everything: bool, as_json: bool) -> None:
    """Cases that wait, the most urgent first."""
    from sqlalchemy import select

    from postventa.cli import open as opened
    from postventa.cli.tables import show
    from postventa.models import PrivacyCase, Shop
    from postventa.models.db import reading

    query = select(PrivacyCase, Shop.name).join(Shop, Shop.id == PrivacyCase.shop_id).order_by(PrivacyCase.due_at, PrivacyCase.id)
    query = query if everything else query.where(PrivacyCase.state != "closed")
    with opened.ledger(context.settings) as engine, reading(engine) as session:
        found = [_described(case, name) for case, name in session.execute(query)]
    if as_json:
        emit({"cases": found})
    else:
        show("Privacy cases", ("id", "shop", "kind", "state", "source", "asked_at", "due_at", "trouble"), found, empty="nobody waits")


def _described(case: PrivacyCase, shop: str) -> dict[str, Any]:
    times = {name: at.isoformat() if (at := getattr(case, name)) else None for name in ("asked_at", "due_at", "done_at", "closed_at", "export_until")}
    rest = {name: getattr(case, name) for name in ("id", "kind", "state", "source", "trouble", "result")}
    return {**rest, "shop": shop, **times, "has_export": case.export is not None}


@privacy.command()
@click.argument("number", type=int, required=False)
@of_shop
@customer
@orders
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="Where the ZIP goes; by itself: privacy-<case>.zip here.")
@reason
@click.pass_obj
def export(context: Context, number: int | None, wanted: str, customer: str, orders: tuple[str, ...], file: Path | None, reason: str) -> None:
    """Write the export of case NUMBER into a file; without a number make one for a customer now. Hand it only to whom it is about."""
    from postventa import audit
    from postventa.cli import open as opened
    from postventa.models.db import transaction
    from postventa.privacy import cases

    with opened.world(context.settings) as world:
        case_id = number if number is not None else _ask_for_export(world, wanted, _person(customer, orders), reason)
        with transaction(world.engine) as session:
            case = _case(session, case_id)
            try:
                packed = cases.export_of(case, world.secret)
            except LookupError as error:
                raise click.ClickException(str(error)) from None
            audit.record(session, actor(), "privacy.take_export", shop_id=case.shop_id, subject=f"case {case_id}", reason=told(reason))
    target = file or Path(f"privacy-{case_id}.zip")
    _write(target, packed)
    click.echo(f"{target}: hand it to whom it is about and to nobody else, delete it, then: postventa privacy close {case_id}")


def _ask_for_export(world: Any, wanted: str, person: Person, reason: str) -> int:
    from jobs import answer_privacy
    from postventa import audit
    from postventa.cli import open as opened
    from postventa.clock import now
    from postventa.models.db import transaction
    from postventa.privacy import cases

    shop = opened.pick(world.engine, world.settings, wanted)
    with transaction(world.engine) as session:
        case = cases.open_case(session, world.secret, shop.id, "export", "cli", f"cli-{secrets.token_hex(8)}", person, now())
        audit.record(session, actor(), "privacy.ask_export", shop_id=shop.id, subject=f"case {case.id}", reason=told(reason))
        answer_privacy.make(session, world, case)
        return case.id


@privacy.command()
@of_shop
@customer
@orders
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@needed_reason
@click.pass_obj
def erase(context: Context, wanted: str, customer: str, orders: tuple[str, ...], yes: bool, reason: str) -> None:
    """Erase a customer: names, addresses, mails to come. What the law has you keep is locked away first."""
    from jobs import privacy as job
    from postventa import audit
    from postventa.cli import open as opened
    from postventa.clock import now
    from postventa.models.db import transaction
    from postventa.privacy import cases

    person = _person(customer, orders)
    with opened.world(context.settings) as world:
        shop = opened.pick(world.engine, world.settings, wanted)
        if not yes:
            click.confirm(f"Erase this customer of {shop.settings.name} for good?", abort=True)
        with transaction(world.engine) as session:
            case = cases.open_case(session, world.secret, shop.id, "erase", "cli", f"cli-{secrets.token_hex(8)}", person, now())
            done = job.erase(session, world, shop, case, person)
            audit.record(session, actor(), "privacy.erase", shop_id=shop.id, subject=f"case {case.id}", reason=told(reason), after=done.counts)
    click.echo(f"Case {case.id}: {done.orders} orders of {done.customers} customers erased, {done.blocked} of them blocked{done.at_carriers}.")


@privacy.command()
@click.argument("number", type=int)
@reason
@click.pass_obj
def close(context: Context, number: int, reason: str) -> None:
    """The export was handed over, or the request was refused with a reason: close the case."""
    from postventa import audit
    from postventa.cli import open as opened
    from postventa.models.db import transaction
    from postventa.privacy import cases

    with opened.ledger(context.settings) as engine, transaction(engine) as session:
        case = _case(session, number)
        if case.state != "closed":
            before = case.state
            cases.close(case)
            change = {"before": {"state": before}, "after": {"state": "closed"}}
            audit.record(session, actor(), "privacy.close", shop_id=case.shop_id, subject=f"case {number}", reason=told(reason), **change)
    click.echo(f"Case {number} is closed.")


@privacy.command()
@click.argument("order")
@of_shop
@needed_reason
@click.pass_obj
def blocked(context: Context, order: str, wanted: str, reason: str) -> None:
    """Whose ORDER (the shop's own id) it was, of a customer who was erased. For courts and authorities only; it is written down who looked."""
    from sqlalchemy import select

    from postventa import audit
    from postventa.cli import open as opened
    from postventa.models import Order
    from postventa.models.db import transaction
    from postventa.privacy import blocked as locked

    with opened.world(context.settings) as world:
        shop = opened.pick(world.engine, world.settings, wanted)
        with transaction(world.engine) as session:
            order_id = session.scalar(select(Order.id).where(Order.shop_id == shop.id, Order.ref == order)) or 0
            try:
                found = locked.opened(session, world.secret, shop.id, order_id)
            except LookupError as error:
                raise click.ClickException(str(error)) from None
            audit.record(session, actor(), "privacy.unblock", shop_id=shop.id, subject=f"order {order_id}", reason=told(reason))
    emit(found)


def _person(customer: str, orders: tuple[str, ...]) -> Person:
    from postventa.privacy.people import Person

    if not customer and not orders:
        raise click.UsageError("name the case, or whom it is about with --customer or --order")
    return Person("" if "@" in customer else customer, customer if "@" in customer else "", orders)


def _case(session: Any, number: int) -> PrivacyCase:
    from postventa.models import PrivacyCase

    found: PrivacyCase | None = session.get(PrivacyCase, number, with_for_update=True)
    if found is None:
        raise click.ClickException(f"there is no case {number}: postventa privacy list shows them")
    return found


def _write(file: Path, content: bytes) -> None:
    """Readable by this user only, and never over another file."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{file} exists already; choose another name with --to") from None
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
