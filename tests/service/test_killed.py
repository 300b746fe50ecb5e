"""`kill -9` of any one process while orders keep coming: it comes back by itself, nothing is lost, and what may come twice is the same message."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.peers.smtp import Mail, Sink, kill_sender, owner
from tests.pipeline.stories import DAY, HOUR, MINUTE, WooOrder
from tests.runtime.processes import slay
from tests.service.running import PARTS, Service, service
from tests.service.shops import ALBA
from tests.service.stream import Stream

_first = itertools.count(20_000, 1_000)
AT_ANY_HOUR = {"settle": 0.5, "quiet_from": "00:00", "quiet_until": "00:00"}


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Service]:
    """As everywhere here, and mails that are not urgent go out at night too."""
    with service(tmp_path_factory.mktemp("up"), sink, journey=AT_ANY_HOUR) as running:
        yield running.start()


@pytest.mark.parametrize("part", sorted(PARTS))
def test_whichever_process_is_killed_every_order_that_was_taken_gets_its_mail(lasting: Service, sink: Sink, part: str) -> None:
    victim = lasting.parts[part]
    sink.slowness = 0.03
    try:
        with Stream(lasting, next(_first)).flowing() as orders:
            lasting.until(lambda: len(orders.acked) > 5, 10, "busy")
            os.kill(victim, signal.SIGKILL)
            lasting.until(lambda: lasting.parts.get(part, victim) != victim, 5, f"{part} again")
            lasting.until(lasting.ready, 10, "ready again")
            before = len(orders.acked)
            lasting.until(lambda: len(orders.acked) > before + 3, 10, "busy again")
        lasting.rest()
    finally:
        sink.slowness = 0.0
    assert orders.refused == [] or part == "pv-web-1", "only the web can be missed, and then the shop was told so"
    orders.account(sink)


def test_a_process_that_is_killed_again_and_again_comes_back_every_time(lasting: Service, sink: Sink) -> None:
    with Stream(lasting, next(_first), every=0.2).flowing() as orders:
        for _ in range(2):
            for part in ("pv-worker-now-1", "pv-worker-now-2", "valkey-server"):
                lasting.until(lambda name=part: name in lasting.parts, 15, f"there: {part}")  # type: ignore[misc]
                slay([lasting.parts[part]])
            lasting.until(lasting.ready, 15, "ready again")
    lasting.rest(seconds=40)
    orders.account(sink)


def placed(ref: int, email: str) -> WooOrder:
    return WooOrder(ref, datetime.now(UTC).replace(microsecond=0) - MINUTE, email).tell("order.created")


def delivered_last_week(ref: int, email: str) -> WooOrder:
    """Its request for a review is due at once."""
    order = WooOrder(ref, datetime.now(UTC).replace(microsecond=0) - 9 * DAY, email)
    return order.tell("order.created").tell(after=2 * DAY - HOUR, status="entregado")


def kill_when_it_arrives(sink: Sink, recipient: str) -> None:
    """The worker dies when its message has arrived, before it hears so: once."""
    before = sink.at_message

    def at_message(mail: Mail, peer: int) -> str | None:
        if recipient in mail.recipients:
            sink.at_message = before
            kill_sender(peer)
        return None

    sink.at_message = at_message


def kill_before_it_arrives(sink: Sink, recipient: str) -> None:
    """The worker dies when it has said for whom, before it hands the message over: once."""
    before = sink.at_recipient

    def at_recipient(name: str, peer: int) -> str | None:
        if name == recipient:
            sink.at_recipient = before
            kill_sender(peer)
        return None

    sink.at_recipient = at_recipient


def test_a_worker_killed_before_the_message_was_handed_over_is_made_good_once(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    kill_before_it_arrives(sink, ana)
    lasting.play(ALBA, placed(order_ref, ana).sent)
    sink.wait(ana)
    lasting.rest(str(order_ref))
    (effect,) = lasting.effects(str(order_ref))
    assert (len(sink.to(ana)), effect["state"], effect["maybe_duplicate"]) == (1, "done", True)
    assert lasting.outcomes(effect["id"]) == ["sending", "in_doubt", "resumed", "sending", "sent"]


def test_a_worker_killed_after_the_message_was_taken_sends_it_once_more_under_the_same_id(
    lasting: Service, sink: Sink, order_ref: int, ana: str
) -> None:
    kill_when_it_arrives(sink, ana)
    lasting.play(ALBA, placed(order_ref, ana).sent)
    first, second = sink.wait(ana, 2)
    lasting.rest(str(order_ref))
    (effect,) = lasting.effects(str(order_ref))
    assert first.message_id == second.message_id == effect["message_id"]
    assert second.at - first.at >= lasting.sections["recovery"]["doubt_after"] - 0.5, "it waited for news of the first one"
    assert (len(sink.to(ana)), effect["state"], effect["maybe_duplicate"]) == (2, "done", True)


@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "not arrived"])
def test_a_request_for_a_review_is_never_repeated_whatever_the_doubt(lasting: Service, sink: Sink, order_ref: int, ana: str, arrived: bool) -> None:
    (kill_when_it_arrives if arrived else kill_before_it_arrives)(sink, ana)
    lasting.play(ALBA, delivered_last_week(order_ref, ana).sent)
    lasting.until(lambda: lasting.effects(str(order_ref), followup="review_request", state="unknown"), 30, "in doubt")
    time.sleep(lasting.sections["recovery"]["doubt_after"] + 1)
    (effect,) = lasting.effects(str(order_ref), followup="review_request")
    assert (effect["state"], lasting.outcomes(effect["id"])) == ("unknown", ["sending", "in_doubt"])
    assert "please look" in effect["reason"]
    assert sink.followups(ana) == (["review_request"] if arrived else [])


def hang_when_addressed(sink: Sink, recipient: str) -> list[int]:
    """The worker stops moving, without dying, when it has said for whom. The list will hold its process id."""
    before, stopped = sink.at_recipient, list[int]()

    def at_recipient(name: str, peer: int) -> str | None:
        if name == recipient:
            sink.at_recipient = before
            stopped.append(owner(peer))
            os.kill(stopped[0], signal.SIGSTOP)
        return None

    sink.at_recipient = at_recipient
    return stopped


def test_a_worker_that_hangs_and_wakes_up_much_later_changes_nothing_any_more(tmp_path: Path, sink: Sink, order_ref: int, ana: str) -> None:
    patience = {"lease": 6, "sweep_every": 0.5, "doubt_after": 1.0}
    with service(tmp_path / "up", sink, journey=AT_ANY_HOUR, recovery=patience) as running:
        running.start()
        jon, ref = f"jon.{order_ref}@cliente.example", order_ref + 500_000
        asleep = hang_when_addressed(sink, ana)
        running.play(ALBA, placed(order_ref, ana).sent)
        sink.wait(ana, 1)
        asleep_too = hang_when_addressed(sink, jon)
        running.play(ALBA, delivered_last_week(ref, jon).sent)
        running.until(lambda: running.effects(str(ref), followup="review_request", state="unknown"), 15, "in doubt")
        (before,) = running.effects(str(order_ref))
        assert (before["state"], before["maybe_duplicate"]) == ("done", True), "another worker made it good"
        for pid in asleep + asleep_too:
            os.kill(pid, signal.SIGCONT)
        sink.wait(ana, 2)
        sink.wait(jon, 1)
        running.rest()
        assert running.effects(str(order_ref)) == [before], "who comes too late writes nothing"
        assert len({mail.message_id for mail in sink.to(ana)}) == 1
        assert (len(sink.to(ana)), len(sink.to(jon))) == (2, 1)
        assert running.stop() == 0
