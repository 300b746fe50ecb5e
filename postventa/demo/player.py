"""Forty days, one moment after the other: jump to the next thing that happens, let it happen, wait until all is quiet."""

from __future__ import annotations

import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from postventa.clock import Clock
from postventa.demo import data
from postventa.demo.customers import Stranded, visit
from postventa.demo.data import Delivery, Visit
from postventa.demo.folder import Folder
from postventa.demo.ledger import Entry, Ledger
from postventa.demo.mailbox import Mailbox
from postventa.demo.sender import send

SAME_BREATH = timedelta(seconds=60)
"""Deliveries of one minute are sent one right after the other."""
QUIET_WITHIN = 45.0
"""Seconds of real time until a moment must be over."""
HEARD = 0.025
"""Seconds of real time until every process has noticed that the clock was set."""
STATUS = {"refused": 401}
"""What the service has to answer, by what becomes of a delivery; 200 otherwise."""


class Audience(Protocol):
    """Who is told what happens."""

    def moment(self, at: datetime) -> None:
        """The clock stands at `at` now."""

    def delivered(self, delivery: Delivery, status: int) -> None:
        """A shop sent something, and this was the answer."""

    def visited(self, wish: Visit) -> None:
        """A customer did something."""

    def changed(self, entry: Entry) -> None:
        """An effect is in another state than before, or waits for another reason."""


class Stuck(Exception):
    """Something is not done within its time; the message lists what."""


@dataclass
class Player:
    """Plays everything once; what goes wrong on the way stands in `problems`."""

    folder: Folder
    clock: Clock
    ledger: Ledger
    mailbox: Mailbox
    audience: Audience
    service: subprocess.Popen[bytes]
    rest: float = 0.0
    """Seconds of real time that a moment lasts at least, so that people can follow."""
    sleep: Callable[[float], None] = time.sleep
    problems: list[str] = field(default_factory=list)
    refused: int = 0
    waited: dict[int, str] = field(default_factory=dict)
    """Effect -> the last reason why it was put off."""
    _seen: dict[int, tuple[str, str]] = field(default_factory=dict)

    def play(self) -> None:
        """From the first delivery to the evening of the last day. Raises `Stuck`."""
        deliveries, visits = deque(data.deliveries()), deque(data.visits())
        while True:
            moment = self._next(deliveries, visits)
            if moment is None or moment > data.LAST:
                break
            began = time.monotonic()
            self._turn(moment, deliveries)
            told = self._deliver(deliveries) + self._visit(visits)
            self._settle()
            told += self._tell()
            if told:
                self.sleep(max(0.0, self.rest - (time.monotonic() - began)))
        self.clock.set(data.LAST)
        self._settle()
        self._tell()

    def _next(self, deliveries: deque[Delivery], visits: deque[Visit]) -> datetime | None:
        moments = [self.ledger.next_due(), *(queue[0].at for queue in (deliveries, visits) if queue)]
        return min((moment for moment in moments if moment is not None), default=None)

    def _turn(self, moment: datetime, deliveries: deque[Delivery]) -> None:
        """Set the clock, to the end of the breath where deliveries come; never back."""
        if deliveries and deliveries[0].at <= moment:
            moment = max(d.at for d in deliveries if d.at <= deliveries[0].at + SAME_BREATH)
        moment = max(moment, self.clock.now())
        self.clock.set(moment)
        time.sleep(HEARD)
        self.audience.moment(moment)

    def _deliver(self, deliveries: deque[Delivery]) -> int:
        sent = 0
        while deliveries and deliveries[0].at <= self.clock.now():
            delivery = deliveries.popleft()
            status = self._send(delivery)
            self.refused += status == 401
            self.audience.delivered(delivery, status)
            if status != STATUS.get(delivery.ends, 200):
                self.problems.append(f"{delivery.shop} {delivery.topic} ({delivery.file}): answered {status}, not {STATUS.get(delivery.ends, 200)}")
            sent += 1
        return sent

    def _send(self, delivery: Delivery) -> int:
        try:
            return send(self.folder, delivery).status
        except OSError as error:
            self.problems.append(f"{delivery.shop} {delivery.topic}: the service does not answer ({error})")
            return 0

    def _visit(self, visits: deque[Visit]) -> int:
        done = 0
        while visits and visits[0].at <= self.clock.now():
            wish = visits.popleft()
            try:
                visit(self.mailbox, wish)
            except (Stranded, OSError) as error:
                self.problems.append(f"{wish.note}: {error}")
            self.audience.visited(wish)
            done += 1
        return done

    def _settle(self) -> None:
        deadline = time.monotonic() + QUIET_WITHIN
        while busy := self.ledger.busy():
            if self.service.poll() is not None:
                raise Stuck("the service ended by itself: " + "; ".join(busy))
            if time.monotonic() > deadline:
                raise Stuck(f"not quiet after {QUIET_WITHIN:.0f} s on day {data.day_of(self.clock.now())}: " + "; ".join(busy))
            time.sleep(0.02)

    def _tell(self) -> int:
        """Tell the audience what became of effects since last time."""
        told = 0
        for entry in self.ledger.entries():
            look = (entry.state, entry.reason)
            if self._seen.get(entry.id, ("planned", "")) != look:
                self._seen[entry.id] = look
                if entry.state == "planned" and entry.reason:
                    self.waited[entry.id] = entry.reason
                self.audience.changed(entry)
                told += 1
        return told
