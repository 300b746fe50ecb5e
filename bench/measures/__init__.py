"""One file for each measure: what it is about, what its figures mean, and how they are taken."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from bench.record import Meaning, Options, Record


class Measure(Protocol):
    """What each module here has."""

    ABOUT: str
    """One line for the list of measures and the report."""
    FIGURES: dict[str, Meaning]

    def measure(self, options: Options) -> Record: ...


MODULES = {
    "intake": "intake",
    "intake-rate": "intake_rate",
    "mails": "mails",
    "mails-rate": "mails_rate",
    "surge": "surge",
    "journey": "journey",
    "render": "render",
    "labels": "labels",
    "pages": "pages",
    "growth": "growth",
    "memory": "memory",
    "endurance": "endurance",
    "start": "start",
    "profile": "profile",
}
"""The name on the command line -> its file, in the order of the report."""


def find(name: str) -> Measure:
    """Raises `KeyError` for a measure that there is none of."""
    return cast(Measure, importlib.import_module(f"bench.measures.{MODULES[name]}"))
