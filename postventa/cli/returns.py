"""`postventa return`: open returns, see and void their labels, and all that `return_policy.py` and `return_desk.py` have."""

from __future__ import annotations

from pathlib import Path

import click

from postventa.cli import Context, emit, return_desk, return_policy
from postventa.cli.actor import actor, item

shop_option = click.option("--shop", default="", help="The shop's name, key or domain; not needed when there is only one.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group("return")
def returns() -> None:
    """Returns, their labels, and the rules for them."""


for command in (return_policy.policy, return_policy.try_, *(getattr(return_desk, name) for name in return_desk.COMMANDS)):
    returns.add_command(command)


@returns.command()
@click.option("--order", required=True, help="The shop's id or the customer's number.")
@click.option("--item", "items", multiple=True, metavar="SKU[=QUANTITY]", help="What goes back (line id or SKU); none: everything.")
@click.option("--reason", default="", help="In the customer's words.")
@click.option("--reference", default="", help="Your own reference: the same one again gives the same return.")
@shop_option
@as_json
@click.pass_obj
def create(context: Context, order: str, items: tuple[str, ...], reason: str, reference: str, shop: str, as_json: bool) -> None:
    """Open a return: the label is made and mailed by the running service."""
    from jobs.open_return import find_order, open_return
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    wanted = [item(text) for text in items]
    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        try:
            with transaction(engine) as session:
                found = find_order(session, chosen, order)
                case = open_return(session, context.settings, chosen, found, wanted, reason, "cli", reference, actor=actor())
                document = {"number": case.number, "order": found.ref, "order_number": found.number, "state": case.state, "items": case.lines}
        except (LookupError, ValueError) as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        emit(document)
    else:
        click.echo(f"Return {document['number']} for order {document['order_number']} is open; its label goes out by mail in a moment.")


@returns.command("list")
@shop_option
@as_json
@click.pass_obj
def list_(context: Context, shop: str, as_json: bool) -> None:
    """All returns of a shop with their labels."""
    from sqlalchemy import select

    from postventa.cli import open as opened
    from postventa.cli.tables import show
    from postventa.models import LabelRow, Order, ReturnCase
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        with reading(engine) as session:
            rows = session.execute(
                select(ReturnCase, Order.number, LabelRow.state)
                .join(Order, Order.id == ReturnCase.order_id)
                .outerjoin(LabelRow, LabelRow.return_case_id == ReturnCase.id)
                .where(ReturnCase.shop_id == chosen.id)
                .order_by(ReturnCase.id.desc())
            ).all()
    found = [
        {"number": c.number, "order": number, "state": c.state, "label": label or "", "source": c.source, "reason": c.reason}
        for c, number, label in rows
    ]
    if as_json:
        emit({"returns": found})
    else:
        show("Returns", ("number", "order", "state", "label", "source", "reason"), found)


@returns.command()
@click.argument("number")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the PDF; default: <number>.pdf (or .png) here.")
@shop_option
@click.pass_obj
def label(context: Context, number: str, out: Path | None, shop: str) -> None:
    """Write a return's label as a PDF file, or the carrier's code as a picture."""
    from sqlalchemy import select

    from postventa.cli import open as opened
    from postventa.models import LabelRow, ReturnCase
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        with reading(engine) as session:
            case = session.scalars(select(ReturnCase).where(ReturnCase.shop_id == chosen.id, ReturnCase.number == number)).first()
            made = case and session.scalars(select(LabelRow).where(LabelRow.return_case_id == case.id, LabelRow.voided_at.is_(None))).first()
    content = (made.pdf or made.qr) if made else None
    if not made or content is None:
        raise click.ClickException(f"return {number} has no label (it is unknown, not made yet, or voided)")
    target = out or Path(f"{number}.{'pdf' if made.pdf else 'png'}")
    try:
        target.write_bytes(content)
    except OSError as error:
        if target.is_file():
            target.unlink()
        raise click.ClickException(f"{target} cannot be written: {error.strerror}") from None
    click.echo(f"{target}: {len(content)} bytes, {'A6 label and A4 sheet' if made.pdf else 'the code to be shown where the parcel is handed in'}")


@returns.command()
@click.argument("number")
@click.option("--reason", default="called off by the shop", show_default=True)
@shop_option
@click.pass_obj
def void(context: Context, number: str, reason: str, shop: str) -> None:
    """Call a return off and void its label."""
    from jobs.open_return import void as call_off
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        try:
            with transaction(engine) as session:
                call_off(session, context.settings, chosen, number, reason, actor=actor())
        except (LookupError, ValueError) as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"Return {number} is called off and its label is void.")
