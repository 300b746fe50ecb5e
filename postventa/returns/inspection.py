"""What the warehouse found: which pieces arrived, and in what state. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from postventa.returns.rules import Pair

FINE, DAMAGED, MISSING, WRONG = "as_new", "damaged", "missing", "wrong_item"
GRADES = (FINE, DAMAGED, MISSING, WRONG)


@dataclass(frozen=True)
class Grade:
    """Some pieces of a line. `restock`: they go back into stock; `note`: what the warehouse says of them."""

    ref: str
    quantity: int
    grade: str
    restock: bool = False
    note: str = ""


class Inspected(Protocol):
    """`ReturnCase` is one."""

    @property
    def arrivals(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def inspection(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def decision(self) -> Sequence[Mapping[str, object]]: ...


def graded(case: Inspected) -> dict[str, list[Grade]]:
    """What was found of each line."""
    found: dict[str, list[Grade]] = defaultdict(list)
    for row in case.inspection:
        one = Grade(str(row["line"]), int(str(row["quantity"])), str(row["grade"]), bool(row["restock"]), str(row.get("note", "")))
        found[one.ref].append(one)
    return dict(found)


def arrived(case: Inspected) -> dict[str, int]:
    """How many pieces of each line came in, in however many parcels."""
    came: dict[str, int] = defaultdict(int)
    for row in case.arrivals:
        lines = row["lines"]
        for ref, quantity in lines if isinstance(lines, list | tuple) else ():
            came[str(ref)] += int(str(quantity))
    return dict(came)


def still_missing(case: Inspected, pieces: Sequence[Pair]) -> tuple[Pair, ...]:
    """What is expected and has not come."""
    came = arrived(case)
    return tuple((ref, quantity - came.get(ref, 0)) for ref, quantity in pieces if quantity > came.get(ref, 0))


def ungraded(case: Inspected, pieces: Sequence[Pair]) -> tuple[Pair, ...]:
    """What was not looked at yet."""
    seen = {ref: sum(one.quantity for one in found) for ref, found in graded(case).items()}
    return tuple((ref, quantity - seen.get(ref, 0)) for ref, quantity in pieces if quantity > seen.get(ref, 0))


def is_clear(case: Inspected) -> bool:
    """Whether all that was found is as it should be: a defect is no surprise where the customer sent it back for one."""
    faults = {str(row["line"]) for row in case.decision if row.get("fault")}
    found = [one for grades in graded(case).values() for one in grades]
    return not any(one.grade == MISSING or (one.grade in (DAMAGED, WRONG) and one.ref not in faults) for one in found)


def problem_of(grade: Grade, left: Mapping[str, int]) -> str:
    """What is wrong with a grade, in words for the warehouse; empty: nothing. `left`: pieces of each line that may still be graded."""
    if grade.grade not in GRADES:
        return f'"{grade.grade}" is none of {", ".join(GRADES)}'
    if isinstance(grade.quantity, bool) or grade.quantity < 1 or grade.quantity > left.get(grade.ref, 0):
        return f"line {grade.ref}: {grade.quantity} pieces cannot be graded, {left.get(grade.ref, 0)} are left"
    return f"line {grade.ref}: what is {grade.grade} cannot be put back into stock" if grade.restock and grade.grade != FINE else ""
