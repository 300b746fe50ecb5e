"""The customers' mail server says later, no, or nothing at all; breaks off, hangs, or is away for hours."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.mail.base import MailboxFull
from postventa.models import Effect
from postventa.models.db import connect, transaction
from postventa.outages import PROBE
from tests.faults.conftest import Stand
from tests.faults.stories import delivered_last_week, lately, placed
from tests.peers.smtp_faults import Fault, Step
from tests.pipeline.stories import HOUR, MINUTE, WooOrder, tracked
from tests.scenarios import scenario
from tests.service.running import Service, moment
from tests.service.shops import ALBA

MARA = str(ALBA.settings["alert_email"])
REQUEST = "review_request"


def pass_time(service: Service, span: timedelta) -> None:
    """So much time goes by on both clocks: the product's says so, and what rests on the machine's rests so much less."""
    service.settings.product_clock().set(service.now() + span)
    engine = connect(service.settings.database_url)
    try:
        with transaction(engine) as session:
            for effect in session.scalars(select(Effect).where(Effect.state == "planned").with_for_update()):
                effect.not_before -= span
    finally:
        engine.dispose()


def outcomes(service: Service, effect: dict[str, object]) -> list[str]:
    return [step["outcome"] for step in service.attempts(int(str(effect["id"])))]


@scenario("F10", budget=60)
@pytest.mark.parametrize("kept", [True, pytest.param(False, marks=pytest.mark.long)], ids=["it arrived", "it did not arrive"])
def test_a_line_cut_after_the_final_dot_is_no_reason_to_try_at_once(stand: Stand, order_ref: int, ana: str, kept: bool) -> None:
    service = stand.service(recovery={"sweep_every": 0.5, "doubt_after": 4.0}).start()
    with stand.sink.having(Fault(Step.DOT, hang_up=True, keeps=kept, to=ana, times=1)) as fault:
        service.play(ALBA, placed(order_ref, ana).sent)
        stand.sink.wait(ana, 1 + kept)
    service.rest()
    (effect,) = service.effects(str(order_ref))
    assert (fault.met, outcomes(service, effect)) == (1, ["sending", "in_doubt", "resumed", "sending", "sent"])
    first, second = stand.sink.tries(ana, Step.DOT)
    assert second.at - first.at >= 4
    assert (effect["state"], effect["maybe_duplicate"], {mail.message_id for mail in stand.sink.to(ana)}) == ("done", True, {effect["message_id"]})


@scenario("F10", budget=60)
@pytest.mark.long
def test_a_line_cut_after_the_final_dot_of_a_request_is_left_to_a_person(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    with stand.sink.having(Fault(Step.DOT, hang_up=True, keeps=True, to=ana)):
        service.play(ALBA, delivered_last_week(order_ref, ana).sent)
        service.until(lambda: service.effects(str(order_ref), followup=REQUEST, state="unknown"), 15, "in doubt")
        time.sleep(service.sections["recovery"]["doubt_after"] + 1)  # when an order mail would have gone out once more
    (effect,) = service.effects(str(order_ref), followup=REQUEST)
    assert (outcomes(service, effect), "please look" in effect["reason"]) == (["sending", "in_doubt"], True)
    assert stand.sink.followups(ana) == [REQUEST]


OUTAGES = {"421": Fault(Step.CONNECT, "421 4.3.2 try again later"), "451": Fault(Step.MAIL, "451 4.3.0 try again later")}


@scenario("F11", budget=150)
@pytest.mark.long
@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES)
def test_two_hours_without_the_mail_server_end_within_minutes_in_the_right_mails(
    stand: Stand, order_ref: int, ana: str, fault: Fault, tell: Callable[[str], None]
) -> None:
    service = stand.service().start()
    jon, berta = f"jon.{order_ref}@cliente.example", f"berta.{order_ref}@cliente.example"
    anas, jons = placed(order_ref, ana), placed(order_ref + 500_000, jon).tell(after=MINUTE / 2, status="preparando")
    with stand.sink.having(fault):
        service.play(ALBA, [*anas.sent, *jons.sent])
        for _ in range(4):
            pass_time(service, HOUR / 2)
            known = fault.met
            service.until(lambda known=known: fault.met > known, 20, "tried again")  # type: ignore[misc]
        service.play(ALBA, anas.tell(after=2 * HOUR, status="enviado").sent[1:])
        late = WooOrder(order_ref + 600_000, service.now().replace(microsecond=0) - MINUTE, berta)
        service.play(ALBA, late.tell("order.created").tell(after=MINUTE / 2, status="preparando").sent)
        service.until(lambda: service.effects(followup="shipped") and not service.deliveries(state="new"), 20, "read")
        service.until(lambda: [e for e in service.effects(str(order_ref + 600_000)) if e["attempts"]], 20, "tried for the last one, too")
        assert stand.sink.mails == []
    began = time.monotonic()
    pass_time(service, PROBE)
    service.rest(seconds=60)
    pass_time(service, MINUTE)  # what waited for its turn looks again once a minute
    service.rest(seconds=60)
    tell(f"drained {(PROBE + MINUTE).total_seconds() / 60:g} min + {time.monotonic() - began:.1f} s after the server was back")
    got = {email: stand.sink.followups(email) for email in (ana, jon, berta)}
    assert got == {ana: ["shipped"], jon: ["order_prepared"], berta: ["order_received", "order_prepared"]}
    dropped = [effect for effect in service.effects() if effect["state"] == "cancelled"]
    assert [effect["followup"] for effect in dropped] == ["order_received"] * 2
    assert all(effect["reason"].startswith("overtaken") for effect in dropped)
    assert not [effect for effect in service.effects() if effect["maybe_duplicate"]]


@scenario("F12", budget=60)
def test_an_address_that_does_not_exist_is_written_to_no_more_and_the_merchant_is_told_once(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    with stand.sink.having(Fault(Step.RCPT, "550 5.1.1 user unknown", to=ana)):
        service.play(ALBA, placed(order_ref, ana).sent)
        (told,) = stand.sink.wait(MARA)
        service.play(ALBA, placed(order_ref + 500_000, ana).sent)
        service.rest()
    first, second = service.effects(kind="mail")
    assert (first["state"], first["attempts"], outcomes(service, first)) == ("suppressed", 1, ["sending", "refused"])
    assert (second["state"], second["attempts"], "blocked" in second["reason"]) == ("suppressed", 0, True)
    assert all(word in told.text for word in (str(order_ref), ana, "550 5.1.1 user unknown"))
    assert (stand.sink.followups(MARA), len(stand.sink.tries(ana))) == (["address_refused"], 1)


@scenario("F12", budget=60)
@pytest.mark.long
def test_when_the_merchants_own_address_does_not_exist_it_ends_there(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    with stand.sink.having(Fault(Step.RCPT, "550 5.1.1 user unknown")):
        service.play(ALBA, placed(order_ref, ana).sent)
        service.until(lambda: service.effects(kind="alert", state="suppressed"), 20, "given up")
        service.rest()
    (alert,) = service.effects(kind="alert")
    assert (alert["attempts"], "550 5.1.1 user unknown" in alert["reason"]) == (1, True)
    assert (len(stand.sink.tries(MARA)), stand.sink.mails) == (1, [])


@scenario("F12", budget=90)
@pytest.mark.long
@pytest.mark.parametrize("room", [False, True], ids=["full for days", "room again"])
def test_a_full_mailbox_is_tried_three_times_within_three_days(stand: Stand, order_ref: int, ana: str, room: bool) -> None:
    service = stand.service(journey={"settle": 0.5, "quiet_from": "00:00", "quiet_until": "00:00", "off": ["order_received"]}).start()
    order = WooOrder(order_ref, lately() - 2 * HOUR, ana).tell("order.created")
    order.tell(after=2 * HOUR, status="enviado", meta_data=tracked(("PK1", lately())))
    with stand.sink.having(Fault(Step.RCPT, "552 5.2.2 mailbox full", to=ana, times=2 if room else 9)) as fault:
        service.play(ALBA, order.sent)
        for tries in (1, 2, 3):
            service.until(lambda tries=tries: len(stand.sink.tries(ana)) == tries, 20, f"tried {tries} times")  # type: ignore[misc]
            service.until(lambda: not service.effects(followup="shipped", state="sending"), 10, "settled")
            pass_time(service, timedelta(seconds=MailboxFull.AGAIN + 1))
        time.sleep(2)  # when a fourth try would come
        service.rest()
    (effect,) = service.effects(followup="shipped")
    end = ("done", "") if room else ("dead", "failed 3 times: the mail server refused the recipient's address: 552 5.2.2 mailbox full")
    assert (effect["state"], effect["reason"].partition(" (")[0]) == end
    assert (fault.met, len(stand.sink.tries(ana)), len(stand.sink.to(ana)), service.effects(kind="alert")) == (2 if room else 3, 3, int(room), [])


@scenario("F13", budget=90)
@pytest.mark.long
def test_a_server_that_takes_long_to_say_yes_is_believed_once_and_keeps_nobody_else_waiting(stand: Stand, order_ref: int, ana: str) -> None:
    """The lease is short and the pause is many times longer; in earnest 600 s are waited, with a lease of 120 s."""
    service = stand.service(recovery={"lease": 2, "sweep_every": 0.5, "doubt_after": 1.0}).start()
    with stand.sink.having(Fault(Step.DOT, delay=25, to=ana, times=1)):
        service.play(ALBA, placed(order_ref, ana).sent)
        service.until(lambda: service.effects(str(order_ref), state="sending"), 15, "under way")
        for number in range(5):
            began, email = time.monotonic(), f"{number}.{order_ref}@cliente.example"
            service.play(ALBA, placed(order_ref + 500_000 + number, email).sent)
            stand.sink.wait(email)
            assert time.monotonic() - began < 10
        assert stand.sink.to(ana) == [], "it still hangs"
        stand.sink.wait(ana)
    service.rest()
    (effect,) = service.effects(str(order_ref))
    begun, sent = service.attempts(effect["id"])
    assert (moment(sent["at"]) - moment(begun["at"])).total_seconds() >= 25
    assert (effect["state"], effect["attempts"], effect["maybe_duplicate"], len(stand.sink.to(ana))) == ("done", 1, False, 1)
