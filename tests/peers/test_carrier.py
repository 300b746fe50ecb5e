"""The invented carrier keeps the contract, and really misbehaves as it was told: seen over HTTP by our side of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.errors import ConnectorError, InDoubt
from tests.connectors.carriers.contract import CarrierContract
from tests.connectors.carriers.requests import request_of
from tests.peers.carrier import Fault, Rapido, rapido
from tests.peers.rapido import RapidoCarrier

REQUEST = request_of()
REFERENCE = REQUEST.reference


@pytest.fixture
def peer() -> Iterator[Rapido]:
    with rapido() as running:
        yield running


@pytest.fixture
def carrier(peer: Rapido) -> RapidoCarrier:
    return RapidoCarrier(peer.url)


class TestContract(CarrierContract):
    @pytest.fixture(autouse=True)
    def _at_the_peer(self, carrier: RapidoCarrier) -> None:
        self.carrier = carrier


def test_what_was_not_made_is_not_found_and_what_was_given_back_neither(peer: Rapido, carrier: RapidoCarrier) -> None:
    assert carrier.find(REQUEST) is None
    label = carrier.return_label(REQUEST)
    assert carrier.find(REQUEST) == label
    carrier.void(label)
    assert carrier.find(REQUEST) is None
    assert len(peer.made(REFERENCE)) == 1


def test_a_parcel_is_followed(peer: Rapido, carrier: RapidoCarrier) -> None:
    number = carrier.return_label(REQUEST).tracking_number
    peer.scans[number] = [{"at": "2026-11-03T09:00:00+00:00", "status": "admitido", "place": "Madrid"}]
    assert [(scan.status, scan.place) for scan in carrier.track(number).scans] == [("admitido", "Madrid")]


DOUBTFUL = {
    "the line breaks before": (Fault("POST", cut=True, times=1), 0),
    "the line breaks after": (Fault("POST", cut=True, after=True, times=1), 1),
    "500 after": (Fault("POST", 500, after=True, times=1), 1),
    "502 before": (Fault("POST", 502, times=1), 0),
    "a page for people": (Fault("POST", html=True, times=1), 0),
    "a page for people after": (Fault("POST", html=True, after=True, times=1), 1),
}


@pytest.mark.parametrize(("fault", "made"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_an_answer_that_never_came_is_a_doubt_that_looking_ends(peer: Rapido, carrier: RapidoCarrier, fault: Fault, made: int) -> None:
    fault.met = 0
    with peer.having(fault), pytest.raises(InDoubt, match="may have made"):
        carrier.return_label(REQUEST)
    assert (len(peer.made(REFERENCE)), carrier.find(REQUEST) is not None) == (made, made == 1)
    assert [method for method, _, _ in peer.asked].count("POST") == 1, "the door does not buy twice"


@pytest.mark.parametrize(
    ("fault", "permanent", "wait"),
    [(Fault("POST", 422), True, None), (Fault("POST", 401), True, None), (Fault("POST", 429, retry_after="7"), False, 7.0)],
)
def test_a_clear_no_is_no_doubt(peer: Rapido, carrier: RapidoCarrier, fault: Fault, permanent: bool, wait: float | None) -> None:
    with peer.having(fault), pytest.raises(ConnectorError) as trouble:
        carrier.return_label(REQUEST)
    assert (trouble.value.permanent, trouble.value.retry_after, isinstance(trouble.value, InDoubt)) == (permanent, wait, False)
    assert peer.labels == {}


def test_a_carrier_that_is_not_there_is_a_doubt_too_since_nobody_can_tell_when_the_line_broke() -> None:
    with pytest.raises(InDoubt):
        RapidoCarrier("http://127.0.0.1:1").return_label(REQUEST)


def test_one_that_ignores_the_key_sells_twice_to_whoever_asks_twice() -> None:
    with rapido(idempotent=False) as peer:
        carrier = RapidoCarrier(peer.url)
        first, second = carrier.return_label(REQUEST), carrier.return_label(REQUEST)
        assert first.carrier_ref != second.carrier_ref
        assert [key for _, _, key in peer.asked] == [REFERENCE] * 2
