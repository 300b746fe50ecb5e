"""A mail server that says later, no, or nothing at all: what is tried again, what is given up, and what is left in doubt."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.peers.smtp import HANG_UP, NOBODY, NOT_YET, Sink
from tests.pipeline.stories import DAY, HOUR, MINUTE, WooOrder, tracked
from tests.service.running import Service, service
from tests.service.shops import ALBA

AT_ANY_HOUR = {"settle": 0.3, "quiet_from": "00:00", "quiet_until": "00:00"}


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Service]:
    """As everywhere here, and mails that are not urgent go out at night too."""
    with service(tmp_path_factory.mktemp("up"), sink, journey=AT_ANY_HOUR) as running:
        yield running.start()


def lately() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - 2 * MINUTE


def placed(ref: int, email: str) -> WooOrder:
    return WooOrder(ref, lately(), email).tell("order.created")


def delivered_last_week(ref: int, email: str) -> WooOrder:
    """Its request for a review is due at once."""
    return WooOrder(ref, lately() - 9 * DAY, email).tell("order.created").tell(after=2 * DAY - HOUR, status="entregado")


def attempts(running: Service, effect_id: int) -> list[dict[str, str]]:
    found: list[dict[str, str]] = running.json("ledger", "--attempts", str(effect_id))["attempts"]
    return found


def test_a_server_that_says_later_gets_every_mail_later_once_and_in_order(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    jon, ref = f"jon.{order_ref}@cliente.example", order_ref + 500_000
    order = placed(order_ref, ana).tell(after=MINUTE, status="preparando").tell(after=MINUTE / 2, status="enviado")
    with sink.answering(ana, NOT_YET, at="recipient"), sink.answering(jon, NOT_YET):
        lasting.play(ALBA, [*order.sent, *placed(ref, jon).sent])
        sink.wait(jon)
        sink.wait(ana, 3)
    lasting.rest()
    assert (sink.followups(ana), sink.followups(jon)) == (["order_received", "order_prepared", "shipped"], ["order_received"])
    effects = [*lasting.effects(str(order_ref)), *lasting.effects(str(ref))]
    assert {(effect["state"], effect["maybe_duplicate"]) for effect in effects} == {("done", False)}
    (first,) = lasting.effects(str(order_ref), followup="order_received")
    assert lasting.outcomes(first["id"]) == ["sending", "retry", "sending", "sent"]
    assert "451 4.3.0 try again later" in [step["detail"] for step in attempts(lasting, first["id"]) if step["outcome"] == "retry"][-1]


def test_a_customer_that_nobody_knows_is_written_to_no_more_and_the_ledger_says_why(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    order = placed(order_ref, ana)
    with sink.answering(ana, NOBODY, at="recipient"):
        lasting.play(ALBA, order.sent)
        lasting.rest(str(order_ref))
    lasting.play(ALBA, order.tell(after=MINUTE, status="enviado", meta_data=tracked(("PK1", lately()))).sent[1:])
    lasting.rest(str(order_ref))
    assert sink.to(ana) == []
    received, shipped = lasting.effects(str(order_ref), kind="mail")
    assert (received["state"], received["attempts"]) == ("suppressed", 1)
    assert "550" in received["reason"]
    assert "nobody of that name" in received["reason"]
    assert (shipped["state"], shipped["attempts"]) == ("suppressed", 0)
    assert "blocked" in shipped["reason"]


def test_a_line_cut_after_the_last_dot_leads_to_one_more_mail_under_the_same_id(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    with sink.answering(ana, HANG_UP):
        lasting.play(ALBA, placed(order_ref, ana).sent)
        first = sink.wait(ana)[0]
        sink.wait(ana, 2)
    lasting.rest(str(order_ref))
    second = sink.to(ana)[-1]
    (effect,) = lasting.effects(str(order_ref))
    assert (len(sink.to(ana)), effect["state"], effect["maybe_duplicate"]) == (2, "done", True)
    assert first.message_id == second.message_id == effect["message_id"]
    assert second.at - first.at >= lasting.sections["recovery"]["doubt_after"] - 0.1
    assert lasting.outcomes(effect["id"]) == ["sending", "in_doubt", "resumed", "sending", "sent"]


def test_a_line_cut_twice_ends_in_a_doubt_that_a_person_sees_and_no_third_mail(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    with sink.answering(ana, HANG_UP, HANG_UP, HANG_UP):
        lasting.play(ALBA, placed(order_ref, ana).sent)
        sink.wait(ana, 2)
        lasting.until(lambda: "please look" in lasting.effects(str(order_ref))[0]["reason"], 10, "left to a person")
        time.sleep(lasting.sections["recovery"]["doubt_after"] + 1.5)
    assert len(sink.to(ana)) == 2
    (effect,) = lasting.effects(str(order_ref))
    assert effect["state"] == "unknown"


def test_a_request_for_a_review_in_doubt_is_never_repeated(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    with sink.answering(ana, HANG_UP):
        lasting.play(ALBA, delivered_last_week(order_ref, ana).sent)
        sink.wait(ana)
        lasting.until(lambda: lasting.effects(str(order_ref), followup="review_request", state="unknown"), 10, "in doubt")
        time.sleep(lasting.sections["recovery"]["doubt_after"] + 1.5)
    assert sink.followups(ana) == ["review_request"]
    (effect,) = lasting.effects(str(order_ref), followup="review_request")
    assert (effect["state"], lasting.outcomes(effect["id"])) == ("unknown", ["sending", "in_doubt"])


def test_one_customer_in_trouble_keeps_nobody_else_waiting(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    with sink.answering(ana, NOT_YET, NOT_YET, NOT_YET):
        lasting.play(ALBA, placed(order_ref, ana).sent)
        lasting.play(ALBA, placed(order_ref + 500_000, f"jon.{order_ref}@cliente.example").sent)
        sink.wait(f"jon.{order_ref}@cliente.example")


def test_later_steps_wait_until_a_doubt_about_an_earlier_one_is_over(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    """Each at least once, and never «we have your order» after «it has left»."""
    order = placed(order_ref, ana)
    with sink.answering(ana, HANG_UP):
        lasting.play(ALBA, order.sent)
        sink.wait(ana)
        lasting.play(ALBA, order.tell(after=MINUTE, status="enviado", meta_data=tracked(("PK1", lately()))).sent[1:])
        sink.wait(ana, 3)
    lasting.rest(str(order_ref))
    assert sink.followups(ana) == ["order_received", "order_received", "shipped"]
    assert [effect["state"] for effect in lasting.effects(str(order_ref))] == ["done", "done"]
