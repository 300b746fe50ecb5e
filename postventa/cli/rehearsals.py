"""Rehearsals of deliveries (`jobs/rehearse.py`) for people and for scripts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from jobs.rehearse import Rehearsal

SENDS = ("send", "make")


def document(played: Sequence[Rehearsal]) -> dict[str, Any]:
    """The JSON shape: each delivery, and how many mails and labels would go out now, and how many later, in all."""
    return {
        "deliveries": [asdict(one) for one in played],
        "would_go_out": count(played, SENDS),
        "would_wait": count(played, ("wait",)),
        "would_fail": [one.id for one in played if one.error],
    }


def count(played: Sequence[Rehearsal], fates: Collection[str]) -> int:
    """How many mails and labels that these deliveries plan or change have such a fate; the last of an order's deliveries has the last word."""
    told = [((one.shop, one.order, e["followup"], e["kind"], e["subject"]), e) for one in played for e in one.effects]
    changed = {what for what, effect in told if effect["change"]}
    latest = dict(told)
    return sum(1 for what in changed if latest[what]["would"] in fates)


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
    now, later = count(played, SENDS), count(played, ("wait",))
    click.echo(f"\nNothing was written. {len(played)} deliveries, {failing} would fail. Mails and labels: {now} would go out now, {later} later.")


def _line(effect: dict[str, Any]) -> str:
    """`send    shipped to a***@***.example (effect 35): due 2026-11-27 10:00`."""
    what = f"{effect['would']:<7} {effect['followup']}" + (" label" if effect["kind"] == "label" else f" to {effect['recipient'] or 'nobody'}")
    number = f" (effect {effect['id']})" if "id" in effect else " (new)"
    due = f", due {effect['due_at'][:16].replace('T', ' ')} UTC" if "due_at" in effect else ""
    return what + number + due + (f": {effect['reason']}" if effect["reason"] else "")
