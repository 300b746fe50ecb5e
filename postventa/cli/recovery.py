"""`postventa recovery`: the cases that low ratings open, and their end."""

from __future__ import annotations

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor, reason, told


@click.group()
def recovery() -> None:
    """Unhappy customers. While a case is open, nothing is asked of that customer for the order."""


@recovery.command("list")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_(context: Context, everything: bool, as_json: bool) -> None:
    """Open cases, the most urgent first."""
    from sqlalchemy import select

    from postventa.cli import open as opened
    from postventa.cli.tables import show
    from postventa.models import Order, RecoveryCase, Shop
    from postventa.models.db import reading

    query = select(RecoveryCase, Order.number, Shop.name).join(Order, Order.id == RecoveryCase.order_id).join(Shop, Shop.id == RecoveryCase.shop_id)
    if not everything:
        query = query.where(RecoveryCase.state == "open")
    with opened.ledger(context.settings) as engine, reading(engine) as session:
        rows = session.execute(query.order_by(RecoveryCase.answer_due_at)).all()
    found = [
        {
            "id": case.id,
            "shop": shop,
            "order": number,
            "rating": case.rating,
            "state": case.state,
            "opened_at": case.opened_at.isoformat(),
            "answer_due_at": case.answer_due_at.isoformat(),
        }
        for case, number, shop in rows
    ]
    if as_json:
        emit({"cases": found})
    else:
        show("Recovery cases", ("id", "shop", "order", "rating", "state", "opened_at", "answer_due_at"), found, empty="nobody waits")


@recovery.command()
@click.argument("number", type=int)
@reason
@click.pass_obj
def close(context: Context, number: int, reason: str) -> None:
    """The customer was answered: close the case."""
    from postventa import audit
    from postventa.cli import open as opened
    from postventa.clock import now
    from postventa.models import RecoveryCase
    from postventa.models.db import transaction

    with opened.ledger(context.settings) as engine, transaction(engine) as session:
        case = session.get(RecoveryCase, number, with_for_update=True)
        if case is None:
            raise click.ClickException(f"there is no case {number}: postventa recovery list shows them")
        if case.state == "open":
            case.state, case.closed_at = "closed", now()
            change = {"before": {"state": "open"}, "after": {"state": "closed"}}
            audit.record(session, actor(), "recovery.close", shop_id=case.shop_id, subject=f"case {number}", reason=told(reason), **change)
    click.echo(f"Case {number} is closed.")
