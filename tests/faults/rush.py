"""Many deliveries a second, each sent once over a connection of its own, as shops do; and the account that has to be right afterwards.

One in five is a new order, which gets its mail; the others are of a kind that we only keep, so that what is proven of them is quickly read.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPException

from tests.checker.account import Taken
from tests.peers.smtp import Sink
from tests.pipeline.stories import MINUTE, Sent, WooOrder
from tests.service.running import Service
from tests.service.shops import ALBA, ask


@dataclass
class Rush:
    """`rate`: deliveries a second. What was not taken is written down, and sent again only with `stubborn`."""

    service: Service
    rate: float = 50.0
    first: int = 300_000
    senders: int = 8
    stubborn: bool = False
    taken: dict[int, float] = field(default_factory=dict)
    """Delivery -> when its 200 came (monotonic)."""
    missed: list[tuple[float, str]] = field(default_factory=list)
    """When, and what was answered instead: a status, or a broken connection."""
    slowest: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def flowing(self) -> Iterator[Rush]:
        """Send in the background while the block runs."""
        began = time.monotonic()
        threads = [threading.Thread(target=self._send, args=(n, began), name=f"shop-{n}") for n in range(self.senders)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in threads:
                thread.join(30)

    def answers(self, status: str) -> int:
        """How often that was said."""
        return self.why[status]

    @property
    def why(self) -> Counter[str]:
        """What was answered instead of 200, and how often."""
        return Counter(said for _, said in self.missed)

    def account(self, sink: Sink) -> None:
        """All that was taken is in the inbox; each order is in the ledger, done, and its mail came once; twice only if that stands there.

        A mail whose worker was killed twice while sending is left to a person: then it came, and its row says that nobody knows.
        """
        stored = Counter(row["delivery_id"] for row in self.service.deliveries())
        assert [ref for ref in self.taken if stored[name(ref)] != 1] == []
        effects = {int(effect["order"]): effect for effect in self.service.effects(followup="order_received")}
        arrived = Counter(recipient for mail in tuple(sink.mails) if mail.followup == "order_received" for recipient in mail.recipients)
        wrong = []
        for ref in filter(is_order, self.taken):
            effect, mails = effects.get(ref), arrived[email(ref)]
            settled = effect is not None and (effect["state"] == "done" or (effect["state"] == "unknown" and effect["maybe_duplicate"]))
            if effect is None or not settled or mails != 1 + (mails == 2 and effect["maybe_duplicate"]):
                wrong.append((ref, effect, mails))
        assert not wrong, wrong[:5]

    def _send(self, number: int, began: float) -> None:
        for turn in range(number, 10**9, self.senders):
            if self._over.wait(max(0.0, began + turn / self.rate - time.monotonic())):
                break
            sent = delivery(self.first + turn)
            while not self._deliver(self.first + turn, sent) and self.stubborn and not self._over.wait(0.5):
                pass

    def one(self, ref: int) -> bool:
        """Deliver it now; whether it was taken."""
        return self._deliver(ref, delivery(ref))

    def _deliver(self, ref: int, sent: Sent) -> bool:
        began = time.monotonic()
        try:
            said = str(ask(self.service.port, "POST", ALBA.path, sent.body, ALBA.headers(sent)).status)
        except (OSError, HTTPException) as error:
            said = repr(error)
        ended = time.monotonic()
        with self._lock:
            self.slowest = max(self.slowest, ended - began)
            if said == "200":
                self.taken[ref] = ended
                self.service.taken.append(Taken.of(ALBA.key, sent.topic, sent.delivery_id, sent.body))
            else:
                self.missed.append((ended, said))
        return said == "200"


def delivery(ref: int) -> Sent:
    """What the shop sends under this number."""
    now = datetime.now(UTC).replace(microsecond=0) - MINUTE
    if not is_order(ref):
        return Sent("product.updated", json.dumps({"id": ref}).encode(), now, name(ref))
    return replace(WooOrder(ref, now, email(ref)).tell("order.created").sent[0], delivery_id=name(ref))


def is_order(ref: int) -> bool:
    return ref % 5 == 0


def name(ref: int) -> str:
    """The delivery's own id."""
    return f"rush-{ref}"


def email(ref: int) -> str:
    return f"{ref}@cliente.example"
