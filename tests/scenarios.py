"""`@scenario("F9", budget=60)`: which fault or attack of the promises a test plays, and how many seconds it may take.

A run ends with the list of all that were played: name, outcome, time, and what a test told of itself (`tell`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., Any])

PASSED = pytest.StashKey[bool]()
"""Whether nothing has failed so far in a test."""
_outcomes: list[tuple[str, str, str, float, float]] = []
"""(scenario, test, outcome, seconds, budget)"""
_told: dict[str, list[str]] = {}
"""Test -> what it said of itself."""


def scenario(name: str, budget: float) -> Callable[[Test], Test]:
    """Name the scenario of a test."""
    return pytest.mark.scenario(name, budget=budget)


def pytest_itemcollected(item: pytest.Item) -> None:
    """The budget is judged when the test is over; this only ends what hangs."""
    named = item.get_closest_marker("scenario")
    if named is not None and item.get_closest_marker("timeout") is None:
        item.add_marker(pytest.mark.timeout(named.kwargs["budget"] + 60))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A scenario that takes longer than its budget has failed."""
    report = yield
    item.stash[PASSED] = item.stash.get(PASSED, True) and report.passed
    named = item.get_closest_marker("scenario")
    if named is not None and call.when == "call":
        budget = named.kwargs["budget"]
        if report.passed and call.duration > budget:
            report.outcome, report.longrepr = "failed", f"{named.args[0]} took {call.duration:.1f} s; its budget is {budget} s"
        report.user_properties.append(("scenario", (named.args[0], item.nodeid.rpartition("::")[2], report.outcome, call.duration, budget)))
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
        {tuple(outcome) for outcome in _outcomes}, key=lambda o: (o[0][0], int("".join(c for c in o[0] if c.isdigit()) or 0), o[1])
    )
    for name, test, outcome, seconds, budget in order:
        terminalreporter.line(f"{name:<4} {outcome:<7} {seconds:6.1f} s of {budget:>4g}  {test}")
        for line in "\n".join(_told.get(test, ())).splitlines():
            terminalreporter.line(f"{'':29}{line}")


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say something that stands in the list of scenarios: a measured figure, a diary."""
    return lambda text: request.node.user_properties.append(("told", (request.node.nodeid.rpartition("::")[2], text)))
