"""The end of the service, and what its next start finds."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path

from tests.peers.smtp import Sink
from tests.pipeline.stories import HOUR, MINUTE, WooOrder
from tests.runtime.processes import PATIENCE, alive, slay
from tests.service.running import service
from tests.service.shops import ALBA
from tests.service.stream import Stream


def lately() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - 3 * HOUR


def test_one_signal_ends_it_in_the_middle_of_work_and_nothing_is_in_doubt_afterwards(tmp_path: Path, sink: Sink) -> None:
    with service(tmp_path / "up", sink) as running:
        running.start()
        sink.slowness = 0.05
        with Stream(running, 30_000, every=0.02).flowing() as orders:
            running.until(lambda: len(orders.acked) > 15, 10, "busy")
            assert running.process is not None
            everyone = [running.process.pid, *running.parts.values()]
            running.process.terminate()
            assert running.process.wait(PATIENCE) == 0
        sink.slowness = 0.0
        assert not [pid for pid in everyone if alive(pid)]
        assert {effect["state"] for effect in running.effects()} <= {"planned", "done"}, "what was begun was finished, the rest waits"
        running.start()
        running.rest()
        orders.account(sink)
        assert all(len(sink.to(orders.email(ref))) == 1 for ref in orders.acked), "nobody was killed, so nothing came twice"


def test_what_happened_while_it_was_down_is_made_good_in_order_at_the_next_start(tmp_path: Path, sink: Sink, order_ref: int, ana: str) -> None:
    with service(tmp_path / "up", sink) as running:
        running.start()
        order = WooOrder(order_ref, lately(), ana).tell("order.created").tell(after=HOUR, status="entregado")
        sink.slowness = 1.0
        try:
            running.play(ALBA, order.sent)
            running.stop()
        finally:
            sink.slowness = 0.0
        running.start()
        running.rest()
        assert sink.followups(ana) == ["order_received", "delivered"]
        planned = running.json("ledger", "--order", str(order_ref))["effects"]
        assert [effect["followup"] for effect in planned if effect["state"] == "planned"] == ["review_request"]


def test_everything_killed_at_once_loses_nothing_that_was_taken(tmp_path: Path, sink: Sink) -> None:
    with service(tmp_path / "up", sink) as running:
        running.start()
        sink.slowness = 0.05
        with Stream(running, 50_000, every=0.02).flowing() as orders:
            running.until(lambda: len(orders.acked) > 15, 10, "busy")
            assert running.process is not None
            everyone = (running.process.pid, *running.parts.values())
            slay(everyone)
            running.process.wait(PATIENCE)
            running.until(lambda: not any(alive(pid) for pid in everyone), 10, "gone")
        sink.slowness = 0.0
        running.start()
        running.rest()
        orders.account(sink)


def test_the_head_alone_killed_takes_everybody_with_it(tmp_path: Path, sink: Sink) -> None:
    with service(tmp_path / "up", sink) as running:
        running.start()
        assert running.process is not None
        everyone = list(running.parts.values())
        running.process.kill()
        running.process.wait(PATIENCE)
        running.until(lambda: not any(alive(pid) for pid in everyone), 10, "gone")
        running.start()
        now = datetime.now(UTC).replace(microsecond=0) - MINUTE
        running.play(ALBA, WooOrder(1, now, "uno@cliente.example").tell("order.created").sent)
        sink.wait("uno@cliente.example")
        assert running.stop() == 0


def test_ctrl_c_ends_it_in_good_order_and_all_of_it(tmp_path: Path, sink: Sink) -> None:
    with service(tmp_path / "up", sink) as running:
        running.start()
        assert running.process is not None
        everyone = [running.process.pid, *running.parts.values()]
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(PATIENCE) == 0
        assert not [pid for pid in everyone if alive(pid)]
