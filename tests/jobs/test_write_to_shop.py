"""What is written into a shop is written once, whatever its answers and silences; what nobody can know is left to a person."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from connectors.shops.writes import Refund
from jobs import by_hand, deeds, write_to_shop
from jobs.deeds import note, refund
from jobs.deeds.base import NoKeys, reference
from jobs.deeds.coupon import code_of, plan_coupon
from jobs.deeds.review import plan_review
from jobs.erase_customer import Lock, erase_customer
from jobs.mend import mend
from postventa import alarms, failpoints
from postventa.clock import now, real_now
from postventa.config import LANGUAGES
from postventa.locale import translate
from postventa.models import Attempt, AuditEntry, Effect, Order, Review, Shop
from postventa.models.db import reading, transaction
from postventa.privacy.people import Person
from postventa.shops import ConnectedShop, find
from tests.conftest import TestClock
from tests.peers.shop import BROKEN, CUT, LOGIN_PAGE, REVOKED, SLOW_DOWN, Fault, Reply
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder

ORDER = 4001
LINES = [
    {"id": 1, "name": "Taza «Alba»", "product_id": 10, "quantity": 1, "total": "20.66", "taxes": [{"id": 3, "total": "4.34"}], "total_tax": "4.34"},
    {"id": 2, "name": "Cuenco", "product_id": 20, "quantity": 1, "total": "20.66", "taxes": [{"id": 3, "total": "4.34"}], "total_tax": "4.34"},
]
CUP = Refund(str(ORDER), Decimal("25.00"), "EUR", lines=(("1", 1),), reason="Taza rota")


@pytest.fixture
def peer() -> Iterator[WooCommercePeer]:
    running = WooCommercePeer()
    running.books.products |= {10}
    with running.open():
        yield running


def build(engine: Engine, clock: TestClock, folder: Path, peer: WooCommercePeer, **changes: object) -> House:
    """An order that was placed and paid by card."""
    clock.set(NOON)
    made = House(engine, clock, folder, alba(url=peer.url, consumer_key="ck_alba", consumer_secret="cs", **changes))
    made.settings.security.allow_private_hosts.append("127.0.0.1")
    order = WooOrder(ORDER)
    order.tell("order.created", line_items=LINES, payment_method="stripe")
    peer.orders[ORDER] = order.body
    made.deliver("woocommerce", order.sent[0])
    return made


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> House:
    return build(engine, clock, tmp_path, peer)


def shop_of(house: House, session: object) -> ConnectedShop:
    return find(session, house.shops["woocommerce"], house.world.settings, house.world.secret)  # type: ignore[arg-type]


def pay(house: House, wanted: Refund = CUP, key: str = "R-1") -> int | None:
    """Plan a refund; its effect's number."""
    with transaction(house.engine) as session:
        order = session.scalars(select(Order).where(Order.ref == wanted.order_ref)).one()
        effect = refund.plan_refund(session, shop_of(house, session), order, wanted, key=key, actor="mara")
        return effect.id if effect is not None else None


def work(house: House, effect_id: int | None, later: bool = False) -> Effect:
    """Run the job; `later`: when its pause is over."""
    assert effect_id is not None
    with transaction(house.engine) as session:
        if later:
            session.execute(update(Effect).where(Effect.id == effect_id).values(not_before=real_now()))
            session.execute(update(Shop).where(Shop.api_paused_until.is_not(None)).values(api_paused_until=real_now()))
    write_to_shop.write_to_shop(effect_id)
    return one(house, effect_id)


def one(house: House, effect_id: int) -> Effect:
    (effect,) = house.effects(id=effect_id)
    return effect


def ripen(house: House, effect_id: int) -> None:
    """The doubt has lasted long enough."""
    with transaction(house.engine) as session:
        effect = session.get_one(Effect, effect_id)
        since = real_now() - timedelta(seconds=house.settings.recovery.doubt_after + 1)
        effect.data = {**effect.data, "doubt": since.isoformat()}


def story(house: House, effect_id: int) -> list[str]:
    with reading(house.engine) as session:
        return list(session.scalars(select(Attempt.outcome).where(Attempt.effect_id == effect_id).order_by(Attempt.id)))


