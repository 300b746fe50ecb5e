"""`postventa order`: find an order, give money back, make a discount code. What is asked for is done by the running service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor, item
from postventa.cli.returns import as_json, shop_option

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from postventa.models import Order
    from postventa.orders.money import Books, Sum
    from postventa.shops import ConnectedShop

reference = click.option("--reference", default="", help="Your own reference: the same one again is the same wish, and is done once.")


@click.group()
def order() -> None:
    """Orders: find one, and put it right."""


@order.command()
@click.argument("wanted")
@as_json
@click.pass_obj
def find(context: Context, wanted: str, as_json: bool) -> None:
    """Look for WANTED: an order's number, the customer's address or name, a tracking number, the number of a return."""
    from postventa.cli import open as opened
    from postventa.cli.tables import show
    from postventa.models import Shop
    from postventa.models.db import reading
    from postventa.orders.search import search

    with opened.ledger(context.settings) as engine, reading(engine) as session:
        rows = [(row, session.get_one(Shop, row.shop_id).name) for row in search(session, wanted).orders]
    found = [
        {"order": row.ref, "number": row.number, "shop": shop, "customer": f"{row.first_name} {row.last_name}".strip(), "email": row.email,
         "total": f"{row.total:f}", "refunded": f"{row.refunded_total:f}", "currency": row.currency}
        for row, shop in rows
    ]  # fmt: skip
    if as_json:
        emit({"orders": found})
    else:
        show("Orders", ("number", "shop", "customer", "email", "total", "refunded", "currency"), found, empty=f"none with {wanted}")


@order.command()
@click.argument("number")
@click.option("--item", "items", multiple=True, metavar="SKU[=QUANTITY]", help="What goes back (line id or SKU).")
@click.option("--everything", is_flag=True, help="All lines and shipping that are left.")
@click.option("--shipping", default="0", metavar="SUM", help="Of the shipping costs, tax included.")
@click.option("--withhold", default="0", metavar="SUM", help="Less this.")
@click.option("--amount", default="0", metavar="SUM", help="A sum by itself, instead of lines and shipping.")
@click.option("--restock", is_flag=True, help="The goods go back into stock.")
@click.option("--credit", is_flag=True, help="As store credit (Shopify).")
@click.option("--reason", default="", help="For the shop's books.")
@click.option("--dry-run", is_flag=True, help="Only say the sum.")
@reference
@shop_option
@as_json
@click.pass_obj
def refund(context: Context, /, number: str, shop: str, as_json: bool, dry_run: bool, reference: str, **asked: Any) -> None:
    """Give money back for the order NUMBER: the sum is reckoned to the cent, and is never more than is left."""
    from jobs import give
    from postventa.orders import books as ledger

    with _at(context, number, shop) as (session, chosen, found):
        books = ledger.load(session, found)
        wanted = give.Wanted(_choice(session, found, books, asked), asked["restock"], asked["credit"], asked["reason"])
        sums = give.sums(session, chosen, found, wanted) if dry_run or not _known(session, chosen, found, "write_refund", reference) else None
        given = None if dry_run else give.give_refund(session, chosen, found.id, wanted, key=_key(reference), actor=actor())
        document = {"order": found.ref, "order_number": found.number, "currency": found.currency, "dry_run": dry_run, **_told(sums)}
        if given is not None:
            document |= {"effect": given.effect.id, "new": given.new}
    if as_json:
        emit(document)
    elif dry_run:
        click.echo(f"{document['amount']} {document['currency']} would go back; {document['left']} would be left. Nothing was done.")
    elif given is not None and not given.new:
        click.echo(f"Effect {document['effect']} did or does that already: nothing was added.")
    else:
        click.echo(f"{document['amount']} {document['currency']} go back in a moment: postventa ledger show {document['effect']}")


@order.command()
@click.argument("number")
@click.option("--percent", default="0", metavar="PERCENT", help="Up to 100.")
@click.option("--amount", default="0", metavar="SUM", help="Or a sum in the order's currency.")
@click.option("--days", type=click.IntRange(0), default=0, help="How long it is valid; 0: it does not end.")
@click.option("--title", default="", help="What the shop's people see.")
@click.option("--prefix", default="GRACIAS", show_default=True, help="What the code begins with.")
@click.option("--dry-run", is_flag=True, help="Only say whether it is possible.")
@reference
@shop_option
@as_json
@click.pass_obj
def coupon(context: Context, /, number: str, shop: str, as_json: bool, dry_run: bool, reference: str, **asked: Any) -> None:
    """Have a discount code made for the customer of the order NUMBER; it is printed at once, and she is not written to."""
    from jobs import give
    from postventa.secrets import load_secret

    percent, amount = _sum(asked["percent"], "--percent"), _sum(asked["amount"], "--amount")
    terms = give.Terms(percent, amount, asked["days"], asked["title"], asked["prefix"].upper())
    with _at(context, number, shop) as (session, chosen, found):
        give.check_coupon(terms, found.currency)
        secret = load_secret(context.settings)
        given = None if dry_run else give.give_coupon(session, chosen, secret, found.id, terms, key=_key(reference), actor=actor())
        document: dict[str, Any] = {"order": found.ref, "order_number": found.number, "dry_run": dry_run}
        if given is not None:
            document |= {"code": given.code, "effect": given.effect.id, "new": given.new}
    if as_json:
        emit(document)
    else:
        click.echo("That is possible. Nothing was done." if dry_run else f"{document['code']}: the shop has it in a moment.")


@contextmanager
def _at(context: Context, number: str, shop: str) -> Iterator[tuple[Session, ConnectedShop, Order]]:
    """That shop's order in a transaction; what is not possible is one sentence."""
    from jobs.deeds.base import NoKeys
    from jobs.open_return import find_order
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        try:
            with transaction(engine) as session:
                yield session, chosen, find_order(session, chosen, number)
        except (LookupError, ValueError, NoKeys) as error:
            raise click.ClickException(str(error)) from None


