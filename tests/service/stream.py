"""Orders that keep coming while something breaks, and the account that has to be right afterwards."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.peers.smtp import Sink
from tests.pipeline.stories import MINUTE, WooOrder
from tests.service.running import Service
from tests.service.shops import ALBA


@dataclass
class Stream:
    """What a shop sent in the meantime."""

    service: Service
    first: int
    every: float = 0.05
    acked: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    """Seconds until each answer."""
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def usual(self) -> float:
        """Seconds that half of the answers took at most."""
        return statistics.median(self.took)

    def email(self, ref: int) -> str:
        return f"{ref}@cliente.example"

    def send(self) -> None:
        """One new order after the other, until told to stop. One that was not taken is not sent again: the next one is another order."""
        ref = self.first
        while not self._over.wait(self.every):
            self.one(ref)
            ref += 1

    def one(self, ref: int) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        (sent,) = WooOrder(ref, now - MINUTE, self.email(ref)).tell("order.created").sent
        began = time.monotonic()
        try:
            status = self.service.deliver(ALBA, sent).status
        except (OSError, http.client.HTTPException) as error:
            self.refused.append(repr(error))
            return
        self.took.append(time.monotonic() - began)
        if status == 200:
            self.acked.append(ref)
        else:
            self.refused.append(str(status))

    @contextmanager
    def flowing(self) -> Iterator[Stream]:
        """Send in the background while the block runs."""
        thread = threading.Thread(target=self.send, name="shop")
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join(90)

    def account(self, sink: Sink) -> None:
        """Every order that was taken has its mail; one that came twice was in doubt, and is the same message."""
        effects = {int(effect["order"]): effect for effect in self.service.effects(followup="order_received")}
        for ref in self.acked:
            mails = sink.to(self.email(ref))
            assert ref in effects, f"order {ref} was taken and is not in the ledger"
            effect = effects[ref]
            assert effect["state"] == "done", effect
            assert len({mail.message_id for mail in mails}) == 1, f"order {ref}: {len(mails)} mails"
            assert len(mails) == 1 or (len(mails) == 2 and effect["maybe_duplicate"]), f"order {ref}: {len(mails)} mails, {effect}"
