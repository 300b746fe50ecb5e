"""How long ways take is learnt from the parcels that took them, the narrowest way first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postventa.tracking.lane import Lane
from postventa.tracking.ways import LEAST, LONGEST, Way, lane_for, learn, percentile, way

MONDAY = way("  SEUR   España ", "Urgente", "es", "ES", "41010", 0)


def test_a_way_is_described_alike_however_the_shop_writes_it() -> None:
    assert Way("seur españa", "ES", "ES", "Urgente", "41", 0) == MONDAY


def test_half_and_nine_of_ten() -> None:
    assert (percentile([3, 1, 2, 2], 50), percentile(range(1, 11), 90), percentile([7], 90)) == (2, 9, 7)


def test_a_way_is_learnt_once_enough_parcels_took_it() -> None:
    days = [1] * 10 + [2] * 8 + [5] * 2
    learnt = learn((MONDAY, took) for took in days)
    assert learnt[MONDAY] == Lane(1, 2, LEAST)
    assert MONDAY not in learn((MONDAY, took) for took in days[1:])


def test_where_one_weekday_knows_too_little_all_of_them_answer() -> None:
    travelled = [(replace(MONDAY, weekday=day), 1 + day) for day in range(5) for _ in range(5)]
    learnt = learn(travelled)
    assert lane_for(learnt, MONDAY) == Lane(3, 5, 25)
    assert lane_for(learnt, replace(MONDAY, area="08", service="Otro")) == Lane(3, 5, 25), "the country knows"
    assert lane_for(learnt, replace(MONDAY, carrier="mrw")) == Lane(3, 5, 25), "and any carrier's parcels rather than none"


def test_where_nothing_is_known_the_table_answers_and_an_unknown_country_has_none() -> None:
    assert lane_for({}, MONDAY, "41010") == Lane(1, 3)
    assert lane_for({}, replace(MONDAY, area="35"), "35001") == Lane(5, 10)
    assert lane_for({}, replace(MONDAY, destination="")) is None


def test_what_was_lost_and_found_teaches_nothing() -> None:
    learnt = learn([(MONDAY, 1)] * LEAST + [(MONDAY, LONGEST + 1)] * LEAST + [(MONDAY, -1)] * LEAST)
    assert learnt[MONDAY] == Lane(1, 1, LEAST)


@given(st.lists(st.integers(0, 30), min_size=LEAST, max_size=80), st.randoms())
def test_the_order_of_parcels_does_not_matter_and_the_figures_are_among_them(days: list[int], dice: object) -> None:
    learnt = learn((MONDAY, took) for took in days)
    shuffled = days[:]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert learn((MONDAY, took) for took in shuffled) == learnt
    lane = learnt[MONDAY]
    assert min(days) <= lane.p50 <= lane.p90 <= max(days)
    assert sum(took <= lane.p90 for took in days) >= 0.9 * len(days)


@pytest.mark.parametrize("narrow", [MONDAY, replace(MONDAY, service="", area="")])
def test_wider_ways_hold_the_narrower_ones(narrow: Way) -> None:
    assert narrow.wider[0] == narrow
    assert narrow.wider[-1] == Way("", "ES", "ES")
    assert len(set(narrow.wider)) == len(narrow.wider)
