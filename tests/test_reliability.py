"""docs/reliability.md names every fault and attack of the promises, and the tests that really play it."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from tests.attacks.waiting import WAITING
from tests.papers import ROOT, rows, sections, text_of

PAPER = sections(text_of(ROOT / "docs/reliability.md"))


def played() -> dict[str, set[str]]:
    """Scenario -> the files below tests/ whose tests carry its name."""
    found = defaultdict(set)
    for file in (ROOT / "tests").rglob("test_*.py"):
        for name in re.findall(r'\bscenario\("([FS]\d+)"', file.read_text(encoding="utf-8")):
            found[name].add(str(file.relative_to(ROOT / "tests")))
    return found


@pytest.mark.parametrize(("kind", "letter"), [("Faults", "F"), ("Attacks", "S")])
def test_every_scenario_is_told_with_the_tests_that_play_it(kind: str, letter: str) -> None:
    told = {row[0]: set(re.findall(r"`tests/([\w/]+\.py)`", row[2])) for row in rows(PAPER[kind])}
    assert list(told) == [f"{letter}{number}" for number in range(1, 26)]
    tests = played()
    for name, files in told.items():
        assert files == tests.get(name, set()), name
        assert files or name in WAITING, f"{name} is played nowhere"
