"""A label is bought once, whatever the carrier's answers and silences: after a doubt it is looked for before it is made again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from connectors.carriers import CARRIERS
from connectors.carriers.base import Label, LabelRequest
from connectors.http import Door
from jobs import by_hand, open_return
from jobs.ask_carrier import LOOK_AFTER
from jobs.create_return_label import create_return_label
from jobs.erase_customer import Lock, erase_customer
from postventa.alarms import open_alarms
from postventa.clock import real_now
from postventa.models import Attempt, Effect, LabelRow
from postventa.models.db import reading, transaction
from postventa.privacy.people import Person
from postventa.shops import find
from tests.conftest import TestClock
from tests.jobs.carrier_house import alarm_names
from tests.peers.carrier import Fault, Rapido, rapido
from tests.peers.rapido import NAME, RapidoCarrier
from tests.pipeline.house import House, alba
from tests.pipeline.stories import DAY, NOON, WooOrder


@pytest.fixture
def peer() -> Iterator[Rapido]:
    """One of those that sell a second label to whoever asks twice."""
    with rapido(idempotent=False) as running:
        yield running


@pytest.fixture
def carrier(peer: Rapido, monkeypatch: pytest.MonkeyPatch) -> RapidoCarrier:
    made = RapidoCarrier(peer.url, Door(["127.0.0.1"], sleep=lambda seconds: None))
    monkeypatch.setitem(CARRIERS, NAME, made)
    return made


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path, carrier: RapidoCarrier) -> House:
    clock.set(NOON)
    made = House(engine, clock, tmp_path, alba(carrier=NAME))
    order = WooOrder().tell("order.created").tell(after=DAY, status="entregado").tell(after=DAY, status="devolucion")
    for sent in order.sent:
        made.until(sent.at)
        made.deliver("woocommerce", sent)
    clock.advance(minutes=1)  # the label is due
    return made


def label(house: House) -> Effect:
    (effect,) = house.effects(kind="label")
    return effect


def make(house: House, later: bool = False) -> Effect:
    """Run the job; `later`: when its pause is over."""
    if later:
        with transaction(house.engine) as session:
            session.execute(update(Effect).where(Effect.kind == "label").values(not_before=real_now()))
    create_return_label(label(house).id)
    return label(house)


def ripen(house: House) -> None:
    """The doubt has lasted long enough."""
    with transaction(house.engine) as session:
        effect = session.scalars(select(Effect).where(Effect.kind == "label")).one()
        since = real_now() - timedelta(seconds=house.settings.recovery.doubt_after + 1)
        effect.data = {**effect.data, "doubt": since.isoformat()}


def bought(peer: Rapido) -> int:
    return len(peer.labels)


def story(house: House) -> list[str]:
    with reading(house.engine) as session:
        return list(session.scalars(select(Attempt.outcome).where(Attempt.effect_id == label(house).id).order_by(Attempt.id)))


def kept(house: House) -> list[tuple[str, str, str]]:
    with reading(house.engine) as session:
        return [(row.carrier, row.carrier_ref, row.state) for row in session.scalars(select(LabelRow))]


def test_a_label_of_a_carrier_is_bought_kept_and_mailed_once(house: House, peer: Rapido) -> None:
    house.run()
    assert (bought(peer), kept(house), label(house).state) == (1, [(NAME, "lbl_1", "mailed")], "done")
    make(house, later=True)
    assert bought(peer) == 1
    assert [mail["X-Postventa-Followup"] for mail in house.postman.mails].count("return_label") == 1


def test_a_line_that_breaks_after_the_label_was_made_ends_in_that_label(house: House, peer: Rapido) -> None:
    with peer.having(Fault("POST", cut=True, after=True)):
        doubtful = make(house)
    pause = (doubtful.not_before - real_now()).total_seconds()
    assert (doubtful.state, "in doubt" in doubtful.reason, LOOK_AFTER - 2 < pause <= LOOK_AFTER) == ("planned", True, True)
    assert make(house, later=True).state == "done"
    assert (bought(peer), kept(house), story(house)) == (1, [(NAME, "lbl_1", "made")], ["sending", "in_doubt", "sending", "sent"])


def test_a_label_that_is_not_there_is_made_only_when_nothing_can_come_of_the_first_request_any_more(house: House, peer: Rapido) -> None:
    with peer.having(Fault("POST", cut=True)):
        make(house)
    waiting = make(house, later=True)
    assert (waiting.state, bought(peer), "has no label" in waiting.reason) == ("planned", 0, True)
    assert waiting.not_before - real_now() > timedelta(minutes=14)
    ripen(house)
    assert make(house, later=True).state == "done"
    assert bought(peer) == 1


def test_a_carrier_that_was_slow_to_make_it_has_made_it_once(house: House, peer: Rapido) -> None:
    with peer.having(Fault("POST", cut=True)):
        make(house)
    make(house, later=True)
    peer.make("", {"reference": house.returns()[0].number})  # what the first request led to, late
    ripen(house)
    assert (make(house, later=True).state, bought(peer)) == ("done", 1)


def test_a_carrier_that_cannot_be_asked_leaves_the_doubt_to_a_person(house: House, peer: Rapido, carrier: RapidoCarrier) -> None:
    carrier.readable = False
    with peer.having(Fault("POST", 500, after=True)):
        make(house)
    ended = make(house, later=True)
    assert (ended.state, "please look whether rapido made the label R-" in ended.reason, ended.done_at is not None) == ("unknown", True, True)
    make(house, later=True)
    assert bought(peer) == 1


def test_a_label_in_doubt_is_looked_for_also_when_a_person_has_it_tried_again(house: House, peer: Rapido, carrier: RapidoCarrier) -> None:
    carrier.readable = False
    with peer.having(Fault("POST", 500, after=True)):
        make(house)
    assert make(house, later=True).state == "unknown"
    carrier.readable = True
    with transaction(house.engine) as session:
        by_hand.resend(session, house.world, label(house).id, actor="cli:jon@almacen", reason="the carrier answers again", force=True)
    assert (make(house).state, bought(peer), kept(house)) == ("done", 1, [(NAME, "lbl_1", "made")])


def test_a_carrier_that_never_says_what_it_made_leaves_the_doubt_to_a_person_in_the_end(house: House, peer: Rapido) -> None:
    with peer.having(Fault("POST", 500, after=True), Fault("GET", html=True)):
        make(house)
        for _ in range(9):
            assert label(house).state == "planned"
            make(house, later=True)
    assert (label(house).state, "failed 9 times: in doubt, please look" in label(house).reason) == ("unknown", True)
    assert bought(peer) == 1


@pytest.mark.parametrize(("fault", "state"), [(Fault("POST", 429, retry_after="3600"), "planned"), (Fault("POST", 422), "dead")])
def test_a_clear_no_is_no_doubt(house: House, peer: Rapido, fault: Fault, state: str) -> None:
    with peer.having(fault):
        said = make(house)
    assert (said.state, bought(peer), said.data.get("doubt")) == (state, 0, None)
    if state == "planned":
        assert said.not_before - real_now() > timedelta(minutes=59), "as long as the carrier asked for"


def test_what_was_asked_of_one_carrier_is_looked_for_there_although_the_shop_has_another_by_now(house: House, peer: Rapido) -> None:
    with peer.having(Fault("POST", cut=True, after=True)):
        make(house)
    house.settings.shops[0].__dict__["carrier"] = "own"
    assert make(house, later=True).state == "done"
    assert kept(house) == [(NAME, "lbl_1", "made")]


@pytest.mark.parametrize("there", [True, False])
def test_a_return_that_is_called_off_in_the_doubt_is_looked_for_and_not_made(house: House, peer: Rapido, there: bool) -> None:
    with peer.having(Fault("POST", cut=True, after=there)):
        make(house)
    with transaction(house.engine) as session:
        shop = find(session, house.shops["woocommerce"], house.settings, house.world.secret)
        open_return.void(session, house.settings, shop, house.returns()[0].number, "se lo queda", actor="test")
    ripen(house)
    ended = make(house, later=True)
    assert (ended.state, bought(peer), len(kept(house))) == ("done" if there else "cancelled", int(there), int(there))
    with reading(house.engine) as session:
        assert session.scalars(select(LabelRow.state)).all() == ["voided"] * there, "so that it goes back to its carrier at once"
    assert not house.effects(kind="mail", followup="return_label")
    house.run()
    assert "return_label" not in [mail["X-Postventa-Followup"] for mail in house.postman.mails]


def erase(house: House) -> str:
    """What is said of what the carrier has."""
    with transaction(house.engine) as session:
        return erase_customer(session, house.shops["woocommerce"], Person(email="ana@cliente.example"), Lock(b"", 0)).at_carriers


@pytest.mark.parametrize("there", [True, False])
def test_what_is_in_doubt_when_its_customer_is_erased_is_looked_for_and_goes_back(house: House, peer: Rapido, there: bool) -> None:
    with peer.having(Fault("POST", cut=True, after=there)):
        make(house)
    assert erase(house) == "; labels and pickups in doubt, looked for at their carriers: 1"
    ripen(house)
    ended = make(house, later=True)
    assert (ended.state, bought(peer), len(kept(house))) == ("done" if there else "cancelled", int(there), int(there))
    with reading(house.engine) as session:
        assert [(row.state, row.pdf) for row in session.scalars(select(LabelRow))] == [("voided", None)] * there


@pytest.mark.parametrize("before", [True, False])
def test_where_nobody_can_say_whether_an_erased_customers_label_was_made_a_person_looks(house: House, peer: Rapido, before: bool) -> None:
    with peer.having(Fault("POST", 500, after=True), Fault("GET", html=True)):
        make(house)
        said = "" if before else erase(house)
        for _ in range(9):
            make(house, later=True)
    said = erase(house) if before else said
    assert label(house).state == "unknown"
    named = "; you have to look for there, see the alarms: 1" if before else "; labels and pickups in doubt, looked for at their carriers: 1"
    assert (said, [name for name, _ in alarm_names(house)]) == (named, ["label-of-the-erased"])
    with reading(house.engine) as session:
        told = str([(alarm.subject, alarm.message) for alarm in open_alarms(session)]).replace("Alba", "")
    assert "ana" not in re.sub(r"R-\w{4}-\w{4}", "", told).lower(), "a number's letters may be any"


def test_who_is_erased_while_the_carrier_is_asked_leaves_no_address_on_a_label(
    house: House, carrier: RapidoCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = carrier.return_label

    def erased_meanwhile(request: LabelRequest) -> Label:
        answer = ask(request)
        with transaction(house.engine) as session:
            erase_customer(session, house.shops["woocommerce"], Person(email="ana@cliente.example"), Lock(b"", 0))
        return answer

    monkeypatch.setattr(carrier, "return_label", erased_meanwhile)
    assert make(house).state == "done"
    with reading(house.engine) as session:
        row = session.scalars(select(LabelRow)).one()
    assert (row.pdf, row.qr, row.state) == (None, None, "voided")