def test_a_refund_is_paid_once_however_often_it_is_asked_for(house: House, peer: WooCommercePeer) -> None:
    effect_id = pay(house)
    assert pay(house) is None, "the same key is the same refund"
    done = work(house, effect_id)
    assert (done.state, done.message_id, done.data["ref"]) == ("done", reference(done.key), str(peer.books.refunds[ORDER][0]["id"]))
    work(house, effect_id, later=True)
    house.run()
    assert peer.books.paid == [Decimal("25.00")]
    with reading(house.engine) as session:
        assert [row.action for row in session.scalars(select(AuditEntry))] == ["refund.plan"]


def test_an_answer_that_is_lost_after_the_money_went_ends_in_that_refund(house: House, peer: WooCommercePeer) -> None:
    effect_id = pay(house)
    peer.faults.append(Fault("POST", CUT, after=True))
    doubtful = work(house, effect_id)
    assert (doubtful.state, "in doubt" in doubtful.reason) == ("planned", True)
    assert work(house, effect_id, later=True).state == "done"
    assert peer.books.paid == [Decimal("25.00")]
    assert story(house, doubtful.id) == ["sending", "in_doubt", "sending", "sent"]


@pytest.mark.parametrize("reply", [CUT, BROKEN, LOGIN_PAGE, Reply(500, html="<p>Fatal error")], ids=["cut", "503", "html", "500"])
def test_what_is_not_there_is_paid_only_when_nothing_can_come_of_the_first_request_any_more(
    house: House, peer: WooCommercePeer, reply: Reply
) -> None:
    effect_id = pay(house)
    peer.faults.append(Fault("POST", reply))
    work(house, effect_id)
    waiting = work(house, effect_id, later=True)
    assert (waiting.state, peer.books.paid) == ("planned", [])
    assert waiting.not_before - real_now() > timedelta(minutes=14)
    ripen(house, waiting.id)
    assert work(house, effect_id, later=True).state == "done"
    assert peer.books.paid == [Decimal("25.00")]


def test_three_doubts_are_enough_and_a_person_looks(house: House, peer: WooCommercePeer) -> None:
    effect_id = pay(house)
    peer.faults.append(Fault("POST", CUT, times=9))
    for _ in range(2):
        ripen(house, work(house, effect_id, later=True).id)
    last = work(house, effect_id, later=True)
    assert (last.state, reference(last.key) in last.reason, peer.faults[0].met) == ("unknown", True, 3)


