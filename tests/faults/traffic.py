"""Shops that never stop selling: stories of orders, delivered at a steady rate by a shop that repeats what was not taken, and some of what was."""

from __future__ import annotations

import heapq
import itertools
import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException

from tests.checker.account import Taken
from tests.pipeline.stories import DAY, HOUR, MINUTE, Sent, ShopifyOrder, WooOrder, stamp, tracked
from tests.service.shops import ALBA, LOLA, OTTO, Shop

SWITCH = 0.0002
"""Seconds after which one of our threads gives way: the mail server lives in this process too, and must not answer late because a shop is busy."""
AGAIN = 0.5
"""Seconds until a delivery that was not taken is sent again."""
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Story:
    """An order's deliveries in their order, and the mails that they call for."""

    shop: Shop
    order_ref: str
    sent: tuple[Sent, ...]
    mails: frozenset[str]


def whole_journey(ref: int, email: str, at: datetime, shop: Shop = ALBA) -> Story:
    order = WooOrder(ref, at, email).tell("order.created").tell(after=SECOND, status="preparando")
    order.tell(after=SECOND, status="enviado", meta_data=tracked((f"PK{ref}", order.at + SECOND))).tell(after=SECOND, status="entregado")
    return Story(shop, str(ref), tuple(order.sent), frozenset({"order_received", "order_prepared", "shipped", "delivered"}))


def german_journey(ref: int, email: str, at: datetime) -> Story:
    return whole_journey(ref, email, at, OTTO)


def shopify_journey(ref: int, email: str, at: datetime) -> Story:
    order = ShopifyOrder(ref, at, email)
    order.body["line_items"] = order.body["line_items"][:1]
    order.tell("orders/create").fulfil(ref * 10, 11, after=SECOND)
    order.scan(ref * 10, "out_for_delivery", after=SECOND).scan(ref * 10, "delivered", after=SECOND)
    return Story(LOLA, str(ref), tuple(order.sent), frozenset({"shipped", "out_for_delivery", "delivered"}))


def cancelled(ref: int, email: str, at: datetime) -> Story:
    order = WooOrder(ref, at, email).tell("order.created").tell(after=SECOND, status="cancelled")
    return Story(ALBA, str(ref), tuple(order.sent), frozenset({"order_received", "order_cancelled"}))


def returned(ref: int, email: str, at: datetime) -> Story:
    order = WooOrder(ref, at - DAY, email).tell("order.created").tell(after=HOUR, status="entregado").tell(after=DAY - HOUR, status="devolucion")
    return Story(ALBA, str(ref), tuple(order.sent), frozenset({"return_label"}))


def reviewed(ref: int, email: str, at: datetime) -> Story:
    """Delivered a week ago, and only now told: a request is due at once, and nothing else is news."""
    order = WooOrder(ref, at - 9 * DAY, email).tell("order.created").tell(after=2 * DAY - HOUR, status="entregado")
    return Story(ALBA, str(ref), tuple(order.sent), frozenset({"review_request"}))


def catalogue(ref: int, email: str, at: datetime) -> Story:
    """Somebody edits a product: most of what a shop sends is of no concern to customers."""
    texts = [json.dumps({"id": ref, "name": f"Taza «Alba» {number}", "date_modified_gmt": stamp(at + number * SECOND)}) for number in range(4)]
    sent = [Sent("product.updated", text.encode(), at, f"p{ref}-{number}") for number, text in enumerate(texts)]
    return Story(ALBA, f"product {ref}", tuple(sent), frozenset())


MIX: tuple[tuple[int, Callable[[int, str, datetime], Story]], ...] = (
    (40, whole_journey),
    (25, shopify_journey),
    (15, german_journey),
    (5, cancelled),
    (8, returned),
    (7, reviewed),
    (135, catalogue),
)
"""Three of five deliveries are the catalogue's, as with real shops."""


