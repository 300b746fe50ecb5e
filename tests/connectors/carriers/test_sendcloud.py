"""Sendcloud keeps the contract of a carrier, and its words and refusals become ours; seen over HTTP against the peer that plays it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from connectors.carriers.base import Account, Fetching, Label, Method, Status, Window
from connectors.carriers.sendcloud import SendcloudCarrier, pickups, tracking
from connectors.carriers.sendcloud.statuses import STATUSES, meaning
from connectors.errors import ConnectorError, InDoubt, Refused, SlowDown
from connectors.http import Door
from tests.connectors.carriers.contract import CarrierContract
from tests.connectors.carriers.requests import request_of
from tests.peers.sendcloud import QR_OPTION, SendcloudPeer
from tests.peers.shop import BROKEN, CUT, LOGIN_PAGE, SILENCE, Fault, Reply

REQUEST = request_of()
CALLED = replace(REQUEST, sender=replace(REQUEST.sender, phone="+34600111222"))
MORNING, AFTERNOON = Window(date(2026, 11, 5), time(9), time(14)), Window(date(2026, 11, 5), time(15), time(19))
TEN = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)


@pytest.fixture
def peer() -> Iterator[SendcloudPeer]:
    peer = SendcloudPeer()
    with peer.open():
        yield peer


@pytest.fixture
def carrier(peer: SendcloudPeer) -> SendcloudCarrier:
    return bound(peer)


def bound(peer: SendcloudPeer, **changes: str) -> SendcloudCarrier:
    return SendcloudCarrier().bound(Account(peer.account(**changes), Door(["127.0.0.1"], tries=1)))


class TestContract(CarrierContract):
    @pytest.fixture(autouse=True)
    def _at_the_peer(self, carrier: SendcloudCarrier) -> None:
        self.carrier = carrier


def test_without_keys_it_says_what_is_missing(peer: SendcloudPeer) -> None:
    with pytest.raises(ValueError, match="secret_key in"):
        SendcloudCarrier().bound(Account({"public_key": "p"}))
    with pytest.raises(ValueError, match="a shop's own account"):
        SendcloudCarrier().track("PK1")
    assert peer.calls == []


def test_a_return_is_asked_for_as_sendcloud_takes_it(peer: SendcloudPeer, carrier: SendcloudCarrier) -> None:
    label = carrier.return_label(REQUEST)
    (asked,) = peer.returns
    assert asked["from_address"]["city"] == REQUEST.sender.city, "from the customer"
    assert asked["to_address"]["address_line_1"] == REQUEST.receiver.street, "to the shop"
    assert asked["ship_with"] == {"type": "shipping_option_code", "shipping_option_code": "correos:return/standard"}
    assert (asked["external_reference"], asked["order_number"].split()[-1]) == (REQUEST.reference, REQUEST.reference)
    assert all("email" not in name or "@" in value for name, value in asked["to_address"].items())
    assert (label.cost, label.currency, label.tracking_number, label.carrier_ref) == ("6.15", "EUR", "SC1000", "1000")


CODED = replace(REQUEST, method=Method.QR)


def test_a_code_is_bought_by_its_own_way_and_comes_instead_of_a_label(peer: SendcloudPeer) -> None:
    carrier = bound(peer, qr_option=QR_OPTION)
    label = carrier.return_label(CODED)
    (asked,) = peer.returns
    assert (asked["ship_with"]["shipping_option_code"], asked["delivery_option"]) == (QR_OPTION, "drop_off_labelless")
    assert (label.qr[:8], label.pdf, label.tracking_number) == (b"\x89PNG\r\n\x1a\n", b"", "SC1000")
    assert carrier.return_label(CODED) == label
    assert len(peer.returns) == 1
    assert [call.headers["accept"] for call in peer.calls if call.path.endswith("/qr")] == ["image/png"] * 2
    carrier.void(label)
    assert peer.live == []


def test_without_a_code_the_label_is_fetched_and_what_is_no_picture_is_a_doubt(peer: SendcloudPeer) -> None:
    peer.gives_codes, carrier = False, bound(peer, qr_option=QR_OPTION)
    label = carrier.return_label(CODED)
    assert (label.qr, label.pdf[:5]) == (b"", b"%PDF-")
    peer.gives_codes = True
    peer.faults.append(Fault("GET", LOGIN_PAGE, holds="/documents/qr"))
    with pytest.raises(InDoubt, match="no picture"):
        carrier.return_label(replace(CODED, reference="R-7F3K-2M9R"))
    peer.faults.append(Fault("GET", BROKEN, holds="/documents/qr"))
    with pytest.raises(InDoubt, match="is made"):
        carrier.return_label(replace(CODED, reference="R-7F3K-2M9S"))


def test_whether_its_way_gives_codes_is_asked(peer: SendcloudPeer) -> None:
    assert bound(peer, qr_option=QR_OPTION).why_no_qr() == ""
    assert "a label to print" in bound(peer, qr_option="correos:return/standard").why_no_qr()
    assert "no way of sending" in bound(peer, qr_option="correos:gone").why_no_qr()
    with pytest.raises(ValueError, match="qr_option"):
        bound(peer).return_label(CODED)


DOUBTFUL = {
    "the line breaks before": (Fault("POST", CUT), 0),
    "the line breaks after": (Fault("POST", CUT, after=True), 1),
    "trouble of its own, after": (Fault("POST", BROKEN, after=True), 1),
    "a page for people": (Fault("POST", LOGIN_PAGE), 0),
    "the label cannot be read afterwards": (Fault("GET", BROKEN, holds="/v3/returns/1000"), 1),
    "the paper is none": (Fault("GET", LOGIN_PAGE, holds="/documents/label"), 1),
}


@pytest.mark.parametrize("case", DOUBTFUL)
@pytest.mark.parametrize("lists_ids", [True, False])
def test_after_a_doubt_the_label_is_found_and_bought_only_if_it_is_not_there(
    peer: SendcloudPeer, carrier: SendcloudCarrier, case: str, lists_ids: bool
) -> None:
    fault, made = DOUBTFUL[case]
    peer.lists_ids = lists_ids
    peer.faults.append(replace(fault))
    with pytest.raises(InDoubt):
        carrier.return_label(REQUEST)
    found = carrier.find(REQUEST)
    assert (found is not None, len(peer.returns)) == (bool(made), made)
    label = carrier.return_label(REQUEST)
    assert (len(peer.returns), label.pdf[:5]) == (1, b"%PDF-")
    carrier.void(label)
    assert peer.live == []
    assert carrier.find(REQUEST) is None, "a cancelled one is none"


def test_it_is_found_on_a_later_page_and_no_address_of_an_answer_is_followed(peer: SendcloudPeer, carrier: SendcloudCarrier) -> None:
    carrier.return_label(REQUEST)
    for number in range(45):
        peer.returns.append({**peer.returns[0], "id": 2000 + number, "order_number": f"#9 R-XXXX-{number:04}"})
    found = carrier.find(REQUEST)
    assert found is not None
    assert found.carrier_ref == "1000"


def test_a_label_that_the_carrier_still_makes_is_waited_for(peer: SendcloudPeer, carrier: SendcloudCarrier) -> None:
    peer.announced = False
    with pytest.raises(InDoubt, match="still making"):
        carrier.return_label(REQUEST)
    with pytest.raises(ConnectorError, match="still making") as waits:
        carrier.find(REQUEST)
    assert not waits.value.permanent
    peer.returns[0]["parent_status"] = "announced"
    assert carrier.return_label(REQUEST).tracking_number == "SC1000"
    assert len(peer.returns) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(401, {"error": {"message": "Invalid username/password."}}), Refused, "Invalid username"),
        (Reply(429, None, (("Retry-After", "7"),)), SlowDown, "slow down"),
        (Reply(400, {"errors": [{"field": "weight", "message": "This field is required."}]}), ConnectorError, "weight: This field is required"),
    ],
)
def test_its_refusals_are_plain_words_and_no_doubt(
    peer: SendcloudPeer, carrier: SendcloudCarrier, reply: Reply, kind: type[ConnectorError], words: str
) -> None:
    peer.faults.append(Fault("POST", reply))
    with pytest.raises(kind, match=words) as refused:
        carrier.return_label(REQUEST)
    assert not isinstance(refused.value, InDoubt)
    assert peer.returns == []


@pytest.mark.parametrize(("postcode", "country"), [("35001", "ES"), ("52001", "ES"), ("SW1A 1AA", "GB")])
def test_where_customs_papers_are_needed_it_says_so_before_it_asks(
    peer: SendcloudPeer, carrier: SendcloudCarrier, postcode: str, country: str
) -> None:
    far = replace(REQUEST.sender, postcode=postcode, country=country)
    with pytest.raises(ValueError, match="customs papers"):
        carrier.return_label(replace(REQUEST, sender=far))
    assert peer.calls == []


def test_a_label_that_it_keeps_is_said_so(peer: SendcloudPeer, carrier: SendcloudCarrier) -> None:
    label = carrier.return_label(REQUEST)
    peer.keeps = True
    with pytest.raises(ConnectorError, match="no longer be cancelled") as kept:
        carrier.void(label)
    assert kept.value.permanent
    with pytest.raises(ConnectorError, match="cancel it in Sendcloud's panel"):
        carrier.void(Label("sendcloud", "R-1", b""))


def test_a_pickup_is_ordered_at_the_customers_door_and_followed(peer: SendcloudPeer) -> None:
    carrier = bound(peer, pickup_carrier="correos_express")
    ordered = carrier.pickup(CALLED, MORNING)
    (asked,) = peer.pickups
    assert (ordered.reference, ordered.stands, asked["carrier_code"], asked["reference"]) == (
        "294247",
        Fetching.ASKED,
        "correos_express",
        REQUEST.reference,
    )
    assert asked["time_slots"] == [{"start_at": "2026-11-05T08:00:00Z", "end_at": "2026-11-05T13:00:00Z"}], "nine o'clock in Seville"
    assert (asked["address"]["postal_code"], asked["address"]["phone_number"]) == (REQUEST.sender.postcode, "+34600111222")
    for word, stands in pickups.STANDS.items():
        asked["status"] = word
        assert carrier.pickup_stands("294247") is stands
    asked["status"] = "EATEN_BY_A_DOG"
    assert carrier.pickup_stands("294247") is Fetching.UNKNOWN


def test_a_pickup_is_found_by_our_reference_among_those_of_the_same_hours(peer: SendcloudPeer) -> None:
    carrier = bound(peer, pickup_carrier="correos_express")
    assert carrier.find_pickup(CALLED, MORNING) is None
    for number in range(120):
        carrier.pickup(replace(CALLED, reference=f"R-OTHER-{number}"), MORNING if number == 3 else AFTERNOON)
    carrier.pickup(CALLED, MORNING)
    before = len(peer.calls)
    found = carrier.find_pickup(CALLED, MORNING)
    assert (found and found.reference, len(peer.calls) - before) == ("294367", 4), "two pages of the list, and the two of those hours"
    peer.pickups[-1]["status"] = "CANCELLED"
    assert carrier.find_pickup(CALLED, MORNING) is None


@pytest.mark.parametrize(("cancels", "said"), [("at once", Fetching.CALLED_OFF), ("later", Fetching.CALLING_OFF)])
def test_a_pickup_is_called_off_once_however_often_one_asks(peer: SendcloudPeer, cancels: str, said: Fetching) -> None:
    carrier = bound(peer, pickup_carrier="correos_express")
    number, peer.cancels = carrier.pickup(CALLED, MORNING).reference, cancels
    assert [carrier.call_off_pickup(number) for _ in range(2)] == [said, said]
    assert [call.method for call in peer.calls].count("POST") == 2, "the order, and one wish to call it off"


def test_a_carrier_that_comes_all_the_same_says_so_for_good(peer: SendcloudPeer) -> None:
    carrier = bound(peer, pickup_carrier="correos_express")
    number, peer.cancels = carrier.pickup(CALLED, MORNING).reference, "never"
    with pytest.raises(ConnectorError, match="can no longer be called off") as kept:
        carrier.call_off_pickup(number)
    assert kept.value.permanent
    with pytest.raises(ConnectorError, match="look for it in Sendcloud's panel"):
        carrier.call_off_pickup("")
    with pytest.raises(ValueError, match="pickup_carrier in"):
        bound(peer, return_option="").pickup(CALLED, MORNING)


@pytest.mark.parametrize("fault", [Fault("POST", CUT), Fault("POST", CUT, after=True), Fault("POST", BROKEN, after=True), Fault("POST", LOGIN_PAGE)])
def test_an_order_for_a_driver_without_an_answer_is_a_doubt(peer: SendcloudPeer, fault: Fault) -> None:
    peer.faults.append(replace(fault))
    with pytest.raises(InDoubt):
        bound(peer, pickup_carrier="correos_express").pickup(CALLED, MORNING)
    assert len(peer.pickups) == int(fault.after)


def test_scans_come_oldest_first_with_our_words(peer: SendcloudPeer, carrier: SendcloudCarrier) -> None:
    number = "PK%2F1"  # as it stands in the address
    peer.statuses[number] = [(TEN, "announced"), (TEN.replace(hour=12), "driver-on-route"), (TEN.replace(hour=18), "eaten-by-a-dog")]
    peer.expected[number] = "2026-11-04"
    told = carrier.track("PK/1")
    assert [scan.means for scan in told.scans] == [Status.ANNOUNCED, Status.OUT_FOR_DELIVERY, Status.UNKNOWN]
    assert (told.scans[-1].status, told.scans[-1].at.hour, told.expected_on, told.known) == ("eaten-by-a-dog", 18, date(2026, 11, 4), True)


def test_a_number_that_it_does_not_know_is_an_answer(carrier: SendcloudCarrier) -> None:
    told = carrier.track("NOBODY")
    assert (told.scans, told.known) == ((), False)


@pytest.mark.parametrize("reply", [BROKEN, LOGIN_PAGE, CUT, Reply(429)], ids=["503", "html", "cut", "429"])
def test_trouble_while_asking_may_be_over_later(peer: SendcloudPeer, carrier: SendcloudCarrier, reply: Reply) -> None:
    peer.trouble = reply
    with pytest.raises(ConnectorError) as trouble:
        carrier.track("PK1")
    assert not trouble.value.permanent


def test_a_silence_ends_in_time(peer: SendcloudPeer, carrier: SendcloudCarrier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.READ", 0.3)
    peer.trouble = SILENCE
    with pytest.raises(ConnectorError, match="did not answer in time"):
        carrier.track("PK1")


ODD: dict[str, Any] = {
    "no object": [],
    "no list": {"statuses": "many"},
    "no times": {"statuses": [{"parent_status": "delivered"}, {"parent_status": "delivered", "carrier_update_timestamp": "yesterday"}]},
    "no words": {"statuses": [{"carrier_update_timestamp": "2026-11-03 10:00:00+00:00"}, {"parent_status": 7}]},
    "a day that is none": {"statuses": [], "expected_delivery_date": "soon"},
}


@pytest.mark.parametrize("case", ODD)
def test_what_makes_no_sense_tells_nothing(case: str) -> None:
    told = tracking.read(ODD[case])
    assert (told.scans, told.expected_on) == ((), None)


def test_every_word_of_the_table_is_a_slug_and_leads_somewhere() -> None:
    for word, status in STATUSES.items():
        assert meaning(word) is status
        assert meaning(word.replace("-", " ").capitalize()) is status
    assert meaning("Something new") is Status.UNKNOWN
    assert {Status(status) for status in STATUSES.values()} == set(Status), "each of our words is one of theirs, too"
