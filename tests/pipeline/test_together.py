"""Many hands at the same orders at the same time: nobody waits in a circle, nothing is lost, nothing doubled."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Engine

from jobs.ask import is_urgent
from jobs.create_return_label import create_return_label
from jobs.process_inbound import process_inbound
from jobs.send_mails import send_mails
from jobs.send_message import send_message
from postventa import effects
from postventa.models.db import reading
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import HOUR, MINUTE, NOON, WooOrder, tracked
from webhooks.inbox import Inbox, Raw

ORDERS = 6


def test_four_workers_at_once(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON + 3 * HOUR)
    house = House(engine, clock, tmp_path, alba())
    inbox = Inbox(engine, lambda shops: None)
    ids: list[int | None] = []
    for ref in range(4001, 4001 + ORDERS):
        order = WooOrder(ref, NOON, email="ana@cliente.example").tell("order.created").tell(after=MINUTE, status="preparando")
        order.tell(after=HOUR, status="enviado", meta_data=tracked((f"PK{ref}", NOON))).tell(after=MINUTE, status="devolucion")
        raws = [Raw(house.shops["woocommerce"], "woocommerce", sent.topic, sent.delivery_id, {}, sent.body) for sent in order.sent]
        for raw in raws:
            inbox.store(raw)
        ids += [house.unread(raw) for raw in raws]
    random.Random(7).shuffle(ids)

    def worker(mine: list[int]) -> None:
        for row_id in mine:
            process_inbound(row_id)
            send_what_is_due()

    def send_what_is_due() -> None:
        with reading(engine) as session:
            due = effects.due(session, 50)
        if any(is_urgent(effect) for effect in due):
            send_mails(1)
        for effect in due:
            if not is_urgent(effect):
                (create_return_label if effect.kind == "label" else send_message)(effect.id)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(worker, [i for i in ids[n::4] if i is not None]) for n in range(4)]:
            done.result(timeout=200)
    house.until(clock.now() + HOUR)
    assert {row.state for row in house.inbound()} <= {"done", "superseded"}
    assert Counter(str(mail["X-Postventa-Followup"]) for mail in house.postman.mails) == {
        "order_received": ORDERS,
        "order_prepared": ORDERS,
        "shipped": ORDERS,
        "return_label": ORDERS,
    }
