"""Which days and hours are offered, whom one can call, and what stays of an appointment. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from pydantic import ValidationError

from postventa.config import SendcloudAccount, ShopSettings
from postventa.config.shop import Pickup
from postventa.events import Address
from postventa.holidays import easter
from postventa.locale.slots import hours, spoken
from postventa.regional_holidays import FIXED, PROVINCES, regional_holidays
from postventa.returns import appointment
from postventa.returns.appointment import Stage
from postventa.returns.phones import international, last_digits
from postventa.returns.slots import Slot, first_day, offered, slot_of

SEVILLE, BARCELONA = Address("Ana", street="Calle Betis 7", postcode="41010", city="Sevilla", country="ES"), Address(postcode="08001", country="ES")
MADRID = "Europe/Madrid"
MORNING = Slot(date(2026, 12, 9), time(9), time(14))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+01:00")


@pytest.mark.parametrize(
    ("now", "wishes", "place", "first"),
    [
        ("2026-12-03T13:59", Pickup(), SEVILLE, "2026-12-04"),
        ("2026-12-03T14:00", Pickup(), SEVILLE, "2026-12-07"),  # after the carrier's hour it is as if ordered on Friday
        ("2026-12-05T09:00", Pickup(), SEVILLE, "2026-12-09"),  # Saturday: heard on Monday, and the 8th is a holiday
        ("2026-12-04T13:00", Pickup(days_off=[date(2026, 12, 7)]), SEVILLE, "2026-12-09"),
        ("2026-12-03T09:00", Pickup(notice=2), SEVILLE, "2026-12-07"),
        ("2026-12-23T09:00", Pickup(), BARCELONA, "2026-12-24"),
        ("2026-12-24T15:00", Pickup(), BARCELONA, "2026-12-29"),  # 25 and 26 December, a weekend, and heard on Monday
        ("2027-02-25T15:00", Pickup(), SEVILLE, "2027-03-01"),
        ("2027-03-24T09:00", Pickup(), SEVILLE, "2027-03-29"),  # Maundy Thursday and Good Friday; Easter Monday is a working day there
        ("2027-03-24T09:00", Pickup(), BARCELONA, "2027-03-25"),
    ],
)
def test_the_first_day_is_a_working_day_after_the_carriers_hour(now: str, wishes: Pickup, place: Address, first: str) -> None:
    assert first_day(wishes, place, MADRID, at(now).astimezone(UTC)) == date.fromisoformat(first)


def test_ten_days_are_offered_with_the_shops_hours() -> None:
    slots = offered(Pickup(windows=["09:30-13:00"]), SEVILLE, MADRID, at("2026-12-03T09:00"))
    assert [slot.day.day for slot in slots] == [4, 7, 9, 10, 11]
    assert {(slot.begin, slot.end) for slot in slots} == {(time(9, 30), time(13))}
    assert slots[0].starts(MADRID) == at("2026-12-04T09:30")
    assert all(slot_of(slot.code) == slot for slot in slots)
    assert [slot_of(code) for code in ("", "2026-12-04", "2026-13-04T09:00-14:00", "2026-12-04T09:00-14:00;", "9" * 99)] == [None] * 5


def test_every_province_has_its_region_and_every_region_its_days() -> None:
    provinces = " ".join(PROVINCES.values()).split()
    assert sorted(provinces) == [f"{number:02}" for number in range(1, 53)]
    assert set(FIXED) == set(PROVINCES)
    assert date(2026, 9, 11) in regional_holidays("ES", "08001", 2026)
    assert easter(2026).replace(day=2) in regional_holidays("ES", "28001", 2026), "Maundy Thursday"
    assert regional_holidays("PT", "4100", 2026) == regional_holidays("ES", "", 2026) == frozenset()


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("600 111 222", "ES", "+34600111222"),
        ("+34 600-111-222", "ES", "+34600111222"),
        ("0034 600.111.222", "FR", "+34600111222"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("(030) 1234567", "DE", "+49301234567"),
        ("912 345 678", "PT", "+351912345678"),
        ("60011122", "ES", ""),
        ("+34 600 111", "ES", ""),
        ("000000000", "ES", ""),
        ("600111222", "JP", ""),
        ("600111222; DROP", "ES", ""),
        ("٦٠٠١١١٢٢٢", "ES", ""),
        ("6" * 60, "ES", ""),
    ],
)
def test_a_number_is_dialled_from_anywhere_or_is_none(typed: str, country: str, number: str) -> None:
    assert international(typed, country) == number
    assert last_digits(number) == number[-2:]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "El miércoles, 9 de diciembre, entre las 9 y las 14 h"),
        ("en", "Wednesday 9 December, between 9:00 and 14:00"),
        ("de", "Mittwoch, 9. Dezember, zwischen 9 und 14 Uhr"),
        ("ca", "El dimecres, 9 de desembre, entre les 9 i les 14 h"),
        ("eu", "Abenduaren 9a, asteazkena, 9\u201114 h"),
    ],
)
def test_a_slot_is_a_sentence(language: str, said: str) -> None:
    assert spoken(MORNING.day, MORNING.begin, MORNING.end, language) == said
    assert hours(time(9, 30), time(14), "es") == "De 9:30 a 14 h"


@dataclass
class Row:
    pickup: dict[str, Any] = field(default_factory=dict)
    pickup_on: str = ""


def test_an_appointment_is_kept_whole_and_the_one_before_without_its_number() -> None:
    row, it = Row(), appointment.first(MORNING, MADRID, "+34600111222", "sendcloud")
    appointment.put(row, it)
    assert (appointment.of(row), row.pickup_on) == (it, "2026-12-09")
    later = appointment.following(it.at(Stage.ORDERED, ref="7"), Slot(date(2026, 12, 10), time(15), time(19)), MADRID, "+34600111223", "sendcloud")
    appointment.put(row, later.at(Stage.OFF))
    assert (later.turn, row.pickup_on, len(row.pickup["earlier"])) == (2, "", 1)
    assert "600111222" not in str(row.pickup), "only the number that is needed is kept"
    assert appointment.following(None, MORNING, MADRID, "", "hand").turn == 2, "one that its return's own mails did not tell of"
    assert appointment.of(Row()) is None
    assert [it.is_over(at(f"2026-12-09T{clock}")) for clock in ("13:59", "14:00")] == [False, True]


@pytest.mark.parametrize(
    ("settings", "who"),
    [
        ({}, ""),
        ({"pickup": {"by_hand": True}}, "hand"),
        ({"carrier": "sendcloud"}, ""),
        ({"carrier": "sendcloud", "carriers": {"sendcloud": {"public_key": "p", "secret_key": "s", "return_option": "seur:return"}}}, ""),
        ({"carrier": "sendcloud", "carriers": {"sendcloud": {"public_key": "p", "secret_key": "s", "return_option": "correos:return"}}}, "sendcloud"),
        ({"carrier": "own", "carriers": {"sendcloud": {"public_key": "p", "secret_key": "s", "pickup_carrier": "ups"}}}, ""),
    ],
)
def test_who_fetches_follows_from_the_settings(settings: dict[str, Any], who: str) -> None:
    shop = {"key": "alba", "platform": "woocommerce", "name": "Alba", "url": "https://alba.example", "webhook_secrets": ["s"], **settings}
    assert ShopSettings.model_validate(shop).fetched_by == who
    assert not SendcloudAccount(pickup_carrier="correos").fetches, "without keys nobody comes"


@pytest.mark.parametrize("windows", [[], ["9-14"], ["14:00-09:00"], ["09:00-09:00"], ["24:00-25:00"]])
def test_hours_that_are_none_are_said_so(windows: list[str]) -> None:
    with pytest.raises(ValidationError):
        Pickup(windows=windows)
