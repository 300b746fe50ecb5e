from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from postventa.reviews.rules import Bought, Box, Purchase, delivered, is_low, rateable, shown_name

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
MONDAY, TUESDAY = NOW - timedelta(days=4), NOW - timedelta(days=3)
BOOTS, SOCKS, GUIDE = Bought("boots", quantity=1), Bought("socks", quantity=2), Bought("guide", shipped=False)


def refs(purchase: Purchase, now: datetime = NOW, asked: tuple[str, ...] = ()) -> list[str]:
    return [line.ref for line in rateable(purchase, now, asked)]


def test_each_item_counts_from_its_own_parcel() -> None:
    purchase = Purchase((BOOTS, SOCKS), (Box(("boots",), MONDAY), Box(("socks",), TUESDAY)))
    assert delivered(purchase) == {"boots": MONDAY, "socks": TUESDAY}


def test_a_parcel_without_a_list_holds_what_no_other_holds() -> None:
    purchase = Purchase((BOOTS, SOCKS), (Box(("boots",), MONDAY), Box((), TUESDAY)))
    assert delivered(purchase) == {"boots": MONDAY, "socks": TUESDAY}


def test_an_item_in_two_parcels_counts_from_the_later_one() -> None:
    assert delivered(Purchase((SOCKS,), (Box(("socks",), TUESDAY), Box(("socks",), MONDAY)))) == {"socks": TUESDAY}


def test_what_is_still_on_its_way_cannot_be_rated() -> None:
    assert refs(Purchase((BOOTS, SOCKS), (Box(("boots",), MONDAY), Box(("socks",))))) == ["boots"]
    assert refs(Purchase((BOOTS,))) == []


def test_what_needs_no_parcel_counts_from_the_orders_end() -> None:
    assert refs(Purchase((BOOTS, GUIDE), (), completed_at=MONDAY)) == ["guide"]


def test_the_window_is_thirty_days_from_delivery() -> None:
    purchase = Purchase((BOOTS,), (Box(("boots",), NOW),))
    assert refs(purchase, NOW) == ["boots"]
    assert refs(purchase, NOW + timedelta(days=30, seconds=-1)) == ["boots"]
    assert refs(purchase, NOW + timedelta(days=30)) == []
    assert refs(purchase, NOW - timedelta(seconds=1)) == []


def test_what_a_mail_asked_about_needs_no_known_delivery() -> None:
    assert refs(Purchase((BOOTS, SOCKS)), asked=("socks",)) == ["socks"]


@pytest.mark.parametrize(
    ("gone", "left"), [({}, ["boots", "socks"]), ({"boots": 1}, ["socks"]), ({"socks": 1}, ["boots", "socks"]), ({"socks": 2}, ["boots"])]
)
def test_what_went_back_is_rated_only_by_those_who_were_asked_before(gone: dict[str, int], left: list[str]) -> None:
    purchase = Purchase((BOOTS, SOCKS), (Box((), MONDAY),), gone=gone)
    assert refs(purchase) == left
    assert refs(purchase, asked=("boots", "socks")) == ["boots", "socks"], "a refund takes the word from nobody"


def test_nothing_of_a_cancelled_order_can_be_rated() -> None:
    assert refs(Purchase((BOOTS,), (Box((), MONDAY),), off=True), asked=("boots",)) == []


@pytest.mark.parametrize(("rating", "low"), [(1, True), (2, True), (3, False), (4, False), (5, False)])
def test_one_and_two_stars_call_for_a_person(rating: int, low: bool) -> None:
    assert is_low(rating) is low


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [("Ana", "Ruiz", "Ana R."), ("Ana", "", "Ana"), ("", "Ruiz", ""), (" José  Luis ", "ñúñez", "José Luis Ñ."), ("A" * 90, "B", "A" * 57 + " B.")],
)
def test_customers_are_named_with_an_initial(first: str, last: str, shown: str) -> None:
    assert shown_name(first, last) == shown