def test_a_worker_that_dies_after_the_money_went_leaves_a_doubt_that_looking_ends(
    house: House, peer: WooCommercePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect_id = pay(house)
    assert effect_id is not None

    def dies(name: str, holding: bytes = b"") -> None:
        if name == "write.after_answer":
            raise failpoints.FailpointReached(name)

    with monkeypatch.context() as patched:
        patched.setattr(failpoints, "hit", dies)
        with pytest.raises(failpoints.FailpointReached):
            write_to_shop.write_to_shop(effect_id)
    with transaction(house.engine) as session:
        session.execute(update(Effect).where(Effect.id == effect_id).values(lease_until=real_now() - timedelta(seconds=1)))
    mend(house.world)
    assert work(house, effect_id, later=True).state == "done"
    assert peer.books.paid == [Decimal("25.00")]


def test_two_workers_at_once_pay_once(house: House, peer: WooCommercePeer) -> None:
    effect_id, together = pay(house), threading.Barrier(2)
    assert effect_id is not None
    peer.slowness = 0.05

    def run(_: int) -> None:
        together.wait(90)
        write_to_shop.write_to_shop(effect_id)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    assert (one(house, effect_id).state, peer.books.paid) == ("done", [Decimal("25.00")])


@pytest.mark.parametrize(("trouble", "method"), [(SLOW_DOWN, "POST"), (BROKEN, "GET"), (REVOKED, "GET")], ids=["429", "503", "revoked"])
def test_a_shop_in_trouble_costs_no_doubt_and_gets_its_refund_later(house: House, peer: WooCommercePeer, trouble: Reply, method: str) -> None:
    effect_id = pay(house)
    peer.faults.append(Fault(method, trouble, times=2 if trouble is REVOKED else 1))
    resting = work(house, effect_id)
    assert (resting.state, "in doubt" in resting.reason, resting.not_before > real_now()) == ("planned", False, True)
    with reading(house.engine) as session:
        assert session.scalars(select(Shop.api_failures)).one() == 1
    if trouble is REVOKED:
        peer.faults.clear()
    assert work(house, effect_id, later=True).state == "done"
    assert peer.books.paid == [Decimal("25.00")]


def test_a_redirect_to_an_inner_address_is_not_followed_and_ends_it_with_a_sentence(house: House, peer: WooCommercePeer) -> None:
    effect_id = pay(house)
    peer.faults.append(Fault("POST", Reply(302, headers=(("Location", "http://169.254.169.254/latest"),))))
    ended = work(house, effect_id)
    assert (ended.state, "sends us on" in ended.reason, peer.books.paid) == ("dead", True, [])


def test_a_sum_that_differs_from_the_shops_is_dead_and_says_both(house: House, peer: WooCommercePeer) -> None:
    ended = work(house, pay(house, Refund(str(ORDER), Decimal("24.99"), "EUR", lines=(("1", 1),))))
    assert (ended.state, "worth 25.00 EUR there, and 24.99 with us" in ended.reason, peer.books.paid) == ("dead", True, [])


def test_a_gateway_that_says_no_leaves_it_to_a_person_who_may_have_it_done_again(house: House, peer: WooCommercePeer) -> None:
    effect_id = pay(house)
    assert effect_id is not None
    peer.books.declines = "Fondos insuficientes"
    ended = work(house, effect_id)
    assert (ended.state, "Fondos insuficientes" in ended.reason) == ("unknown", True)
    with transaction(house.engine) as session, pytest.raises(by_hand.Refused, match="look for PV-"):
        by_hand.resend(session, house.world, effect_id, actor="mara", reason="hay fondos")
    peer.books.declines = ""
    with transaction(house.engine) as session:
        by_hand.resend(session, house.world, effect_id, actor="mara", reason="hay fondos", force=True)
    assert work(house, effect_id).state == "done"
    assert peer.books.paid == [Decimal("25.00")]


def test_a_person_who_repeats_what_was_done_after_all_pays_nobody_twice(house: House, peer: WooCommercePeer) -> None:
    effect_id = pay(house)
    assert effect_id is not None
    peer.faults.append(Fault("POST", CUT, after=True))
    work(house, effect_id)
    with transaction(house.engine) as session:
        session.execute(update(Effect).where(Effect.id == effect_id).values(state="unknown"))
    with transaction(house.engine) as session:
        by_hand.resend(session, house.world, effect_id, actor="mara", reason="no lo veo", force=True)
    assert work(house, effect_id).state == "done"
    assert peer.books.paid == [Decimal("25.00")]


def test_what_no_gateway_pays_is_an_alarm_that_says_what_to_do(house: House, peer: WooCommercePeer) -> None:
    peer.orders[ORDER]["payment_method"] = "bacs"
    assert work(house, pay(house)).state == "done"
    with reading(house.engine) as session:
        (alarm,) = [alarm for alarm in alarms.open_alarms(session) if alarm.name == "refund-by-hand"]
    assert "pay 25" in alarm.message
    assert "by hand" in alarm.message


def test_more_than_was_paid_is_not_even_asked_for(house: House, peer: WooCommercePeer) -> None:
    effect_id = pay(house)
    with transaction(house.engine) as session:
        session.execute(update(Order).values(refunded_total=Decimal("30.00")))
    ended = work(house, effect_id)
    assert (ended.state, "went back already" in ended.reason) == ("cancelled", True)
    assert not [call for call in peer.calls if call.method == "POST"]


def test_an_erased_customer_still_gets_the_money_that_is_owed(house: House, peer: WooCommercePeer) -> None:
    effect_id = pay(house)
    with transaction(house.engine) as session:
        erase_customer(session, house.shops["woocommerce"], Person(email="ana@cliente.example"), Lock(b"", 0))
    assert work(house, effect_id).state == "done"
    assert peer.books.paid == [Decimal("25.00")]


def test_without_keys_and_without_sense_nothing_is_planned(engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> None:
    house = build(engine, clock, tmp_path, peer)
    with pytest.raises(ValueError, match="above 0"):
        pay(house, Refund(str(ORDER), Decimal(0), "EUR"))
    house.world.settings.shops[0] = house.world.settings.shops[0].model_copy(update={"consumer_key": ""})
    with pytest.raises(NoKeys, match="keys that may write"):
        pay(house)


def test_each_mail_is_noted_once_where_the_merchant_wants_it_and_the_note_answers_itself_nothing(
    engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer
) -> None:
    house = build(engine, clock, tmp_path, peer, order_notes=True, locale="pt")
    clock.advance(minutes=1)
    house.run()
    mails = [effect for effect in house.effects(kind="mail") if effect.state == "done"]
    notes = [kept["note"] for kept in peer.books.notes[ORDER]]
    assert len(mails) == len(notes) == len(house.postman.mails) > 0
    assert notes[0] == f"A Postventa enviou este e-mail ao cliente em 03/11/2026 12:01: «{house.postman.mails[0]['Subject']}»"
    again = WooOrder(ORDER)
    again.tell(line_items=LINES, payment_method="stripe", after=timedelta(minutes=5))
    house.deliver("woocommerce", again.sent[0])
    house.run()
    assert (len(peer.books.notes[ORDER]), len(house.effects(kind="write"))) == (len(notes), len(notes))


def test_nobody_gets_notes_unasked(house: House, clock: TestClock) -> None:
    clock.advance(minutes=1)
    house.run()
    assert house.postman.mails
    assert house.effects(kind="write") == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "es"])
