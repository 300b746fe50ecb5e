"""What a carrier's scans add to a parcel's timeline, and what of them is old news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from postventa.web.portal.track_steps import MOST, Scanned, Step, with_scans

LEFT = datetime(2026, 11, 18, 16, tzinfo=UTC)
GONE = Step(LEFT, "dispatched")


def at(hours: float) -> datetime:
    return LEFT + timedelta(hours=hours)


def moved(hours: float, place: str = "", word: str = "shipment-on-route") -> Scanned:
    return Scanned(at(hours), "in_transit", word, place)


def told(*scans: Scanned, known: tuple[Step, ...] = (GONE,)) -> list[str]:
    return [f"{step.name} {step.place}".strip() for step in with_scans(known, scans)]


@pytest.mark.parametrize(
    ("scans", "steps"),
    [
        ([], ["dispatched"]),
        ([moved(5)], ["dispatched", "collected"]),
        ([moved(0.5)], ["dispatched"]),
        ([moved(0.5, "Sevilla")], ["dispatched", "collected Sevilla"]),
        ([moved(5), moved(6), moved(7)], ["dispatched", "collected"]),
        ([moved(5, "Sevilla"), moved(6), moved(9, "Madrid"), moved(10, "Madrid")], ["dispatched", "collected Sevilla", "transit Madrid"]),
        ([moved(9, "Madrid"), moved(5, "Sevilla")], ["dispatched", "collected Sevilla", "transit Madrid"]),
        ([moved(5, word="at-sorting-centre"), moved(6, word="sorted"), moved(8)], ["dispatched", "depot"]),
        ([moved(5), moved(6, "Lyon", "at-customs"), moved(7, "Lyon")], ["dispatched", "collected", "customs Lyon"]),
        ([Scanned(at(2), "announced"), Scanned(at(3), "unknown", "eaten-by-a-dog")], ["dispatched"]),
        ([moved(5), Scanned(at(9), "returned_to_sender"), moved(12), Scanned(at(20), "returned_to_sender")], ["dispatched", "collected", "back"]),
        ([moved(-3)], ["collected", "dispatched"]),
    ],
)
def test_each_step_is_told_once_and_only_if_it_is_news(scans: list[Scanned], steps: list[str]) -> None:
    assert told(*scans) == steps


def test_facts_stand_as_they_are_and_what_follows_a_failure_is_news_again() -> None:
    known = (GONE, Step(at(20), "out"), Step(at(24), "failed"), Step(at(44), "out"), Step(at(46), "delivered"))
    scans = (moved(5), Scanned(at(20), "out_for_delivery"), Scanned(at(24), "attempted_delivery", "", "Calle Feria 8"), moved(30), moved(50))
    assert told(*scans, known=known) == ["dispatched", "collected", "out", "failed", "transit", "out", "delivered"]


def test_a_place_is_told_of_depots_and_pickup_points_and_of_nobodys_door() -> None:
    known = (GONE, Step(at(20), "pickup"))
    scans = (moved(5, "Sevilla"), Scanned(at(20), "ready_for_pickup", "", "Papelería Luz"))
    assert told(*scans, known=known) == ["dispatched", "collected Sevilla", "pickup Papelería Luz"]
    assert told(Scanned(at(20), "delivered", "", "Calle Feria 8"), known=(GONE, Step(at(20), "delivered"))) == ["dispatched", "delivered"]


def test_a_parcel_that_sees_the_world_keeps_its_first_and_its_newest_scans() -> None:
    shown = told(*(moved(5 + hour, f"depot {hour}") for hour in range(200)))
    assert shown[:2] == ["dispatched", "collected depot 0"]
    assert (shown[2], shown[-1], len(shown)) == ("transit depot 189", "transit depot 199", MOST + 1)
