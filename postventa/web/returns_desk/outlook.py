"""What the warehouse's word comes to: which pieces came and what they are, and what that means for the money. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from postventa.returns.inspection import FINE, MISSING, Grade, arrived, graded, is_clear, still_missing, ungraded
from postventa.returns.rules import Pair
from postventa.returns.wish import RefundWhen

STOCK, HERE = "stock", "here"
"""As new and back into stock; came in, and nobody looked yet."""
SETTLED, COMING, UNSEEN, PERSON, NOW, ELSEWHERE = "settled", "coming", "unseen", "person", "now", "elsewhere"


class Known(Protocol):
    """`ReturnCase` is one."""

    @property
    def arrivals(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def inspection(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def decision(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def resolution(self) -> str: ...
    @property
    def refund_when(self) -> str: ...
    @property
    def settled_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Said:
    """One piece of a line: a word of `words.GRADES`, and a note."""

    ref: str
    word: str
    note: str = ""


@dataclass(frozen=True)
class _After:
    """A return as it will be."""

    arrivals: Sequence[Mapping[str, object]]
    inspection: Sequence[Mapping[str, object]]
    decision: Sequence[Mapping[str, object]]


def grades_of(said: Sequence[Said]) -> list[Grade]:
    """Like pieces of a line together."""
    counted = Counter((one.ref, FINE if one.word == STOCK else one.word, one.word == STOCK, one.note) for one in said if one.word != HERE)
    return [Grade(ref, count, grade, restock, note) for (ref, grade, restock, note), count in counted.items()]


def came_with(case: Known, pieces: Sequence[Pair], said: Sequence[Said]) -> list[Pair]:
    """Which pieces come in by that word: those that are here, and were not here before."""
    here, came, expected = Counter(one.ref for one in said if one.word != MISSING), arrived(case), dict(still_missing(case, pieces))
    seen = {ref: sum(one.quantity for one in found if one.grade != MISSING) for ref, found in graded(case).items()}
    new = {ref: min(count - max(came.get(ref, 0) - seen.get(ref, 0), 0), expected.get(ref, 0)) for ref, count in here.items()}
    return [(ref, count) for ref, count in new.items() if count > 0]


def outlook(case: Known, pieces: Sequence[Pair], said: Sequence[Said]) -> str:
    """What happens to the money when that is said."""
    if case.settled_at is not None:
        return SETTLED
    if not case.resolution:
        return ELSEWHERE
    came, rows = came_with(case, pieces, said), [_row(one) for one in grades_of(said)]
    after = _After([*case.arrivals, {"lines": [list(pair) for pair in came]}], [*case.inspection, *rows], case.decision)
    all_seen = not ungraded(after, pieces)
    if still_missing(after, pieces) and not all_seen:
        return COMING
    if case.refund_when == RefundWhen.AFTER_INSPECTION and not all_seen:
        return UNSEEN
    return NOW if is_clear(after) and case.resolution != "repair" else PERSON


def _row(one: Grade) -> dict[str, Any]:
    return {"line": one.ref, "quantity": one.quantity, "grade": one.grade, "restock": one.restock}