def test_the_note_speaks_every_language(language: str) -> None:
    words = translate(language, note.SENTENCE)
    assert words != note.SENTENCE
    assert words.format(when="1", subject="2").count("1") == words.format(when="1", subject="2").count("2") == 1


def test_a_lost_coupon_is_found_by_its_code(house: House, peer: WooCommercePeer) -> None:
    with transaction(house.engine) as session:
        order = session.scalars(select(Order)).one()
        code = plan_coupon(session, shop_of(house, session), order, key="thanks", secret=b"s", title="Gracias", percent=Decimal(10))
        assert code == plan_coupon(session, shop_of(house, session), order, key="thanks", secret=b"s", title="Gracias", percent=Decimal(10))
    (effect,) = house.effects(kind="write")
    peer.faults.append(Fault("POST", CUT, after=True))
    work(house, effect.id)
    assert work(house, effect.id, later=True).state == "done"
    assert [(coupon["code"], coupon["email_restrictions"]) for coupon in peer.books.coupons] == [(code.lower(), ["ana@cliente.example"])]
    assert len({code_of(b"s", str(number), "X") for number in range(500)}) == 500


def test_a_coupon_that_would_have_ended_is_not_made(house: House, peer: WooCommercePeer, clock: TestClock) -> None:
    with transaction(house.engine) as session:
        order = session.scalars(select(Order)).one()
        ends = now() + timedelta(days=1)
        plan_coupon(session, shop_of(house, session), order, key="k", secret=b"s", title="Gracias", amount=Decimal(5), ends_at=ends)
    clock.advance(days=2)
    (effect,) = house.effects(kind="write")
    assert (work(house, effect.id).state, peer.books.coupons) == ("cancelled", [])


def test_a_review_goes_over_as_a_verified_one(house: House, peer: WooCommercePeer, clock: TestClock) -> None:
    with transaction(house.engine) as session:
        order = session.scalars(select(Order)).one()
        times = {"created_at": now(), "updated_at": now()}
        review = Review(shop_id=order.shop_id, order_id=order.id, line_ref="1", product_ref="10", rating=5, body="Muy bonita", author="Ana", **times)
        session.add(review)
        session.flush()
        assert plan_review(session, shop_of(house, session), order, review) is not None
        assert plan_review(session, shop_of(house, session), order, review) is None
    (effect,) = house.effects(kind="write")
    assert effect.due_at - now() == timedelta(hours=1), "until then she may change her words"
    clock.advance(hours=1)
    assert work(house, effect.id).state == "done"
    assert [(kept["reviewer"], kept["verified"], kept["rating"]) for kept in peer.books.reviews] == [("Ana", True, 5)]


def test_every_deed_has_its_own_name() -> None:
    assert all(name == deed.name and name.startswith("write_") for name, deed in deeds.DEEDS.items())
