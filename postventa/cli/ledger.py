"""`postventa ledger`: every effect with state, reason, times and attempts."""

from __future__ import annotations

import click

from postventa.cli import Context, emit


@click.command()
@click.option("--order", default="", help="Only this order: the shop's id or the customer's number.")
@click.option("--limit", type=click.IntRange(0), default=0, help="At most so many; 0: all.")
@click.option("--attempts", "effect_id", type=int, help="What was tried for one effect.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def ledger(context: Context, order: str, limit: int, effect_id: int | None, as_json: bool) -> None:
    """Every mail and label: what went out, what will, what did not and why."""
    from postventa import reports
    from postventa.cli import open as opened
    from postventa.cli.tables import show
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine, reading(engine) as session:
        if effect_id is not None:
            tried = reports.attempts(session, effect_id)
            if as_json:
                emit({"attempts": tried})
            else:
                show(f"Effect {effect_id}", ("at", "outcome", "detail"), tried)
            return
        document = reports.ledger(session, order, limit)
    if as_json:
        emit(document)
        return
    columns = ("id", "order_number", "followup", "kind", "state", "due_at", "done_at", "recipient", "reason")
    show("Ledger", columns, document["effects"], empty="nothing yet: it fills with the first order")
