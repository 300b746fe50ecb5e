"""One finding."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

PATIENCE = 2
"""Seconds for which somebody else's computer is waited for: whoever calls the doctor waits, too."""


@dataclass(frozen=True)
class Check:
    """`message` says what is so and, unless it is in order, what to do."""

    name: str
    state: Literal["ok", "warn", "fail"]
    message: str

    def document(self) -> dict[str, str]:
        """As `doctor --json` shows it."""
        return asdict(self)

    @classmethod
    def ok(cls, name: str, message: str) -> Check:
        """In order."""
        return cls(name, "ok", message)

    @classmethod
    def warn(cls, name: str, message: str) -> Check:
        """Works, but somebody should look."""
        return cls(name, "warn", message)

    @classmethod
    def fail(cls, name: str, message: str) -> Check:
        """Must be mended."""
        return cls(name, "fail", message)
