"""What a person may do to a mail: have it sent once more, call it off; always with a reason, and never against the customer's will."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from connectors.errors import ConnectorError, InDoubt
from connectors.mail.base import RecipientRefused
from jobs import by_hand
from jobs.send_message import send_message
from postventa import audit
from postventa.clock import now, real_now
from postventa.models import Attempt, AuditEntry, Effect, Suppression
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder

JON = "cli:jon@almacen"


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON)
    made = House(engine, clock, tmp_path, alba())
    made.deliver("woocommerce", WooOrder().tell("order.created").sent[0])
    return made


def received(house: House) -> Effect:
    return house.effects(followup="order_received")[0]


def resend(house: House, number: int, *, force: bool = False, unblock: bool = False) -> by_hand.Resent:
    with transaction(house.engine) as session:
        return by_hand.resend(session, house.world, number, actor=JON, reason="she asked for it", force=force, unblock=unblock)


def cancel(house: House, number: int) -> list[int]:
    with transaction(house.engine) as session:
        return by_hand.cancel(session, number, actor=JON, reason="a mistake")


def entries(house: House) -> list[AuditEntry]:
    with reading(house.engine) as session:
        assert audit.verify(session) == []
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def ids(house: House) -> list[str]:
    return [str(mail["Message-ID"]) for mail in house.postman.mails]


def test_what_went_out_goes_out_again_by_force_only_and_as_a_message_of_its_own(house: House) -> None:
    house.run()
    first = received(house)
    with pytest.raises(by_hand.Refused, match="would get it twice: add --force"):
        resend(house, first.id)
    assert entries(house) == []
    again = resend(house, first.id, force=True)
    house.run()
    house.run()
    assert len(set(ids(house))) == 2, "under the same id mail programs would hide it"
    second = next(effect for effect in house.effects() if effect.id == again.effect_id)
    assert (received(house).done_at, received(house).attempts) == (first.done_at, 1), "the first row stays the record of the first mail"
    assert (second.state, second.data["again_of"], second.key) == ("done", first.id, f"{first.key}:again-1")
    (entry,) = entries(house)
    assert (entry.actor, entry.action, entry.reason, entry.subject) == (JON, "ledger.resend", "she asked for it", f"effect {first.id}")
    assert (entry.before, entry.after) == (
        {"state": "done", "attempts": 1},
        {"state": "planned", "forced": True, "address_unblocked": False, "as": f"effect {second.id}"},
    )


def test_new_facts_neither_call_a_repetition_off_nor_make_another(house: House) -> None:
    house.run()
    resend(house, received(house).id, force=True)
    order = WooOrder().tell("order.created").tell(after=timedelta(minutes=1), status="enviado")
    house.deliver("woocommerce", order.sent[-1])
    house.until(order.at + timedelta(minutes=30))
    followups = [str(mail["X-Postventa-Followup"]) for mail in house.postman.mails]
    assert sorted(followups) == ["order_received", "order_received", "shipped"]
    third = resend(house, next(effect for effect in house.effects() if effect.key.endswith(":again-1")).id, force=True)
    assert house.effects(id=third.effect_id)[0].key.endswith("order_received::again-2")


def test_what_was_given_up_goes_out_without_force_under_its_own_id(house: House) -> None:
    house.postman.trouble = [ConnectorError("554 looks like spam", permanent=True)]
    send_message(received(house).id)
    assert received(house).state == "dead"
    assert resend(house, received(house).id).effect_id == received(house).id
    house.run()
    effect = received(house)
    assert (effect.state, effect.maybe_duplicate, effect.reason, ids(house)) == ("done", False, "repeated by hand", [effect.message_id])
    with reading(house.engine) as session:
        told = session.execute(select(Attempt.outcome, Attempt.fence).where(Attempt.effect_id == effect.id).order_by(Attempt.id)).all()
    assert [outcome for outcome, _ in told] == ["sending", "refused", "resumed", "sending", "sent"]
    assert [fence for _, fence in told] == sorted(fence for _, fence in told)


def test_what_may_have_arrived_wants_force_and_keeps_its_id(house: House) -> None:
    house.postman.trouble = [InDoubt("the connection broke after the final dot")]
    send_message(received(house).id)
    doubtful = received(house)
    with pytest.raises(by_hand.Refused, match="may have arrived: look for <"):
        resend(house, doubtful.id)
    resend(house, doubtful.id, force=True)
    house.run()
    assert ids(house) == [doubtful.message_id]
    assert (received(house).state, received(house).maybe_duplicate, len(house.effects())) == ("done", True, 1)


def test_dead_after_a_doubt_is_still_a_doubt(house: House) -> None:
    house.postman.trouble = [InDoubt("the connection broke after the final dot")]
    send_message(received(house).id)
    with transaction(house.engine) as session:
        session.execute(update(Effect).values(state="dead", lease_until=None, done_at=now(), reason="failed 9 times"))
    with pytest.raises(by_hand.Refused, match="may have arrived"):
        resend(house, received(house).id)


def test_a_blocked_address_gets_nothing_until_a_person_says_that_it_works_again(house: House) -> None:
    house.postman.trouble = [RecipientRefused("550 no such user")]
    send_message(received(house).id)
    with pytest.raises(by_hand.Refused, match=r"the address is blocked: .*--unblock"):
        resend(house, received(house).id, force=True)
    assert received(house).state == "suppressed", "nothing was changed"
    assert resend(house, received(house).id, unblock=True).unblocked
    house.run()
    to_the_customer = [mail for mail in house.postman.mails if mail["X-Postventa-Followup"] != "address_refused"]
    assert (received(house).state, len(to_the_customer)) == ("done", 1)
    assert entries(house)[-1].after["address_unblocked"] is True


def test_no_force_is_stronger_than_the_customers_will(house: House) -> None:
    order = WooOrder().tell("order.created").tell(after=timedelta(hours=1), status="entregado")
    house.deliver("woocommerce", order.sent[-1])
    house.until(order.at + timedelta(days=8))
    (asked,) = house.effects(followup="review_request", state="done")
    with transaction(house.engine) as session:
        session.add(Suppression(shop_id=asked.shop_id, email=asked.recipient, category="reviews", reason="unsubscribed", at=now()))
    with pytest.raises(by_hand.Refused, match="the customer does not want it"):
        resend(house, asked.id, force=True, unblock=True)
    with reading(house.engine) as session:
        assert session.scalars(select(Suppression.category)).all() == ["reviews"], "--unblock is about bounces"


def test_what_is_on_its_way_or_told_elsewhere_is_not_repeated(house: House) -> None:
    with pytest.raises(by_hand.Refused, match="goes out by itself"):
        resend(house, received(house).id, force=True)
    with pytest.raises(LookupError, match="there is no effect 999"):
        resend(house, 999)
    house.run()
    with transaction(house.engine) as session:
        session.execute(update(Effect).values(state="cancelled", merged_into=7))
    with pytest.raises(by_hand.Refused, match="told in the mail of effect 7"):
        resend(house, received(house).id, force=True)


def test_what_is_planned_can_be_called_off_for_good(house: House) -> None:
    assert cancel(house, received(house).id) == [received(house).id]
    house.deliver("woocommerce", WooOrder().tell("order.created").tell(after=timedelta(minutes=1), customer_note="x").sent[-1])
    house.until(NOON + timedelta(hours=1))
    assert (received(house).state, received(house).reason, house.postman.mails) == ("cancelled", "called off by hand: a mistake", [])
    with pytest.raises(by_hand.Refused, match="only what is planned"):
        cancel(house, received(house).id)
    assert [entry.action for entry in entries(house)] == ["ledger.cancel"]


def test_of_a_mail_in_doubt_the_repetition_is_called_off(house: House) -> None:
    house.postman.trouble = [InDoubt("the connection broke after the final dot")]
    send_message(received(house).id)
    cancel(house, received(house).id)
    with transaction(house.engine) as session:
        session.execute(update(Effect).values(not_before=real_now() - timedelta(hours=1)))
    house.until(NOON + timedelta(hours=1))
    assert (received(house).state, received(house).lease_until, house.postman.mails) == ("unknown", None, [])