@dataclass
class Traffic:
    """`rate`: new deliveries a second. `repeated`: which part of them is sent once more although it was taken."""

    port: int
    rate: float
    seed: int = 1
    repeated: float = 0.1
    pause: float = 1.5
    """Seconds between two deliveries of one order, at least."""
    senders: int = 24
    first: int = 100_000
    taken: list[Taken] = field(default_factory=list)
    expected: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    """How long each answer of 2xx took."""
    _due: list[tuple[float, int, Story, int]] = field(default_factory=list)
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _tie: Iterator[int] = field(default_factory=itertools.count)
    _over: bool = False
    _open: int = 0

    def email(self, ref: int) -> str:
        return f"{ref}@cliente.example"

    @contextmanager
    def flowing(self, deliveries: int) -> Iterator[Traffic]:
        """Send in the background; `finish` waits for the last of about so many."""
        threads = [threading.Thread(target=self._send, name=f"shop-{n}", daemon=True) for n in range(self.senders)]
        threads.append(threading.Thread(target=self._sell, args=(deliveries,), name="shop", daemon=True))
        before = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH)
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            with self._lock:
                self._over = True
                self._lock.notify_all()
            for thread in threads:
                thread.join(20)
            sys.setswitchinterval(before)

    def percentile(self, part: float) -> float:
        """Seconds within which that part of the answers came."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(len(self.seconds) * part))]

    def finish(self, seconds: float) -> None:
        """Wait until everything was taken; fails the test when that takes longer."""
        deadline = time.monotonic() + seconds
        with self._lock:
            while self._open or self._due or not self._sold:
                left = deadline - time.monotonic()
                assert left > 0, f"{len(self._due)} deliveries were not taken within {seconds:g} s: {self.answers}"
                self._lock.wait(min(left, 1.0))

    _sold: bool = False

    def _sell(self, deliveries: int) -> None:
        """New orders, so that all their deliveries together come at the rate."""
        dice, began, planned = random.Random(self.seed), time.monotonic(), 0
        kinds = [kind for weight, kind in MIX for _ in range(weight)]
        for ref in itertools.count(self.first):
            if planned >= deliveries or self._over:
                break
            wait = began + planned / self.rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            now = datetime.now(UTC).replace(microsecond=0) - MINUTE
            story = dice.choice(kinds)(ref, self.email(ref), now)
            self.expected[story.shop.key, story.order_ref] = set(story.mails)
            planned += len(story.sent)
            self._later(story, 0, 0)
        with self._lock:
            self._sold = True
            self._lock.notify_all()

    def _later(self, story: Story, step: int, seconds: float) -> None:
        with self._lock:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._tie), story, step))
            self._lock.notify()

    def _next(self) -> tuple[Story, int] | None:
        with self._lock:
            while not self._over:
                wait = self._due[0][0] - time.monotonic() if self._due else 5.0
                if wait <= 0:
                    self._open += 1
                    _, _, story, step = heapq.heappop(self._due)
                    return story, step
                self._lock.wait(wait)
            return None

    def _send(self) -> None:
        dice = random.Random(threading.get_ident())
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        while (task := self._next()) is not None:
            story, step = task
            if self._deliver(connection, story, step):
                if dice.random() < self.repeated:
                    self._deliver(connection, story, step)
                if step + 1 < len(story.sent):
                    self._later(story, step + 1, self.pause)
            else:
                self._later(story, step, AGAIN)
            with self._lock:
                self._open -= 1
                self._lock.notify_all()
        connection.close()

    def _deliver(self, connection: HTTPConnection, story: Story, step: int) -> bool:
        sent, began = story.sent[step], time.monotonic()
        try:
            connection.request("POST", story.shop.path, sent.body, dict(story.shop.headers(sent)))
            with connection.getresponse() as answer:
                answer.read()
                said = str(answer.status)
        except (OSError, HTTPException) as error:
            connection.close()  # the next request opens another
            said = type(error).__name__
        taken = said.startswith("2")
        with self._lock:
            self.answers[said] = self.answers.get(said, 0) + 1
            if taken:
                self.seconds.append(time.monotonic() - began)
                self.taken.append(Taken.of(story.shop.key, sent.topic, sent.delivery_id, sent.body, story.order_ref))
        return taken
