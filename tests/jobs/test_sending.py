"""What a mail server's answers, and its silence, lead to."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from connectors.errors import ConnectorError, InDoubt
from connectors.mail.base import MailboxFull, RecipientRefused
from jobs import mend
from jobs.send_message import send_message
from postventa.clock import real_now
from postventa.models import Attempt, Effect, Suppression
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON)
    made = House(engine, clock, tmp_path, alba())
    made.deliver("woocommerce", WooOrder().tell("order.created").sent[0])
    return made


def received(house: House) -> Effect:
    (effect,) = house.effects(followup="order_received")
    return effect


def attempts(house: House, effect_id: int) -> list[Attempt]:
    with reading(house.engine) as session:
        return list(session.scalars(select(Attempt).where(Attempt.effect_id == effect_id).order_by(Attempt.id)))


def no_more_waiting(house: House) -> None:
    with transaction(house.engine) as session:
        past = real_now() - timedelta(seconds=1)
        session.execute(update(Effect).values(not_before=past))
        session.execute(update(Effect).where(Effect.lease_until.is_not(None)).values(lease_until=past))


def test_a_greylisted_mail_is_tried_again(house: House) -> None:
    house.postman.trouble = [ConnectorError("451 come back later")]
    send_message(received(house).id)
    assert (received(house).state, received(house).reason) == ("planned", "will be tried again: 451 come back later")
    no_more_waiting(house)
    house.run()
    assert (received(house).state, len(house.postman.mails)) == ("done", 1)


def test_an_unknown_address_is_blocked_and_nothing_more_is_tried(house: House) -> None:
    house.postman.trouble = [RecipientRefused("550 no such user")]
    send_message(received(house).id)
    assert (received(house).state, "550 no such user" in received(house).reason) == ("suppressed", True)
    with reading(house.engine) as session:
        assert session.scalars(select(Suppression.category)).all() == ["all"]
    house.deliver("woocommerce", WooOrder(4099).tell("order.created").sent[0])
    house.run()
    assert [mail["X-Postventa-Followup"] for mail in house.postman.mails] == ["address_refused"]
    assert "the address is blocked: hard bounce: 550" in house.effects()[-1].reason


ANA, MARA = "ana@cliente.example", "mara@ceramica-alba.example"


def test_the_merchant_is_told_of_an_address_that_does_not_exist_once_with_the_server_s_words(house: House) -> None:
    house.deliver("woocommerce", WooOrder(4099).tell("order.created").sent[0])
    house.postman.trouble = [RecipientRefused(f"550 5.1.1 <{ANA.upper()}>: user unknown")]
    house.run()
    (told,) = house.postman.mails
    said = told.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (told["To"], all(word in said for word in ("4001", ANA, "550 5.1.1 <…>: user unknown"))) == (MARA, True), said
    first = house.effects(followup="order_received")[0]
    assert [(e.state, e.order_id) for e in house.effects(kind="alert")] == [("done", first.order_id)]
    assert [attempt.outcome for attempt in attempts(house, first.id)] == ["sending", "refused"]
    assert ANA not in first.reason, "it stands in one column only, where it can be erased"


def test_nobody_is_told_of_the_merchant_s_own_address(house: House) -> None:
    house.postman.trouble = [RecipientRefused("550 no such user"), RecipientRefused("550 no such user either")]
    house.run()
    (alert,) = house.effects(kind="alert")
    assert (alert.state, "no such user either" in alert.reason, house.postman.mails) == ("suppressed", True, [])
    house.deliver("woocommerce", WooOrder(4099, email=MARA).tell("order.created").sent[0])
    house.postman.trouble = [RecipientRefused("550 no such user")]
    house.run()
    assert len(house.effects(kind="alert")) == 1


def test_a_full_mailbox_is_tried_three_times_whatever_failed_before_and_then_left_to_a_person(house: House) -> None:
    house.postman.trouble = [ConnectorError("451 later"), ConnectorError("451 later"), *(MailboxFull("552 over quota") for _ in range(3))]
    for _ in range(5):
        assert received(house).state == "planned"
        no_more_waiting(house)
        house.run()
    assert (received(house).state, received(house).reason) == ("dead", "failed 3 times: 552 over quota (the mailbox is full)")
    assert (house.postman.trouble, house.effects(kind="alert")) == ([], [])
    with reading(house.engine) as session:
        assert session.scalars(select(Suppression)).all() == []


def test_a_full_mailbox_rests_for_a_day_and_a_half(house: House) -> None:
    house.postman.trouble = [MailboxFull("552 over quota")]
    send_message(received(house).id)
    assert timedelta(hours=34, minutes=59) < received(house).not_before - real_now() <= timedelta(hours=35)


def test_a_mail_that_is_refused_for_what_it_says_blocks_nobody(house: House) -> None:
    house.postman.trouble = [ConnectorError("554 looks like spam", permanent=True)]
    send_message(received(house).id)
    assert (received(house).state, received(house).reason) == ("dead", "the mail server refused the message: 554 looks like spam")
    with reading(house.engine) as session:
        assert session.scalars(select(Suppression)).all() == []


def test_a_silence_after_the_last_dot_is_a_doubt_that_ends_with_one_more_mail(house: House) -> None:
    house.postman.trouble = [InDoubt("the connection broke after the final dot")]
    send_message(received(house).id)
    assert received(house).state == "unknown"
    house.run()
    assert house.postman.mails == []
    no_more_waiting(house)
    mend.mend(house.world)
    house.run()
    assert (received(house).state, received(house).maybe_duplicate, len(house.postman.mails)) == ("done", True, 1)


def test_an_error_that_nobody_foresaw_rises_and_leaves_a_doubt(house: House) -> None:
    house.postman.trouble = [RuntimeError("what?")]
    with pytest.raises(RuntimeError):
        send_message(received(house).id)
    assert (received(house).state, "RuntimeError: what?" in received(house).reason) == ("unknown", True)


def test_two_workers_with_the_same_mail_send_it_once(house: House) -> None:
    send_message(received(house).id)
    send_message(received(house).id)
    assert len(house.postman.mails) == 1


def test_a_mail_that_cannot_be_written_is_counted_and_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a hole in the wording")

    monkeypatch.setattr("jobs.send_message.compose", broken)
    with pytest.raises(ValueError, match="a hole"):
        send_message(received(house).id)
    assert (received(house).state, received(house).reason) == ("planned", "will be tried again: ValueError: a hole in the wording")


def test_fresh_news_does_not_wait_for_hours_behind_a_mail_that_fails_and_the_old_one_is_not_sent_after_it(house: House) -> None:
    house.postman.trouble = [ConnectorError("421 too busy", retry_after=3 * 3600)]
    send_message(received(house).id)
    order = WooOrder().tell("order.created").tell(after=timedelta(hours=1), status="enviado")
    house.until(order.at)
    house.deliver("woocommerce", order.sent[-1])
    house.until(order.at + timedelta(minutes=1))
    assert [str(mail["X-Postventa-Followup"]) for mail in house.postman.mails] == ["shipped"]
    no_more_waiting(house)
    house.run()
    assert (received(house).state, received(house).reason) == ("cancelled", "overtaken: «shipped» went out already")
