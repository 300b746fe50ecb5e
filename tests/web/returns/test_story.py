"""The steps of a return, done and to come; and which page of the choice comes next. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from postventa.models import Effect, ReturnCase, State
from postventa.returns.wish import Swap
from postventa.web.returns.answers import read
from postventa.web.returns.story import Money, Step, steps, where
from tests.pipeline.stories import NOON

LATER = NOON + timedelta(days=1)


def case(state: str = "approved", **more: Any) -> ReturnCase:
    told = {"refund": "10.00", "bonus": "1.00"}
    basics = {"created_at": NOON, "requested_at": NOON, "approved_at": NOON, "arrivals": [], "quoted": told, "refund_when": "at_arrival"}
    return ReturnCase(**{**basics, "state": state, "resolution": "refund", "method": "printed_label", **more})


def names(found: list[Step]) -> list[str]:
    return [step.name for step in found]


def test_what_is_to_come_follows_from_the_way_and_the_moment_of_the_money() -> None:
    assert names(steps(case(), Money())) == ["requested", "approved", "scanned", "received", "paid"]
    assert names(steps(case(refund_when="at_first_scan"), Money())) == ["requested", "approved", "scanned", "paid", "received"]
    assert names(steps(case(method="drop_off", refund_when="after_inspection"), Money())) == [
        "requested",
        "approved",
        "received",
        "inspected",
        "paid",
    ]
    assert names(steps(case(resolution="keep_item"), Money())) == ["requested", "approved", "paid"]
    assert names(steps(case(resolution="store_credit"), Money()))[-1] == "credited"
    assert names(steps(case(resolution="exchange"), Money()))[-1] == "solved"
    assert names(steps(case(resolution="", quoted={}), Money()))[-1] == "solved"


def test_what_was_called_off_promises_nothing() -> None:
    assert names(steps(case("cancelled", cancelled_at=LATER), Money())) == ["requested", "approved", "cancelled"]
    assert names(steps(case("declined", approved_at=None, declined_at=LATER), Money())) == ["requested", "declined"]


def test_the_money_is_paid_when_the_shop_has_made_all_of_it() -> None:
    done, waits = Effect(state=State.DONE, done_at=LATER), Effect(state=State.PLANNED)
    assert (Money((done,)).paid_at, Money((done, waits)).paid_at, Money().paid_at) == (LATER, None, None)


def test_where_it_is_follows_from_the_parcel() -> None:
    told: list[dict[str, Any]] = [{}, {"scanned_at": NOON}, {"arrivals": [{}]}, {"resolution": "keep_item"}]
    assert [where(case(**one)) for one in told] == ["send", "on_the_way", "on_the_way", "kept"]
    assert where(case("received", scanned_at=NOON)) == "received"


def test_an_address_is_read_as_a_wish_and_no_more() -> None:
    pairs = [("item", "1"), ("item", "1"), ("item", "2"), ("q-2", "²"), ("why-1", "size"), ("more-1-size", "size_small"), ("as", "exchange")]
    told: MultiDict[str, str] = MultiDict(pairs)
    told.update({"more-1-look": "colour", "swap-1": "11", "swap-2": "talk", "price-1": "0.01", "why-9": "late"})
    answers = read(told)
    assert (answers.items, answers.count("1"), answers.count("2")) == (("1", "2"), 1, 0)
    assert answers.reasons == {"1": "size_small", "2": ""}
    assert answers.wish().exchange == (), "in part by words is wholly a person's to sort out"
    told.setlist("swap-2", ["22"])
    assert read(told).wish().exchange == (Swap("1", "11", 1), Swap("2", "22", 0))
    assert read(MultiDict(answers.pairs())) == answers, "nothing is lost on the way to the next page"
