"""Rehearsals of deliveries (`jobs/rehearse.py`) for people and for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from jobs.rehearse import Rehearsal

SENDS = ("send", "make")


def document(played: Sequence[Rehearsal]) -> dict[str, Any]:
    """The JSON shape: each delivery, and how many mails and labels would go out now in all."""
    return {"deliveries": [asdict(one) for one in played], "would_go_out": len(going(played)), "would_fail": [one.id for one in played if one.error]}


def going(played: Sequence[Rehearsal]) -> list[dict[str, Any]]:
    """The mails and labels that would go out now; of an order with several deliveries the last word counts."""
    latest = {(one.order, e["followup"], e["kind"], e["subject"], e.get("id")): e for one in played for e in one.effects}
    return [effect for effect in latest.values() if effect["would"] in SENDS]


def show(played: Sequence[Rehearsal]) -> None:
    """One paragraph for each delivery, and a last line that says it all."""
    for one in played:
        click.echo(f"delivery {one.id}, order {one.order or 'unknown'}: would be {one.would}" + (f" ({one.reason})" if one.reason else ""))
        if one.error:
            click.echo(f"  {one.error}")
        for event in one.events:
            click.echo(f"  event   {event['event']}, {event['at']}")
        for change in one.changes:
            click.echo(f"  change  {change['what']}: {change['field']} {change['before']} -> {change['after']}")
        for effect in one.effects:
            click.echo(f"  {_line(effect)}")
    failing = sum(1 for one in played if one.error)
    click.echo(f"\nNothing was written. {len(played)} deliveries: {len(going(played))} mails or labels would go out now, {failing} would fail.")


def _line(effect: dict[str, Any]) -> str:
    """`send    shipped to a***@***.example (effect 35): due 2026-11-27 10:00`."""
    what = f"{effect['would']:<7} {effect['followup']}" + (" label" if effect["kind"] == "label" else f" to {effect['recipient'] or 'nobody'}")
    number = f" (effect {effect['id']})" if "id" in effect else " (new)"
    due = f", due {effect['due_at'][:16].replace('T', ' ')} UTC" if "due_at" in effect else ""
    return what + number + due + (f": {effect['reason']}" if effect["reason"] else "")
