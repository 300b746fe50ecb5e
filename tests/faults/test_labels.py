"""A carrier whose labels cost money, and everything that can go wrong around buying one: it is bought once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.faults.conftest import Stand
from tests.faults.stories import lately, sent_back
from tests.peers.carrier import Fault, Rapido, rapido
from tests.peers.rapido import NAME, VARIABLE
from tests.pipeline.stories import DAY, WooOrder
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, LOLA, OTTO

SHOP = replace(ALBA, settings={**ALBA.settings, "carrier": NAME})


@pytest.fixture
def carrier() -> Iterator[Rapido]:
    """One of those that sell a second label to whoever asks twice, whatever key comes with it."""
    with rapido(idempotent=False) as running:
        yield running


@pytest.fixture
def service(stand: Stand, carrier: Rapido) -> Service:
    """Mara's shop buys its labels there."""
    made = stand.service(shops=(SHOP, LOLA, OTTO))
    made.program, made.variables = "tests.peers.rapido", {VARIABLE: carrier.url}
    return made.start()


def bought_once(stand: Stand, service: Service, carrier: Rapido, order: str, email: str) -> list[str]:
    """One label at the carrier, the same in the ledger, and one mail that brings it; how its effect came there."""
    service.until(lambda: "return_label" in stand.sink.followups(email), 30, "a label in the mail")
    service.rest(order)
    (label,) = service.effects(order, kind="label")
    (listed,) = service.json("return", "list", "--shop", SHOP.key)["returns"]
    assert [one["reference"] for one in carrier.labels.values()] == [listed["number"]]
    assert (label["state"], listed["label"], stand.sink.followups(email).count("return_label")) == ("done", "mailed", 1)
    return [step["outcome"] for step in service.attempts(label["id"])]


DOUBTED = ["sending", "in_doubt", "sending", "sent"]


@pytest.mark.parametrize(
    ("name", "story"),
    [
        pytest.param("label.after_sending", None, marks=[pytest.mark.scenario("F8", budget=60)]),
        pytest.param("label.after_answer", DOUBTED, marks=[pytest.mark.scenario("F9", budget=60)]),
        pytest.param("label.after_done", ["sending", "sent"], marks=[pytest.mark.long, pytest.mark.scenario("F9", budget=60)]),
    ],
)
def test_killed_on_the_way_the_label_is_bought_once_and_mailed_once(
    stand: Stand, service: Service, carrier: Rapido, order_ref: int, ana: str, name: str, story: list[str] | None
) -> None:
    service.arm(name)
    service.play(SHOP, sent_back(order_ref, ana).sent)
    service.until(lambda: service.went_off(name), 15, f"at {name}")
    told = bought_once(stand, service, carrier, str(order_ref), ana)
    assert told == story or (story is None and (told[:2], told[-1]) == (DOUBTED[:2], "sent"))
    asked = [method for method, _, _ in carrier.asked]
    assert asked.count("POST") == 1, asked
    assert ("GET" in asked) is (name != "label.after_done"), "who is in doubt looks first"


@scenario("F10", budget=60)
@pytest.mark.parametrize("there", [True, pytest.param(False, marks=pytest.mark.long)], ids=["made", "not made"])
def test_a_line_that_breaks_at_the_carrier_is_a_doubt_that_looking_ends(
    stand: Stand, service: Service, carrier: Rapido, order_ref: int, ana: str, there: bool
) -> None:
    with carrier.having(Fault("POST", cut=True, after=there, times=1)) as fault:
        service.play(SHOP, sent_back(order_ref, ana).sent)
        told = bought_once(stand, service, carrier, str(order_ref), ana)
    assert fault.met == 1
    assert told[:2] == DOUBTED[:2]
    asked = [method for method, _, _ in carrier.asked]
    assert (asked.count("POST"), asked[1]) == (1 if there else 2, "GET"), "who is in doubt looks first"


@scenario("F10", budget=60)
@pytest.mark.long
def test_a_carrier_that_cannot_say_what_it_made_leaves_the_doubt_to_a_person(stand: Stand, carrier: Rapido, order_ref: int, ana: str) -> None:
    service = stand.service(shops=(SHOP, LOLA, OTTO))
    service.program, service.variables = "tests.peers.rapido", {VARIABLE: carrier.url, "RAPIDO_MUTE": "1"}
    service.start()
    with carrier.having(Fault("POST", 502, after=True)):
        service.play(SHOP, sent_back(order_ref, ana).sent)
        service.until(lambda: service.effects(str(order_ref), kind="label", state="unknown"), 25, "in doubt")
    service.rest()
    (label,) = service.effects(str(order_ref), kind="label")
    assert "please look whether rapido made the label R-" in label["reason"]
    assert (len(carrier.labels), "return_label" in stand.sink.followups(ana)) == (1, False)


@scenario("F16", budget=60)
@pytest.mark.long
@pytest.mark.parametrize(
    "fault", [Fault("POST", 429, retry_after="3"), Fault("POST", 503), Fault("POST", html=True)], ids=["429", "503", "a page for people"]
)
def test_a_carrier_with_troubles_of_its_own_sells_one_label_in_the_end(
    stand: Stand, service: Service, carrier: Rapido, order_ref: int, ana: str, fault: Fault
) -> None:
    fault.times, fault.met = 1, 0
    with carrier.having(fault):
        service.play(SHOP, sent_back(order_ref, ana).sent)
        bought_once(stand, service, carrier, str(order_ref), ana)
    assert fault.met == 1


def at_once(service: Service, number: int, ask: Callable[[], tuple[int, dict[str, object]]]) -> Counter[int]:
    """The statuses of that many requests at the same moment."""
    together = threading.Barrier(number)

    def one(_: int) -> int:
        together.wait(90)
        return ask()[0]

    with ThreadPoolExecutor(number) as pool:
        return Counter(pool.map(one, range(number)))


@scenario("S20", budget=90)
@pytest.mark.parametrize("reference", ["caso-77", pytest.param("", marks=pytest.mark.long)], ids=["one reference", "no reference"])
def test_fifty_requests_at_once_buy_one_label(stand: Stand, service: Service, carrier: Rapido, order_ref: int, ana: str, reference: str) -> None:
    service.play(SHOP, WooOrder(order_ref, lately() - DAY, ana).tell("order.created").tell(after=DAY / 2, status="entregado").sent)
    service.rest()
    wanted = {"order": str(order_ref), "items": [{"item": "SKU-1", "quantity": 1}], **({"reference": reference} if reference else {})}
    with carrier.having(Fault("POST", delay=0.3)):
        answers = at_once(service, 50, lambda: service.api(SHOP, "POST", "/returns", wanted))
        told = bought_once(stand, service, carrier, str(order_ref), ana)
    assert answers == Counter({201: 1, 200 if reference else 422: 49})
    assert told == ["sending", "sent"]
