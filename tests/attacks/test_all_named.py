"""No attack of the promises is forgotten: each is played by a test or waits, by name, for what it would attack."""

import re

from tests.attacks.waiting import WAITING
from tests.papers import ROOT

ATTACKS = {f"S{number}" for number in range(1, 26)}


def played() -> set[str]:
    """Scenarios that some test is marked with."""
    sources = (ROOT / "tests").rglob("test_*.py")
    return set(re.findall(r'^@scenario\("(S\d+)", budget=', "\n".join(file.read_text(encoding="utf-8") for file in sources), re.MULTILINE))


def test_every_attack_is_played_or_waits_for_what_it_attacks() -> None:
    assert played() | set(WAITING) == ATTACKS


def test_what_waits_says_what_for() -> None:
    assert all(len(reason.split()) > 4 for reason in WAITING.values())
