"""Tables of many cases in one test: what a test costs besides its own work is more than most of them need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Case = TypeVar("Case")


def all_hold(check: Callable[[Case], None], cases: Iterable[Case]) -> None:
    """Ask for each case; fails with every one that does not hold, by name, and never because there was none."""
    asked, wrong = 0, []
    for case in cases:
        asked += 1
        try:
            check(case)
        except Exception as error:  # noqa: BLE001  (whatever it is, the others are asked too)
            wrong.append(f"{case!r}: {type(error).__name__}: {error}")
    assert not wrong, f"{len(wrong)} of {asked} do not hold:\n" + "\n".join(wrong)
    assert asked


def another(text: str) -> str:
    """The same but for its last sign: what is nearly right. For what is drawn by chance, which may end with any sign that a test would put there."""
    return text[:-1] + ("y" if text.endswith("x") else "x")
