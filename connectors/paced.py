"""The HTTP door to a shop of which all workers together may ask only so much."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.http import Answer, Door


@dataclass
class PacedDoor(Door):
    """`turn`: takes this call's turn, and says in how many seconds it comes. `rest`: has all workers wait so many seconds."""

    turn: Callable[[], float] = lambda: 0.0
    rest: Callable[[float], None] = lambda _seconds: None

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None, repeatable: bool | None = None
    ) -> Answer:
        """Waits for its turn, and is then the door that it always was."""
        self.take_turn()
        return super().send(method, url, headers=headers, body=body, repeatable=repeatable)

    def take_turn(self) -> None:
        """For those who call in another way than through this door."""
        wait = self.turn()
        if wait > 0:
            self.sleep(wait)

    def ease(self, seconds: float) -> None:
        """What the shop said of its own bucket holds for all workers."""
        self.rest(seconds)
