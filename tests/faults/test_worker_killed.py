"""A worker dies, or sleeps for long, at every place of the way from a due mail to a mail that the ledger calls done."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.conftest import Stand
from tests.faults.stories import delivered_last_week, placed
from tests.scenarios import scenario
from tests.service.running import Service, moment
from tests.service.shops import ALBA, ask

REQUEST = "review_request"


def killed_at(service: Service, name: str) -> datetime:
    """When somebody died there."""
    service.until(lambda: service.went_off(name), 15, f"at {name}")
    return datetime.fromtimestamp((service.failpoints / f"{name}.hit").stat().st_ctime, UTC)


def counted(service: Service, followup: str, state: str) -> bool:
    """Whether the metrics that an operator watches count it."""
    return f'postventa_effects{{followup="{followup}",state="{state}"}} 1.0' in ask(service.port, "GET", "/metrics").body.decode()


@pytest.mark.long
@pytest.mark.parametrize(("place", "followups"), [("send.at_hand", ["order_received"]), ("send.before_claim", ["order_received", "order_prepared"])])
@scenario("F6", budget=60)
def test_killed_before_anything_was_begun_the_mail_is_due_as_before_and_soon_begun(
    stand: Stand, order_ref: int, ana: str, tell: Callable[[str], None], place: str, followups: list[str]
) -> None:
    """Either right after the reading that it answers, or in the job that looks for what is due: what waits some seconds goes that way."""
    service = stand.service().start()
    service.arm(place)
    story = placed(order_ref, ana)
    service.play(ALBA, (story if place == "send.at_hand" else story.tell(status="preparando")).sent)
    died = killed_at(service, place)
    stand.sink.wait(ana, len(followups))
    service.rest()
    effects = [effect for effect in service.effects(str(order_ref)) if effect["followup"] in followups]
    begun = min(moment(service.attempts(effect["id"])[0]["at"]) for effect in effects)
    tell(f"begun again {(begun - died).total_seconds():.1f} s after the kill")
    assert (begun - died).total_seconds() <= 10
    assert [(effect["state"], effect["attempts"], effect["maybe_duplicate"]) for effect in effects] == [("done", 1, False)] * len(followups)
    assert stand.sink.followups(ana) == followups


@pytest.mark.long
@scenario("F6", budget=60)
def test_killed_with_the_claim_not_yet_committed_nothing_was_promised_to_anybody(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    service.arm("send.before_sending")
    service.play(ALBA, placed(order_ref, ana).sent)
    killed_at(service, "send.before_sending")
    stand.sink.wait(ana)
    service.rest()
    (effect,) = service.effects(str(order_ref))
    assert (effect["state"], effect["attempts"], effect["maybe_duplicate"]) == ("done", 1, False)
    assert stand.sink.followups(ana) == ["order_received"]


def asleep(service: Service) -> int:
    """The part that was stopped; waits until there is one."""

    def stopped() -> list[int]:
        return [pid for pid in service.parts.values() if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"]

    service.until(stopped, 15, "asleep")
    return stopped()[0]


@pytest.mark.long
@scenario("F7", budget=60)
def test_who_wakes_up_after_its_lease_was_taken_over_sends_nothing_and_writes_nothing(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service(recovery={"lease": 2, "sweep_every": 0.5, "doubt_after": 1.0}).start()
    service.arm("send.after_sending", "stop")
    service.play(ALBA, placed(order_ref, ana).sent)
    sleeper = asleep(service)
    stand.sink.wait(ana)
    service.rest()
    (before,) = service.effects(str(order_ref))
    story = service.attempts(before["id"])
    assert (before["state"], before["maybe_duplicate"]) == ("done", True), "another worker made it good"
    os.kill(sleeper, signal.SIGCONT)
    service.until(lambda: "no longer valid" in service.said(), 10, "awake")
    assert (service.effects(str(order_ref)), service.attempts(before["id"])) == ([before], story)
    assert stand.sink.followups(ana) == ["order_received"]


@pytest.mark.long
@scenario("F7", budget=60)
def test_a_request_whose_worker_slept_through_its_lease_stays_in_doubt_and_is_not_sent_late(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service(recovery={"lease": 2, "sweep_every": 0.5, "doubt_after": 1.0}).start()
    service.arm("send.after_sending", "stop")
    service.play(ALBA, delivered_last_week(order_ref, ana).sent)
    sleeper = asleep(service)
    service.until(lambda: service.effects(str(order_ref), followup=REQUEST, state="unknown"), 15, "in doubt")
    os.kill(sleeper, signal.SIGCONT)
    service.until(lambda: "no longer valid" in service.said(), 10, "awake")
    service.rest()
    (effect,) = service.effects(str(order_ref), followup=REQUEST)
    assert (effect["state"], effect["attempts"], stand.sink.to(ana)) == ("unknown", 1, [])


@scenario("F8", budget=60)
def test_killed_before_the_mail_server_heard_of_it_an_order_mail_is_sent_once_after_the_doubt(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    service.arm("send.after_sending")
    service.play(ALBA, placed(order_ref, ana).sent)
    killed_at(service, "send.after_sending")
    stand.sink.wait(ana)
    service.rest()
    (effect,) = service.effects(str(order_ref))
    story = service.attempts(effect["id"])
    assert [step["outcome"] for step in story] == ["sending", "in_doubt", "resumed", "sending", "sent"]
    waited = moment(story[3]["at"]) - moment(story[0]["at"])
    assert waited.total_seconds() >= service.sections["recovery"]["doubt_after"]
    assert (effect["state"], effect["maybe_duplicate"], stand.sink.followups(ana)) == ("done", True, ["order_received"])


@scenario("F9", budget=60)
def test_killed_after_the_mail_server_took_it_an_order_mail_comes_twice_at_most_under_one_id(
    stand: Stand, order_ref: int, ana: str, tell: Callable[[str], None]
) -> None:
    service = stand.service().start()
    service.arm("send.after_answer")
    service.play(ALBA, placed(order_ref, ana).sent)
    first, second = stand.sink.wait(ana, 2)
    assert service.went_off("send.after_answer")
    service.rest()
    (effect,) = service.effects(str(order_ref))
    tell(f"the second one {second.at - first.at:.1f} s after the first")
    assert first.message_id == second.message_id == effect["message_id"]
    assert (effect["state"], effect["maybe_duplicate"], effect["attempts"], len(stand.sink.to(ana))) == ("done", True, 2, 2)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "arrives"),
    [
        pytest.param("send.after_sending", False, marks=[pytest.mark.scenario("F8", budget=60)]),
        pytest.param("send.after_answer", True, marks=[pytest.mark.scenario("F9", budget=60)]),
    ],
    ids=["before the mail server heard of it", "after it was taken"],
)
def test_a_request_for_a_review_is_never_repeated_and_the_doubt_is_seen(stand: Stand, order_ref: int, ana: str, name: str, arrives: bool) -> None:
    service = stand.service().start()
    service.arm(name)
    service.play(ALBA, delivered_last_week(order_ref, ana).sent)
    killed_at(service, name)
    service.until(lambda: service.effects(str(order_ref), followup=REQUEST, state="unknown"), 15, "in doubt")
    time.sleep(service.sections["recovery"]["doubt_after"] + 1)  # when an order mail would have gone out once more
    service.rest()
    (effect,) = service.effects(str(order_ref), followup=REQUEST)
    assert (effect["state"], effect["attempts"], "please look" in effect["reason"]) == ("unknown", 1, True)
    assert stand.sink.followups(ana) == ([REQUEST] if arrives else [])
    assert counted(service, REQUEST, "unknown")


@pytest.mark.long
@scenario("F9", budget=60)
def test_killed_when_the_ledger_knew_already_nothing_comes_of_it(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    service.arm("send.after_done")
    service.play(ALBA, placed(order_ref, ana).sent)
    killed_at(service, "send.after_done")
    service.until(service.ready, 15, "whole again")
    time.sleep(service.sections["recovery"]["doubt_after"] + 1)
    service.rest()
    (effect,) = service.effects(str(order_ref))
    assert (effect["state"], effect["attempts"], effect["maybe_duplicate"]) == ("done", 1, False)
    assert stand.sink.followups(ana) == ["order_received"]