def _choice(session: Session, order: Order, books: Books, asked: dict[str, Any]) -> Any:
    """What the options say, by the lines' own ids."""
    from sqlalchemy import select

    from postventa.models import OrderLine
    from postventa.orders.money import Choice

    withheld = _sum(asked["withhold"], "--withhold")
    if asked["everything"]:
        left = tuple((line.ref, pieces) for line in books.lines if (pieces := books.pieces_left(line)))
        return Choice(left, books.shipping_left, withheld)
    rows = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all()
    names = {row.sku: row.ref for row in rows if row.sku} | {row.ref: row.ref for row in rows}
    counted: dict[str, int] = {}
    for name, pieces in map(item, asked["items"]):
        if name not in names:
            raise click.BadParameter(f"the order has no {name}", param_hint="--item")
        counted[names[name]] = counted.get(names[name], 0) + pieces
    return Choice(tuple(counted.items()), _sum(asked["shipping"], "--shipping"), withheld, _sum(asked["amount"], "--amount"))


def _sum(text: str, option: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise click.BadParameter(f"{text}: expected a sum such as 12.50", param_hint=option) from None


def _key(reference: str) -> str:
    """Without a reference every call is a wish of its own."""
    import secrets

    return f"cli-{reference}" if reference else f"cli-{secrets.token_hex(8)}"


def _known(session: Session, shop: ConnectedShop, order: Order, name: str, reference: str) -> bool:
    from sqlalchemy import select

    from jobs.deeds.base import key_of
    from postventa.models import Effect

    return session.scalar(select(Effect.id).where(Effect.key == key_of(shop, order, name, _key(reference)))) is not None


def _told(sums: Sum | None) -> dict[str, Any]:
    """The sum as text; nothing of a wish that was known."""
    if sums is None:
        return {}
    lines = [{"line": line.ref, "title": line.title, "pieces": pieces, "worth": f"{worth:f}"} for line, pieces, worth in sums.lines]
    figures = {name: f"{getattr(sums, name):f}" for name in ("shipping", "withheld", "amount", "left")}
    return {"lines": lines, **figures}
