from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from postventa import eventlog
from postventa.events import OrderRefunded
from postventa.models import Effect, Order, RecoveryCase, ReturnCase, Review, ReviewPhoto
from postventa.models.db import reading, transaction
from postventa.reviews import recovery, store
from postventa.reviews.photos import Photo
from postventa.reviews.rules import rateable
from tests.web.scene import MARAS_KEY, NOW, Scene, order

PHOTO = Photo("a" * 32, b"jpeg one", 10, 10)


def say(scene: Scene, order_id: int, rating: int, ref: str = "1042-1", days: int = 0, **rest: object) -> None:
    """Ana says it, some days later; the shop answers as it always does."""
    moment = NOW + timedelta(days=days)
    with transaction(scene.engine) as session:
        row = session.get_one(Order, order_id)
        store.lock(session, row)
        line = next(store.bought(line) for line in row.lines if line.ref == ref)
        review = store.write(session, row, store.Opinion(line, rating, **rest), moment)  # type: ignore[arg-type]
        recovery.respond(session, shop_key=MARAS_KEY, order=row, review=review, recipient="mara@zapateriamara.example", now=moment)


def left_to_rate(scene: Scene, order_id: int) -> list[str]:
    with reading(scene.engine) as session:
        return [line.ref for line in rateable(store.purchase(session, session.get_one(Order, order_id)), NOW)]


def test_one_review_per_line_however_often_it_is_said(scene: Scene) -> None:
    ana = order(scene)
    say(scene, ana, 4, body="Bien")
    say(scene, ana, 5, body="Mejor", days=1)
    say(scene, ana, 5, body="Mejor", days=2)
    with reading(scene.engine) as session:
        review = session.scalars(select(Review)).one()
    assert (review.rating, review.body, review.created_at, review.updated_at) == (5, "Mejor", NOW, NOW + timedelta(days=1))


def test_a_form_sent_many_times_at_once_is_one_review(scene: Scene) -> None:
    ana = order(scene)
    with ThreadPoolExecutor(6) as fingers:
        list(fingers.map(lambda _: say(scene, ana, 1, photos=[PHOTO]), range(12)))
    with reading(scene.engine) as session:
        assert [len(session.scalars(select(table)).all()) for table in (Review, ReviewPhoto, RecoveryCase, Effect)] == [1, 1, 1, 1]


def test_photos_are_added_once_and_dropped_by_name(scene: Scene) -> None:
    ana = order(scene)
    say(scene, ana, 5, photos=[PHOTO])
    say(scene, ana, 5, photos=[Photo("b" * 32, b"jpeg one", 10, 10), Photo("c" * 32, b"jpeg two", 10, 10)])
    with reading(scene.engine) as session:
        assert [list(names) for names in store.photos_of(session, [1]).values()] == [["a" * 32, "c" * 32]]
    say(scene, ana, 5, drop=("a" * 32,))
    with reading(scene.engine) as session:
        assert session.scalars(select(ReviewPhoto.name)).all() == ["c" * 32]


def test_the_photos_of_another_review_cannot_be_dropped(scene: Scene) -> None:
    ana = order(scene)
    say(scene, ana, 5, photos=[PHOTO])
    say(scene, ana, 5, ref="1042-2", drop=("a" * 32,))
    with reading(scene.engine) as session:
        assert store.photo(session, "a" * 32) == b"jpeg one"


@pytest.mark.parametrize("column", ["cancelled_at", "trashed_at", "erased_at"])
def test_an_order_that_is_off_has_nothing_to_rate(scene: Scene, column: str) -> None:
    ana = order(scene)
    with transaction(scene.engine) as session:
        setattr(session.get_one(Order, ana), column, NOW)
    assert left_to_rate(scene, ana) == []


def test_a_full_refund_takes_the_word_from_nobody_who_was_asked(scene: Scene) -> None:
    assert left_to_rate(scene, order(scene, total=Decimal(80), refunded_total=Decimal(80))) == ["1042-1", "1042-2"]


def test_a_refunded_line_is_not_asked_about(scene: Scene) -> None:
    ana = order(scene)
    with transaction(scene.engine) as session:
        refund = OrderRefunded("1042", NOW, "r1", Decimal(40), "EUR", lines=(("1042-2", 1),))
        log = eventlog.EventLog(scene.ids[MARAS_KEY])
        log.append(refund, None)
        log.write(session)
    assert left_to_rate(scene, ana) == ["1042-1"]


@pytest.mark.parametrize(
    ("state", "left"), [("requested", ["1042-1", "1042-2"]), ("received", ["1042-2"]), ("closed", ["1042-2"]), ("declined", ["1042-1", "1042-2"])]
)
def test_what_came_back_is_not_rated_and_what_is_on_its_way_back_still_may(scene: Scene, state: str, left: list[str]) -> None:
    ana = order(scene)
    with transaction(scene.engine) as session:
        case = ReturnCase(
            shop_id=scene.ids[MARAS_KEY], order_id=ana, ref="x", number="RT-1", source="cli", state=state, lines=[["1042-1", 1]], created_at=NOW
        )
        session.add(case)
    assert left_to_rate(scene, ana) == left


def test_one_case_per_order_and_one_alert_per_item(scene: Scene) -> None:
    ana = order(scene)
    say(scene, ana, 2)
    say(scene, ana, 1, ref="1042-2", days=1)
    say(scene, ana, 1, days=1)
    with reading(scene.engine) as session:
        case = session.scalars(select(RecoveryCase)).one()
        keys = session.scalars(select(Effect.key).order_by(Effect.id)).all()
    assert (case.rating, case.state, case.opened_at) == (1, "open", NOW)
    assert keys == [f"{MARAS_KEY}:1042:low_rating:1042-1", f"{MARAS_KEY}:1042:low_rating:1042-2"]


def test_a_better_rating_does_not_close_the_case(scene: Scene) -> None:
    ana = order(scene)
    say(scene, ana, 1)
    say(scene, ana, 5, days=1)
    with reading(scene.engine) as session:
        assert session.scalars(select(RecoveryCase)).one().state == "open"


def test_a_closed_case_opens_again_on_new_bad_news_only(scene: Scene) -> None:
    ana = order(scene)
    say(scene, ana, 2, body="Meh")
    with transaction(scene.engine) as session:
        case = session.scalars(select(RecoveryCase)).one()
        case.state, case.closed_at = "closed", NOW + timedelta(days=1)
    say(scene, ana, 2, body="Meh", days=2)
    with reading(scene.engine) as session:
        assert session.scalars(select(RecoveryCase)).one().state == "closed"
    say(scene, ana, 1, body="Ha vuelto a fallar", days=3)
    with reading(scene.engine) as session:
        case = session.scalars(select(RecoveryCase)).one()
    assert (case.state, case.rating, case.closed_at, case.answer_due_at) == ("open", 1, None, NOW + timedelta(days=4))
