"""What may still go back, and where a return stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postventa.events import LineSnapshot
from postventa.returns.rules import ReturnRefused, choose_lines, returnable, state_of, valid_until, weight_of

BOOTS = LineSnapshot("l1", "Botín Triana", 2, Decimal(120), sku="BOT-38", weight_g=900)
SOCKS = LineSnapshot("l2", "Calcetines", 3, Decimal(15), sku="CAL", weight_g=60)
MORE_SOCKS = LineSnapshot("l3", "Calcetines (regalo)", 1, Decimal(0), sku="CAL", weight_g=60)
EBOOK = LineSnapshot("l4", "Guía de cuidado (PDF)", 1, Decimal(5), sku="PDF", requires_shipping=False)
ORDER = (BOOTS, SOCKS, MORE_SOCKS, EBOOK)

CHOICES = [
    ("everything that was shipped when nothing is named", [], [], (("l1", 2), ("l2", 3), ("l3", 1))),
    ("what is left when part went back", [[("l1", 1)], [("l2", 3)]], [], (("l1", 1), ("l3", 1))),
    ("a line by its reference", [], [("l1", 1)], (("l1", 1),)),
    ("a line by its SKU", [], [("BOT-38", 2)], (("l1", 2),)),
    ("a SKU on two lines, from the first on", [], [("CAL", 4)], (("l2", 3), ("l3", 1))),
    ("a SKU on two lines, less what is on its way", [[("l2", 2)]], [("CAL", 2)], (("l2", 1), ("l3", 1))),
    ("a line that is named twice", [], [("l1", 1), ("l1", 1)], (("l1", 2),)),
    ("a line that is named by reference and SKU", [], [("l1", 1), ("BOT-38", 1)], (("l1", 2),)),
    ("several lines in the order's order", [], [("CAL", 1), ("l1", 1)], (("l1", 1), ("l2", 1))),
]


@pytest.mark.parametrize(("taken", "wanted", "chosen"), [row[1:] for row in CHOICES], ids=[row[0] for row in CHOICES])
def test_a_return_holds(taken: list[list[tuple[str, int]]], wanted: list[tuple[str, int]], chosen: tuple[tuple[str, int], ...]) -> None:
    assert choose_lines(ORDER, taken, wanted) == chosen


REFUSALS = [
    ("an unknown line", [], [("l9", 1)], "'l9' is neither a line nor a SKU of this order"),
    ("more than was bought", [], [("l1", 3)], "'l1': 3 wanted, but only 2 bought"),
    ("more than is left", [[("l1", 1)]], [("l1", 2)], "'l1': 2 wanted, but only 1 of 2 left to return"),
    ("what is in a return already", [[("l1", 2)]], [("l1", 1)], "'l1': all 2 are in a return already"),
    ("nothing", [], [("l1", 0)], "'l1': the quantity must be a whole number from 1, not 0"),
    ("less than nothing", [], [("l1", -1)], "'l1': the quantity must be a whole number from 1, not -1"),
    ("half an item", [], [("l1", 0.5)], "'l1': the quantity must be a whole number from 1, not 0.5"),
    ("yes", [], [("l1", True)], "'l1': the quantity must be a whole number from 1, not True"),
    ("a download", [], [("PDF", 1)], "'PDF': nothing of it is left that was shipped"),
    ("too much in two names", [], [("l1", 2), ("BOT-38", 1)], "'BOT-38': 3 wanted, but only 2 bought"),
    ("anything of an order that went back whole", [[]], [("l1", 1)], "nothing of this order is left to return"),
    ("everything of an order that went back whole", [[]], [], "nothing of this order is left to return"),
]


@pytest.mark.parametrize(("taken", "wanted", "problem"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_a_return_is_refused_for(taken: list[list[tuple[str, int]]], wanted: list[tuple[str, int]], problem: str) -> None:
    with pytest.raises(ReturnRefused) as refused:
        choose_lines(ORDER, taken, wanted)
    assert refused.value.problems == (problem,)
    assert str(refused.value) == problem


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ReturnRefused) as refused:
        choose_lines(ORDER, [], [("l9", 1), ("l1", 5), ("l2", 0)])
    assert len(refused.value.problems) == 3


def test_what_is_left_counts_returns_and_only_notes_refunds() -> None:
    boots, socks, *_, ebook = returnable(ORDER, [[("l1", 1)], [("l2", 5)]], [("l1", 2), ("l1", 9)])

    assert (boots.bought, boots.in_returns, boots.refunded, boots.left) == (2, 1, 2, 1)
    assert (socks.in_returns, socks.left) == (3, 0)
    assert ebook.left == 0


@given(st.lists(st.lists(st.tuples(st.sampled_from(["l1", "l2", "l3"]), st.integers(1, 3)), max_size=3), max_size=4))
def test_one_return_after_the_other_never_takes_more_than_was_bought(requests: list[list[tuple[str, int]]]) -> None:
    taken: list[tuple[tuple[str, int], ...]] = []
    for wanted in requests:
        try:
            taken.append(choose_lines(ORDER, taken, wanted))
        except ReturnRefused:
            continue

    for line in ORDER:
        assert sum(quantity for pairs in taken for ref, quantity in pairs if ref == line.ref) <= line.quantity


@dataclass(frozen=True)
class Case:
    requested_at: datetime | None = None
    approved_at: datetime | None = None
    declined_at: datetime | None = None
    cancelled_at: datetime | None = None
    received_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_at: datetime | None = None


def day(number: int) -> datetime:
    return datetime(2026, 11, 1, 10, tzinfo=UTC) + timedelta(days=number)


STATES = [
    ("nothing known", {}, "requested"),
    ("asked for", {"requested_at": 1}, "requested"),
    ("approved", {"requested_at": 1, "approved_at": 2}, "approved"),
    ("approved before the request was told", {"approved_at": 2}, "approved"),
    ("goods in", {"approved_at": 2, "received_at": 5}, "received"),
    ("settled", {"approved_at": 2, "received_at": 5, "closed_at": 6}, "closed"),
    ("settled before the goods came", {"approved_at": 2, "closed_at": 3, "received_at": 5}, "closed"),
    ("refused", {"requested_at": 1, "declined_at": 2}, "declined"),
    ("refused, then approved after all", {"declined_at": 2, "approved_at": 3}, "approved"),
    ("approved, then refused", {"approved_at": 2, "declined_at": 3}, "declined"),
    ("called off", {"approved_at": 2, "cancelled_at": 3}, "cancelled"),
    ("called off, but an older approval comes late", {"cancelled_at": 3, "approved_at": 2}, "cancelled"),
    ("called off, but the parcel came", {"approved_at": 2, "cancelled_at": 3, "received_at": 5}, "received"),
    ("called off, then settled", {"cancelled_at": 3, "closed_at": 4}, "closed"),
    ("settled and reopened", {"approved_at": 2, "closed_at": 6, "reopened_at": 7}, "approved"),
    ("settled and reopened within the same second", {"approved_at": 2, "closed_at": 6, "reopened_at": 6}, "approved"),
    ("reopened with the goods in", {"approved_at": 2, "received_at": 5, "closed_at": 6, "reopened_at": 7}, "received"),
    ("reopened and settled again", {"approved_at": 2, "reopened_at": 7, "closed_at": 8}, "closed"),
    ("called off and reopened", {"approved_at": 2, "cancelled_at": 3, "reopened_at": 4}, "approved"),
    ("called off and settled in the same second", {"cancelled_at": 3, "closed_at": 3}, "closed"),
]


@pytest.mark.parametrize(("days", "state"), [row[1:] for row in STATES], ids=[row[0] for row in STATES])
def test_a_return_stands_where_its_times_say(days: dict[str, int], state: str) -> None:
    assert state_of(Case(**{name: day(number) for name, number in days.items()})) == state


@given(st.lists(st.tuples(st.sampled_from(["requested_at", "approved_at", "received_at"]), st.integers(1, 30)), unique_by=lambda told: told[0]))
def test_steps_told_one_by_one_never_lead_back(told: list[tuple[str, int]]) -> None:
    ranks, case = [], Case()
    for name, number in told:
        case = replace(case, **{name: day(number)})
        ranks.append(["requested", "approved", "received"].index(state_of(case)))

    assert ranks == sorted(ranks)


def test_a_weight_is_whole_or_unknown() -> None:
    assert weight_of(ORDER, [("l1", 2), ("l2", 1)]) == 1860
    assert weight_of(ORDER, [("l1", 1), ("l4", 1)]) == 0
    assert weight_of(ORDER, [("l9", 1)]) == 0


def test_a_label_ends_by_the_shops_calendar() -> None:
    late_evening = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)

    assert valid_until(late_evening, "Europe/Madrid") == date(2026, 12, 25)
    assert valid_until(late_evening, "America/New_York") == date(2026, 12, 24)
    assert valid_until(late_evening, "UTC", days=7) == date(2026, 12, 1)
