"""`postventa return approve`, `decline`, `receive`, `inspect`, `release`, `settled`: what the shop's people do, without a page."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from postventa.cli import Context
from postventa.cli.actor import actor

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from jobs.world import World
    from postventa.shops import ConnectedShop

shop_option = click.option("--shop", default="", help="The shop's name, key or domain; not needed when there is only one.")
items_option = click.option("--item", "items", multiple=True, metavar="LINE=QUANTITY", help="Only these pieces, by the order's line ids; none: all.")
number_argument = click.argument("number")
COMMANDS = ("approve", "decline", "receive", "inspect", "release", "settled")


@click.command()
@number_argument
@items_option
@click.option("--ground", default="", help="The legal ground for leaving pieces out that she could withdraw from, as for `decline`.")
@shop_option
@click.pass_obj
def approve(context: Context, number: str, items: tuple[str, ...], ground: str, shop: str) -> None:
    """Agree to a return that waits for somebody."""
    from jobs import return_desk
    from postventa.returns.policy.law import Exemption

    def approved(session: Session, world: World, chosen: ConnectedShop) -> object:
        why = Exemption(ground) if ground else None
        return return_desk.approve(session, world, chosen, number, actor=actor(), lines=_pairs(items), ground=why)

    _do(context, shop, approved)
    click.echo(f"Return {number} is agreed.")


@click.command()
@number_argument
@click.option("--reason", required=True, help="Why, for the customer: she reads it in a mail.")
@click.option("--ground", default="", help="The legal ground, if she could withdraw: made_to_measure, perishable, sealed_hygiene, inseparable, ...")
@shop_option
@click.pass_obj
def decline(context: Context, number: str, reason: str, ground: str, shop: str) -> None:
    """Say no to a return that waits for somebody."""
    from jobs import return_desk
    from postventa.returns.policy.law import Exemption

    def declined(session: Session, world: World, chosen: ConnectedShop) -> object:
        return return_desk.decline(session, world, chosen, number, reason=reason, actor=actor(), ground=Exemption(ground) if ground else None)

    _do(context, shop, declined)
    click.echo(f"Return {number} is declined.")


@click.command()
@number_argument
@items_option
@shop_option
@click.pass_obj
def receive(context: Context, number: str, items: tuple[str, ...], shop: str) -> None:
    """A parcel of a return came in, with all or some of its pieces."""
    from jobs import return_goods

    _do(context, shop, lambda session, world, chosen: return_goods.receive(session, world, chosen, number, actor=actor(), lines=_pairs(items)))
    click.echo(f"Return {number}: taken in.")


@click.command()
@number_argument
@click.option("--grade", "grades", multiple=True, required=True, metavar="LINE=QUANTITY:GRADE", help="as_new, damaged or missing.")
@click.option("--restock", is_flag=True, help="What is as new goes back into stock.")
@shop_option
@click.pass_obj
def inspect(context: Context, number: str, grades: tuple[str, ...], restock: bool, shop: str) -> None:
    """What was found of the pieces that came in."""
    from jobs import return_goods
    from postventa.returns.inspection import FINE, Grade

    found = []
    for text in grades:
        pair, _, grade = text.partition(":")
        ((ref, quantity),) = _pairs((pair,))
        found.append(Grade(ref, quantity, grade, restock and grade == FINE))
    _do(context, shop, lambda session, world, chosen: return_goods.inspect(session, world, chosen, number, found, actor=actor()))
    click.echo(f"Return {number}: inspected.")


@click.command()
@number_argument
@click.option("--amount", default="", help="Less than the customer was told; needs --reason.")
@click.option("--reason", default="", help="Why less.")
@shop_option
@click.pass_obj
def release(context: Context, number: str, amount: str, reason: str, shop: str) -> None:
    """Give back what is owed now, whatever it waits for."""
    from jobs import return_desk

    try:
        wanted = Decimal(amount) if amount else None
    except InvalidOperation:
        raise click.BadParameter(f"{amount}: expected a sum such as 12.50", param_hint="--amount") from None
    done = _do(
        context, shop, lambda session, world, chosen: return_desk.release(session, world, chosen, number, actor=actor(), amount=wanted, reason=reason)
    )
    click.echo(f"Return {number}: it is on its way." if done else f"Return {number}: somebody has to do it by hand, see `postventa alarms`.")


@click.command()
@number_argument
@click.option("--reason", required=True, help="What was done.")
@shop_option
@click.pass_obj
def settled(context: Context, number: str, reason: str, shop: str) -> None:
    """Somebody has done by hand what the service could not."""
    from jobs import return_desk

    _do(context, shop, lambda session, world, chosen: return_desk.settled_by_hand(session, world, chosen, number, actor=actor(), reason=reason))
    click.echo(f"Return {number} is settled.")


def _do(context: Context, shop: str, deed: Callable[[Session, World, ConnectedShop], object]) -> object:
    """`deed(session, world, shop)` in one transaction; what is wrong is one sentence."""
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    with opened.world(context.settings) as world:
        chosen = opened.pick(world.engine, context.settings, shop)
        try:
            with transaction(world.engine) as session:
                return deed(session, world, chosen)
        except (LookupError, ValueError) as error:
            raise click.ClickException(str(error)) from None


def _pairs(items: tuple[str, ...]) -> list[tuple[str, int]]:
    found = []
    for text in items:
        ref, mark, quantity = text.rpartition("=")
        if not mark or not quantity.isdigit():
            raise click.BadParameter(f"{text}: expected LINE=QUANTITY with a whole number", param_hint="--item")
        found.append((ref, int(quantity)))
    return found
