"""Until which day a shop promises an order: cut-off, days to hand over, days on the way, weekends, holidays, clocks that change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from postventa.config import Delivery, ShopSettings
from postventa.events import Address, DeliveryPromised, Event, LineSnapshot, OrderPlaced, OrderSeen, OrderSnapshot
from postventa.promises import among, destination_of, last_day
from tests.cases import all_hold
from tests.pipeline.house import alba

MADRID = ZoneInfo("Europe/Madrid")
SEVILLE = ("ES", "41010")
NOON = datetime(2026, 11, 4, 11, tzinfo=UTC)
"""A Wednesday in Seville, at noon."""


def shop(**wishes: Any) -> ShopSettings:
    return alba(delivery={"days": {"ES": 1}, **wishes})


def promised(when: str, own: ShopSettings, place: tuple[str, str] = SEVILLE, zone: str = "Europe/Madrid") -> str:
    """`when`: by the clock of `zone`."""
    day = last_day(own, datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)), *place)
    return day.isoformat() if day is not None else ""


HOURS = {
    "in the morning it leaves at once": ("2026-11-04T09:00", "2026-11-05"),
    "a minute before the hour": ("2026-11-04T13:59", "2026-11-05"),
    "at the hour it is too late": ("2026-11-04T14:00", "2026-11-06"),
    "on Friday it comes on Monday": ("2026-11-06T10:00", "2026-11-09"),
    "on Friday afternoon it leaves on Monday": ("2026-11-06T15:00", "2026-11-10"),
    "on Saturday morning, too": ("2026-11-07T09:00", "2026-11-10"),
    "on Sunday night, too": ("2026-11-08T23:59", "2026-11-10"),
    "midnight belongs to the new day": ("2026-11-04T00:00", "2026-11-05"),
    "before a national holiday": ("2026-12-07T10:00", "2026-12-09"),
    "on a national holiday": ("2026-12-08T10:00", "2026-12-10"),
    "before a holiday of the region": ("2025-02-26T15:00", "2025-03-03"),
    "on Maundy Thursday": ("2026-04-02T10:00", "2026-04-07"),
    "over the end of the year": ("2026-12-31T10:00", "2027-01-04"),
}


def test_the_hour_and_the_day_decide_when_it_leaves() -> None:
    def check(name: str) -> None:
        when, day = HOURS[name]
        assert promised(when, shop()) == day

    all_hold(check, HOURS)


WISHES: dict[str, tuple[dict[str, Any], str, str]] = {
    "two days to hand over": ({"handover": 2}, "2026-11-04T10:00", "2026-11-09"),
    "the same day, on the bicycle": ({"days": {"ES": 0}}, "2026-11-04T10:00", "2026-11-04"),
    "the same day, but it is Saturday": ({"days": {"ES": 0}}, "2026-11-07T10:00", "2026-11-09"),
    "a shop that packs on Saturdays": ({"workdays": ["mon", "tue", "wed", "thu", "fri", "sat"]}, "2026-11-07T10:00", "2026-11-09"),
    "a shop that packs on Mondays only": ({"workdays": ["mon"]}, "2026-11-04T10:00", "2026-11-10"),
    "a day of its own off": ({"days_off": [date(2026, 11, 4)]}, "2026-11-04T10:00", "2026-11-06"),
    "a day off while it is on its way": ({"days_off": [date(2026, 11, 5)]}, "2026-11-04T10:00", "2026-11-05"),
    "a later hour": ({"cutoff": "20:30"}, "2026-11-04T20:29", "2026-11-05"),
}


def test_what_the_shop_says_counts() -> None:
    def check(name: str) -> None:
        wishes, when, day = WISHES[name]
        assert promised(when, shop(**wishes)) == day

    all_hold(check, WISHES)


def test_the_hour_is_the_shops_also_when_clocks_change() -> None:
    assert promised("2026-11-04T13:59", shop(), zone="Europe/Madrid") == promised("2026-11-04T12:59", shop(), zone="Atlantic/Canary") == "2026-11-05"
    assert promised("2026-11-04T13:00", shop(), zone="Atlantic/Canary") == "2026-11-06", "it is 14:00 where the shop is"
    assert promised("2026-03-30T11:59", shop(), zone="UTC") == "2026-03-31", "summer time began the day before"
    assert promised("2026-03-30T12:00", shop(), zone="UTC") == "2026-04-01"
    assert promised("2026-10-26T12:59", shop(), zone="UTC") == "2026-10-27", "and ended"
    assert promised("2026-10-26T13:00", shop(), zone="UTC") == "2026-10-28"
    assert promised("2026-03-29T02:30", shop(cutoff="02:15")) == "2026-03-31", "an hour that there was not, on a Sunday"


def test_holidays_on_the_way_are_those_of_the_destination() -> None:
    own = alba(delivery={"days": {"ES": 1, "PT": 1, "US": 1}})
    assert promised("2026-11-30T10:00", own, ("PT", "1000")) == "2026-12-02", "1 December is a holiday in Portugal"
    assert promised("2026-11-30T10:00", own) == "2026-12-01"
    assert promised("2026-09-10T10:00", own, ("ES", "08001")) == "2026-09-14", "the eleventh is Catalonia's"
    assert promised("2026-11-25T10:00", own, ("US", "10001")) == "2026-11-26", "holidays that we do not know count as working days"


@pytest.mark.parametrize(
    ("place", "destination"),
    [
        (("ES", "41010"), "ES"),
        (("es", "08001"), "ES"),
        (("ES", "28001"), "madrid"),
        (("ES", "07001"), "baleares"),
        (("ES", "35001"), "*"),
        (("ES", "51001"), "*"),
        (("ES", ""), "ES"),
        (("PT", "1000"), "PT"),
        (("FR", "75001"), "EU"),
        (("GB", "SW1A"), "*"),
        (("", "41010"), ""),
    ],
)
def test_the_narrowest_destination_counts_and_the_mainland_means_no_island(place: tuple[str, str], destination: str) -> None:
    wishes = Delivery(days={"*": 9, "EU": 5, "PT": 3, "ES": 2, "madrid": 1, "baleares": 4})
    assert destination_of(wishes, *place) == destination


def test_nothing_is_promised_where_the_shop_said_nothing() -> None:
    assert promised("2026-11-04T10:00", shop(), ("ES", "38001")) == promised("2026-11-04T10:00", shop(), ("FR", "75001")) == ""
    assert promised("2026-11-04T10:00", alba()) == ""


LINE = LineSnapshot("1", "Taza", 1, Decimal(20))
ORDER = OrderSnapshot(
    "4001", "4001", "processing", NOON, NOON, "EUR", Decimal(20), lines=(LINE,),
    shipping_address=Address("Ana", street="C/ Betis, 12", postcode="41010", city="Sevilla", country="ES"),
)  # fmt: skip


def said(**changes: Any) -> list[Event]:
    order = replace(ORDER, **changes)
    return [OrderSeen("4001", order.updated_at, order), OrderPlaced("4001", NOON)]


def test_an_order_that_is_placed_is_promised_its_day_from_that_moment() -> None:
    assert among(said(), shop())[-1] == DeliveryPromised("4001", NOON, "2026-11-05")
    assert len(among(said(), alba())) == len(said()), "off unless the shop says so"


WITHOUT: dict[str, dict[str, Any]] = {
    "its money is waited for": {"awaits_payment": True},
    "she fetches it": {"collected": True},
    "nothing is sent": {"lines": (replace(LINE, requires_shipping=False),)},
    "nobody knows where to": {"shipping_address": Address()},
    "one learns of it days later": {"updated_at": NOON + timedelta(days=1, seconds=1)},
    "it is a test": {"test": True},
}


def test_an_order_of_which_nobody_can_say_it_is_promised_nothing() -> None:
    def check(name: str) -> None:
        assert list(among(said(**WITHOUT[name]), shop())) == said(**WITHOUT[name])

    all_hold(check, WITHOUT)
    (seen, _) = said()
    assert list(among([seen], shop())) == [seen], "it was not placed"


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"days": {"peninsula": 2}}, '"peninsula" is no destination: write a country such as "PT", a region of Spain such as baleares'),
        ({"days": {"ES": -1}}, "greater than or equal to 0"),
        ({"days": {"ES": 61}}, "less than or equal to 60"),
        ({"cutoff": "2 pm"}, "no hour of the day"),
        ({"workdays": []}, "at least 1 item"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_write(wishes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", "\\(")):
        Delivery(**wishes)
