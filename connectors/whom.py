"""Which of a shop's carriers is asked about a parcel: the one that has it, as the shop says; else one that speaks for many (Sendcloud)."""

from __future__ import annotations

from connectors import tracking
from connectors.carriers.karrio.kinds import KINDS


def speaks_for_all(asked: list[str]) -> bool:
    """Whether somebody among them can be asked about any parcel."""
    return any(name not in KINDS for name in asked)


def whom(asked: list[str], said: str) -> str:
    """`asked`: carriers that are asked at all; `said`: whom the shop names. Empty: nobody, as a stranger's number says nothing."""
    known = tracking.known(said)
    theirs = [name for name in asked if name in KINDS and known is not None and KINDS[name].people == known.name]
    if theirs:
        express = "express" in said.lower()
        return next((name for name in theirs if name.endswith("_express") == express), theirs[0])
    general = next((name for name in asked if name not in KINDS), "")
    return general or (asked[0] if len(asked) == 1 and not said.strip() else "")
