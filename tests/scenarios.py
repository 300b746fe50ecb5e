"""`@scenario("F9", budget=60)`: which fault or attack of the promises a test plays, and how many seconds it may take.

A run ends with the list of all that were played: name, outcome, time, and what a test told of itself (`tell`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., Any])

PASSED = pytest.StashKey[bool]()
"""Whether nothing has failed so far in a test."""
_outcomes: list[tuple[str, str, str, float, float]] = []
"""(scenario, test, outcome, seconds, budget)"""
_told: dict[str, list[str]] = {}
"""Test -> what it said of itself."""
LEAST = 60.0
"""Seconds that no scenario is judged by less than: a busy machine may stand still for half of them."""
MANY = 6
"""Cases of one test that each have a line in the list."""


def scenario(name: str, budget: float) -> Callable[[Test], Test]:
    """Name the scenario of a test."""
    return pytest.mark.scenario(name, budget=budget)


def pytest_itemcollected(item: pytest.Item) -> None:
    """The budget is judged when the test is over; this only ends what hangs."""
    named = item.get_closest_marker("scenario")
    if named is not None and item.get_closest_marker("timeout") is None:
        item.add_marker(pytest.mark.timeout(named.kwargs["budget"] + 240))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A scenario that takes longer than its budget has failed."""
    report = yield
    item.stash[PASSED] = item.stash.get(PASSED, True) and report.passed
    named = item.get_closest_marker("scenario")
    if named is not None and call.when == "call":
        budget = max(named.kwargs["budget"], LEAST)
        if report.passed and call.duration > budget:
            report.outcome, report.longrepr = "failed", f"{named.args[0]} took {call.duration:.1f} s; its budget is {budget} s"
        report.user_properties.append(("scenario", (named.args[0], item.name, report.outcome, call.duration, budget)))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """In the process that prints the summary, also when others ran the tests."""
    told: Any = report.user_properties
    if report.when == "call":
        _outcomes.extend(value for name, value in told if name == "scenario")
        for test, text in (value for name, value in told if name == "told"):
            _told.setdefault(test, []).append(text)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Every scenario by name, its outcome and its time."""
    if not _outcomes:
        return
    terminalreporter.section("scenarios")
    order: list[Any] = sorted(
        _folded({tuple(outcome) for outcome in _outcomes}), key=lambda o: (o[0][0], int("".join(c for c in o[0] if c.isdigit()) or 0), o[1])
    )
    for name, test, outcome, seconds, budget in order:
        terminalreporter.line(f"{name:<4} {outcome:<7} {seconds:6.1f} s of {budget:>4g}  {test}")
        for line in "\n".join(_told.get(test, ())).splitlines():
            terminalreporter.line(f"{'':29}{line}")


def _folded(outcomes: set[Any]) -> Iterator[Any]:
    """Tests of a table with many rows are one line, with the slowest; what failed keeps a line of its own."""
    by_test: dict[tuple[str, str], list[Any]] = {}
    for outcome in outcomes:
        by_test.setdefault((outcome[0], outcome[1].partition("[")[0]), []).append(outcome)
    for (name, test), rows in by_test.items():
        passed = [row for row in rows if row[2] == "passed"]
        if len(passed) > MANY:
            yield name, f"{test} ({len(passed)} cases, the slowest)", "passed", max(row[3] for row in passed), passed[0][4]
        yield from (row for row in rows if row[2] != "passed" or len(passed) <= MANY)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say something that stands in the list of scenarios: a measured figure, a diary."""
    return lambda text: request.node.user_properties.append(("told", (request.node.name, text)))
