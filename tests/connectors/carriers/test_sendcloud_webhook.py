"""What Sendcloud tells by itself: who signed it, and what it says; by its published documentation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.carriers import CARRIERS, TELLERS
from connectors.carriers.base import Scan, Status
from connectors.carriers.sendcloud import webhook
from connectors.carriers.sendcloud.statuses import NUMBERS, STATUSES
from connectors.errors import BadSignature, Unreadable
from tests.peers.sendcloud import SECRET, signed, told

TEN = datetime(2026, 11, 3, 10, 0, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 3, 9, 0, 0, tzinfo=UTC)
PUBLISHED = "1eed4b3d41f4653ac64fd56f1bf1cbfd349e4482cbc11dff7134bd93e5da4b0a"
"""For `{"key": "value"}` and `secretkey`: https://sendcloud.dev/api/v3/webhooks."""


def test_the_published_example_is_taken_and_says_which_secret_signed() -> None:
    headers = {"Sendcloud-Signature": PUBLISHED}
    assert webhook.verify(b'{"key": "value"}', headers, ["secretkey"]) == 0
    assert webhook.verify(b'{"key": "value"}', {"sendcloud-signature": f" {PUBLISHED} "}, ["newer", "secretkey"]) == 1


@pytest.mark.parametrize(
    ("given", "secrets"),
    [
        (PUBLISHED, ["another"]),
        (PUBLISHED, []),
        (PUBLISHED, [""]),
        (PUBLISHED.upper(), ["secretkey"]),
        (PUBLISHED[:-2], ["secretkey"]),
        (f"{PUBLISHED[:32]} {PUBLISHED[32:]}", ["secretkey"]),
        (f"{PUBLISHED},{PUBLISHED}", ["secretkey"]),
        ("ñ" * 64, ["secretkey"]),
        ("", ["secretkey"]),
    ],
)
def test_nothing_else_is_taken(given: str, secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        webhook.verify(b'{"key": "value"}', {"Sendcloud-Signature": given}, secrets)
    with pytest.raises(BadSignature):
        webhook.verify(b'{"key": "value"}', {}, secrets)


@pytest.mark.parametrize("millis", [True, False])
def test_a_step_is_told_with_the_carriers_time_else_sendclouds(millis: bool) -> None:
    heard = webhook.read(told("PK1", 92, "Driver en route", TEN, carrier_at=NINE, millis=millis))
    assert (heard.number, heard.scans) == ("PK1", (Scan(NINE, "driver-on-route", "", Status.OUT_FOR_DELIVERY),))
    assert webhook.read(told("PK1", 11, "Delivered", TEN, millis=millis)).scans == (Scan(TEN, "delivered", "", Status.DELIVERED),)


@pytest.mark.parametrize(
    ("number", "message", "word", "means"),
    [
        (11, "Livré", "delivered", Status.DELIVERED),
        (12345, "Delivered", "delivered", Status.DELIVERED),
        (12345, "Eaten by a dog", "eaten-by-a-dog", Status.UNKNOWN),
        (1337, "Unknown status - check carrier track & trace page for more insights", "unknown", Status.UNKNOWN),
        (62996, "Exception", "exception", Status.UNKNOWN),
        (1000, "Ready to send", "ready-to-send", Status.ANNOUNCED),
    ],
)
def test_the_number_counts_and_what_neither_number_nor_words_say_stays_unknown(number: int, message: str, word: str, means: Status) -> None:
    (scan,) = webhook.read(told("PK1", number, message, TEN)).scans
    assert (scan.status, scan.means) == (word, means)


def test_each_number_is_a_word_that_is_asked_for_too() -> None:
    assert set(NUMBERS.values()) <= set(STATUSES)


def test_what_is_no_news_of_a_parcel_is_left_alone_with_a_reason() -> None:
    for action in webhook.LEFT_ALONE:
        assert webhook.read(json.dumps({"action": action, "timestamp": 1525271885993}).encode()).ignored
    assert webhook.read(told("", 1001, "Being announced", TEN)).ignored == webhook.NO_NUMBER


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(told("PK1", 11, "Delivered", TEN)), **changes}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"<html>",
        changed(action="parcel_eaten"),
        changed(timestamp=None),
        changed(timestamp=True),
        changed(timestamp=-5),
        changed(timestamp=10**30),
        changed(timestamp="yesterday"),
        told("PK1", 0, "", TEN),
    ],
)
def test_what_cannot_be_understood_is_said_to_be(body: bytes) -> None:
    with pytest.raises(Unreadable):
        webhook.read(body)


def test_it_is_registered_among_those_that_tell() -> None:
    assert set(TELLERS) == {"sendcloud"}
    body = told("PK1", 11, "Delivered", TEN)
    assert set(TELLERS) <= set(CARRIERS)
    assert (TELLERS["sendcloud"].verify(body, signed(body), [SECRET]), TELLERS["sendcloud"].told(body).number) == (0, "PK1")
