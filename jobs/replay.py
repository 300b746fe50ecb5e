"""What a person may do to stored deliveries: have them read again, or settle the ones that nobody needs.

Reading again happens under the same keys, so that what went out already does not go out twice. Each command is one row in the audit log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa import audit
from postventa.choice import UNREADABLE, Choice
from postventa.clock import now, real_now
from postventa.models import Inbound


@dataclass(frozen=True)
class Taken:
    """Numbers of deliveries. `forgotten`: their bodies were, so there is nothing to read; `not_found`: named, and not there."""

    done: list[int]
    forgotten: list[int]
    not_found: list[int]


def replay(session: Session, chosen: Choice, *, actor: str, reason: str = "") -> Taken:
    """Put deliveries back to the start; those whose body was forgotten stay as they are."""
    rows = _locked(session, chosen)
    readable = [row for row in rows if row.body is not None]
    before = _states(readable)
    for row in readable:
        row.state, row.attempts, row.error, row.reason, row.not_before, row.done_at = "new", 0, "", "", real_now(), None
        row.trace, row.failure, row.failed_at = "", "", None
    taken = Taken([row.id for row in readable], [row.id for row in rows if row.body is None], _missing(chosen, rows))
    if taken.done:
        _record(session, "inbox.replay", readable, actor, reason, before)
    return taken


def discard(session: Session, chosen: Choice, *, actor: str, reason: str) -> tuple[Taken, list[int]]:
    """Settle poison and dead deliveries that nobody needs; also the numbers of those that are neither and stay as they are."""
    rows = _locked(session, chosen)
    unreadable = [row for row in rows if row.state in UNREADABLE]
    before = _states(unreadable)
    for row in unreadable:
        row.state, row.reason, row.done_at = "ignored", f"discarded: {reason}"[:500], now()
    if unreadable:
        _record(session, "inbox.discard", unreadable, actor, reason, before)
    others = [row.id for row in rows if row not in unreadable]
    return Taken([row.id for row in unreadable], [], _missing(chosen, rows)), others


def _locked(session: Session, chosen: Choice) -> list[Inbound]:
    return list(session.scalars(select(Inbound).where(*chosen.conditions()).order_by(Inbound.id).with_for_update()))


def _missing(chosen: Choice, rows: Sequence[Inbound]) -> list[int]:
    return sorted(chosen.numbered - {row.id for row in rows})


def _states(rows: Sequence[Inbound]) -> dict[str, int]:
    states = [row.state for row in rows]
    return {state: states.count(state) for state in sorted(set(states))}


def _record(session: Session, action: str, rows: Sequence[Inbound], actor: str, reason: str, before: dict[str, int]) -> None:
    shops = {row.shop_id for row in rows}
    subject = f"deliveries {ranges([row.id for row in rows])}" if len(rows) > 1 else f"delivery {rows[0].id}"
    shop_id = shops.pop() if len(shops) == 1 else None
    audit.record(session, actor, action, shop_id=shop_id, subject=subject, reason=reason, before=before, after=_states(rows))


def ranges(numbers: Sequence[int]) -> str:
    """`17-19, 42`: short enough to be read however many there are."""
    groups: list[list[int]] = []
    for number in sorted(numbers):
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ", ".join(str(group[0]) if len(group) == 1 else f"{group[0]}-{group[-1]}" for group in groups)
