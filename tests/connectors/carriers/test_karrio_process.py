"""The real karrio, in its process, against a peer that plays the carriers by their published documents."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.carriers import CARRIERS
from connectors.carriers.base import Account, Carrier, Label, Method, NeedsAccount, Status
from connectors.errors import ConnectorError, InDoubt, Refused, Unsupported
from connectors.http import Door
from tests.connectors.carriers.karrio_process import karrio_process
from tests.connectors.carriers.requests import LOLA, request_of
from tests.peers import contracts as told
from tests.peers.contracts import SECRET, ContractsPeer
from tests.peers.shop import BROKEN, CUT, LOGIN_PAGE, SILENCE, SLOW_DOWN, Fault, Reply
from tests.runtime.processes import eventually, family, slay

REQUEST = request_of()
LABELS = ("dhl_parcel_de", "dhl_express", "ups", "gls_group")
CALLS = {"dhl_parcel_de": "/returns/v1/orders", "dhl_express": "ShipmentRequest", "ups": "/v2409/ship", "gls_group": "/rs/shipments"}
"""What stands in the path or the body of the call that buys."""
TEN = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def helper() -> Iterator[Path]:
    with karrio_process() as path:
        yield path


@pytest.fixture
def peer() -> Iterator[ContractsPeer]:
    peer = ContractsPeer()
    with peer.open():
        yield peer


def bound(name: str, peer: ContractsPeer, helper: Path, **changes: str) -> Carrier:
    return bound_behind(Door(["127.0.0.1"], tries=1), name, peer, helper, **changes)


def bound_behind(door: Door, name: str, peer: ContractsPeer, helper: Path, **changes: str) -> Carrier:
    carrier = CARRIERS[name]
    assert isinstance(carrier, NeedsAccount)
    return carrier.bound(Account(peer.account(name, **changes), door, str(helper)))


PARCELS: dict[str, tuple[Reply, list[tuple[datetime, Status]]]] = {
    "dhl_parcel_de": (
        told.paket("N1", ("03.11.2026 11:00", "SHRCU", "ES"), ("04.11.2026 09:02", "SRTED", "PO"), ("04.11.2026 10:02", "DLVRD", "ZU")),
        [
            (TEN, Status.IN_TRANSIT),
            (datetime(2026, 11, 4, 8, 2, tzinfo=UTC), Status.OUT_FOR_DELIVERY),
            (datetime(2026, 11, 4, 9, 2, tzinfo=UTC), Status.DELIVERED),
        ],
    ),
    "ups": (
        told.ups_parcel("N1", ("20261105", "183000", "D", "FS"), ("20261104", "071300", "X", "SR"), ("20261103", "110000", "M", "MP")),
        [
            (TEN, Status.ANNOUNCED),
            (datetime(2026, 11, 4, 6, 13, tzinfo=UTC), Status.UNKNOWN),
            (datetime(2026, 11, 5, 17, 30, tzinfo=UTC), Status.DELIVERED),
        ],
    ),
    "fedex": (
        told.fedex_parcel("N1", ("2026-11-04T18:30:00+01:00", "RS"), ("2026-11-03T11:00:00+01:00", "PU")),
        [(TEN, Status.IN_TRANSIT), (datetime(2026, 11, 4, 17, 30, tzinfo=UTC), Status.RETURNED_TO_SENDER)],
    ),
    "gls_group": (
        told.gls_parcel("N1", "DELIVEREDPS", "2026-11-03T11:00:00+0100", ("2026-11-03T11:00:00+0100", "DELIVD.PARCELSHOP")),
        [(TEN, Status.READY_FOR_PICKUP)],
    ),
    "dpd": (
        told.dpd_parcel(
            ("Courier", "11/3/2026 11:00:00 AM", True), ("ParcelShop", "11/3/2026 4:16:57 PM", True), ("Delivered", "11/4/2026 9:00:00 AM", False)
        ),
        [(TEN, Status.OUT_FOR_DELIVERY), (datetime(2026, 11, 3, 15, 16, 57, tzinfo=UTC), Status.READY_FOR_PICKUP)],
    ),
    "dhl_express": (
        told.express_parcel("N1", ("2026-11-03", "11:00:00", "PU"), ("2026-11-04", "09:00:00", "RT"), ("2026-11-06", "09:00:00", "OK")),
        [
            (TEN, Status.IN_TRANSIT),
            (datetime(2026, 11, 4, 8, 0, tzinfo=UTC), Status.RETURNED_TO_SENDER),
            (datetime(2026, 11, 6, 8, 0, tzinfo=UTC), Status.RETURNED_TO_SENDER),
        ],
    ),
}


@pytest.mark.parametrize("name", PARCELS)
def test_where_a_parcel_is_is_told_in_our_words_and_in_true_times(name: str, peer: ContractsPeer, helper: Path) -> None:
    reply, scans = PARCELS[name]
    peer.parcels["N1"] = reply
    found = bound(name, peer, helper).track("N1")
    assert [(scan.at, scan.means) for scan in found.scans] == scans
    assert found.known
    assert bound(name, peer, helper).track("N1") == found
    if name == "ups":
        assert found.expected_on == date(2026, 11, 5)


@pytest.mark.parametrize("name", [name for name in PARCELS if name != "dpd"])
def test_a_number_that_the_carrier_does_not_know_is_an_answer(name: str, peer: ContractsPeer, helper: Path) -> None:
    assert not bound(name, peer, helper).track("N2").known


@pytest.mark.parametrize("name", PARCELS)
def test_keys_that_are_refused_are_said_to_be(name: str, peer: ContractsPeer, helper: Path) -> None:
    secret = next(key for key, value in peer.account(name).items() if value == SECRET)
    with pytest.raises(Refused, match="does not accept our keys") as refused:
        bound(name, peer, helper, **{secret: "falsch"}).track("N1")
    assert "falsch" not in str(refused.value)


def test_a_parcel_of_dhl_that_goes_back_is_delivered_to_nobody(peer: ContractsPeer, helper: Path) -> None:
    peer.parcels["N1"] = told.paket("N1", ("04.11.2026 10:02", "DLVRD", "ZU"), back=True)
    assert [scan.means for scan in bound("dhl_parcel_de", peer, helper).track("N1").scans] == [Status.RETURNED_TO_SENDER]


@pytest.mark.parametrize("name", LABELS)
def test_a_return_label_is_made_from_the_customer_to_the_shop(name: str, peer: ContractsPeer, helper: Path) -> None:
    label = bound(name, peer, helper).return_label(REQUEST)
    assert (label.carrier, label.reference, label.pdf[:5], bool(label.tracking_number)) == (name, REQUEST.reference, b"%PDF-", True)
    (asked,) = peer.shipped
    begins, ends = BOTH_ENDS[name](asked)
    assert (REQUEST.sender.city in begins, LOLA.city in ends) == (True, True)
    assert REQUEST.reference in str(asked)
    assert ("9" in str(asked["ShipmentRequest"]["Shipment"]["ReturnService"])) if name == "ups" else True
    assert (label.cost, label.currency) == (("14.25", "EUR") if name == "dhl_express" else ("0", "EUR"))


BOTH_ENDS: dict[str, Callable[[Any], tuple[str, str]]] = {
    "dhl_parcel_de": lambda asked: (str(asked["shipper"]), f"{LOLA.city} {asked['receiverId']}"),
    "gls_group": lambda asked: (str(asked["Shipment"]["Shipper"]), str(asked["Shipment"]["Consignee"])),
    "ups": lambda asked: (str(asked["ShipmentRequest"]["Shipment"]["ShipFrom"]), str(asked["ShipmentRequest"]["Shipment"]["ShipTo"])),
    "dhl_express": lambda asked: (asked[asked.index("<Shipper>") :], asked[asked.index("<Consignee>") : asked.index("</Consignee>")]),
}

DOUBTS = {"the line breaks": CUT, "trouble of its own, after it was made": BROKEN, "a page for people": LOGIN_PAGE}


@pytest.mark.parametrize("name", LABELS)
@pytest.mark.parametrize("case", DOUBTS)
def test_a_label_that_may_have_been_made_is_a_doubt_and_is_asked_for_once(name: str, case: str, peer: ContractsPeer, helper: Path) -> None:
    peer.faults.append(Fault("POST", DOUBTS[case], holds=CALLS[name], after=True, times=9))
    with pytest.raises(InDoubt):
        bound(name, peer, helper).return_label(REQUEST)
    assert len(peer.shipped) == 1
    with pytest.raises(Unsupported, match="own panel"):
        bound(name, peer, helper).find(REQUEST)


@pytest.mark.parametrize("name", LABELS)
def test_a_label_that_was_certainly_not_made_is_no_doubt(name: str, peer: ContractsPeer, helper: Path) -> None:
    peer.faults.append(Fault("POST", SLOW_DOWN, holds=CALLS[name]))
    with pytest.raises(ConnectorError, match="slow down") as slow:
        bound(name, peer, helper).return_label(REQUEST)
    assert (isinstance(slow.value, InDoubt), slow.value.retry_after) == (False, 2.0)
    no = told.express_refusal("SV011a", "Product not available") if name == "dhl_express" else ""
    peer.faults.append(Fault("POST", Reply(html=no) if no else Reply(400, {"title": "Bad Request", "status": 400}), holds=CALLS[name]))
    with pytest.raises(ConnectorError) as refused:
        bound(name, peer, helper).return_label(REQUEST)
    assert (isinstance(refused.value, InDoubt), refused.value.permanent, peer.shipped) == (False, True, [])


def test_only_ups_takes_a_label_back(peer: ContractsPeer, helper: Path) -> None:
    label = bound("ups", peer, helper).return_label(REQUEST)
    bound("ups", peer, helper).void(label)
    assert peer.voided == [label.carrier_ref]
    with pytest.raises(Unsupported):
        bound("gls_group", peer, helper).void(Label("gls_group", "R-1", b""))
    for name in ("fedex", "dpd"):
        assert Method.PRINTED_LABEL not in CARRIERS[name].methods
        with pytest.raises(Unsupported, match="make a return label"):
            bound(name, peer, helper).return_label(REQUEST)


def test_a_token_is_asked_for_once_and_for_each_account(peer: ContractsPeer, helper: Path) -> None:
    peer.parcels["N1"] = PARCELS["ups"][0]
    secret = "otro-secreto-de-prueba"
    carrier = bound("ups", peer, helper, client_id="una-sola-vez")
    with pytest.raises(Refused):
        bound("ups", peer, helper, client_id="una-sola-vez", client_secret=secret).track("N1")
    carrier = bound("ups", peer, helper)

    def tokens() -> int:
        """How many one more question takes."""
        before = peer.tokens
        carrier.track("N1")
        return peer.tokens - before

    assert tokens() <= 1
    eventually(lambda: tokens() == 0)  # the process takes what a question brought between two of them


def test_nobody_is_reached_in_our_own_network(peer: ContractsPeer, helper: Path) -> None:
    with pytest.raises(ConnectorError, match="does not lead to a public https server"):
        bound_behind(Door(tries=1), "ups", peer, helper).track("N1")
    assert peer.calls == []


def test_a_question_that_dawdles_keeps_nobody_else_waiting(peer: ContractsPeer, helper: Path) -> None:
    peer.parcels["N1"] = PARCELS["gls_group"][0]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as slow:
        slow.connect(str(helper))  # asks nothing, and stays
        assert bound("gls_group", peer, helper).track("N1").known


def test_a_process_that_is_killed_while_it_buys_leaves_a_doubt_and_one_that_is_not_there_leaves_none(peer: ContractsPeer, helper: Path) -> None:
    peer.faults.append(Fault("POST", SILENCE, holds=CALLS["ups"], after=True))
    _kill_children_once(peer, len(peer.shipped))
    with pytest.raises(InDoubt, match="may have done"):
        bound("ups", peer, helper).return_label(REQUEST)
    assert len(peer.shipped) == 1
    with pytest.raises(ConnectorError, match="does not run") as gone:
        bound("ups", peer, helper.with_name("nobody.sock")).return_label(REQUEST)
    assert (isinstance(gone.value, InDoubt), gone.value.permanent) == (False, False)
    assert len(peer.shipped) == 1


def _kill_children_once(peer: ContractsPeer, shipped: int) -> None:
    """The child that asks is killed as soon as the carrier was asked."""

    def work() -> None:
        while len(peer.shipped) == shipped:
            time.sleep(0.02)
        for child in family(os.getpid()):
            if child not in family_before:
                slay([child])

    family_before = set(family(os.getpid()))
    threading.Thread(target=work, daemon=True).start()


def test_times_are_read_in_the_accounts_zone(peer: ContractsPeer, helper: Path) -> None:
    peer.parcels["N1"] = PARCELS["ups"][0]
    there = bound("ups", peer, helper, timezone="Atlantic/Canary").track("N1")
    here = bound("ups", peer, helper).track("N1")
    assert [(a.at - b.at).total_seconds() for a, b in zip(there.scans, here.scans, strict=True)] == [3600.0] * 3


def test_a_street_that_is_too_long_is_not_cut(peer: ContractsPeer, helper: Path) -> None:
    long = replace(REQUEST.sender, street="Avenida de la Constitución de mil novecientos setenta y ocho, portal 7, escalera derecha", street2="4.º B")
    with pytest.raises(ValueError, match="the customer's is longer"):
        bound("ups", peer, helper).return_label(replace(REQUEST, sender=long))
    assert peer.calls == []
