"""The faults of the promises, by name: each scenario runs on both databases against a service of its own, seen from outside.

`@scenario("F9", budget=60)` names it and says how many seconds it may take; the run ends with a list of all of them. Those that take long carry
`@pytest.mark.long` besides and run with `make test-faults` only.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import fresh_postgres
from tests.peers.smtp import Sink, smtp_sink
from tests.service.running import QUICK, Service, service

_orders = itertools.count(7001)
_outcomes: list[tuple[str, str, str, float, float]] = []
"""(scenario, test, outcome, seconds, budget)"""
_told: dict[str, list[str]] = {}
"""Test -> what it said of itself."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is a scenario, starts processes, and has its budget as its time limit."""
    for item in items:
        if not item.nodeid.startswith("tests/faults/"):
            continue
        item.add_marker(pytest.mark.processes)
        item.add_marker(pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"))
        named = item.get_closest_marker("scenario")
        if named is not None:
            item.add_marker(pytest.mark.timeout(named.kwargs["budget"] + 60))  # the budget is judged below; this only ends what hangs


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A scenario that takes longer than its budget has failed."""
    report = yield
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


@dataclass
class Stand:
    """Where a scenario takes place: a database of one kind, a mail server, and services as many as it wants."""

    folder: Path
    database: str
    sink: Sink
    settings: dict[str, dict[str, Any]]
    _held: ExitStack = field(default_factory=ExitStack, repr=False)
    _services: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def service(self, **sections: dict[str, Any]) -> Service:
        """A service on this database that heeds failpoints; not started yet. `journey` sends at any hour, unless told otherwise."""
        awake = {"settle": 0.5, "quiet_from": "00:00", "quiet_until": "00:00"}
        chosen = {**self.settings, "journey": awake, "recovery": dict(QUICK["recovery"]), **sections}
        options = {key: chosen.pop(key) for key in ("shops",) if key in chosen}
        made: Service = self._held.enter_context(service(self.folder / f"up{next(self._services)}", self.sink, **options, **chosen))
        return made.with_failpoints()


@pytest.fixture(params=["sqlite", "postgresql"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A stand for each kind of database: the scenario runs twice."""
    with ExitStack() as held:
        settings: dict[str, dict[str, Any]] = {}
        if request.param == "postgresql":
            settings["database"] = {"url": held.enter_context(fresh_postgres(request.getfixturevalue("postgres_uri")))}
        sink = held.enter_context(smtp_sink())
        place = Stand(tmp_path, request.param, sink, settings)
        with place._held:
            yield place


@pytest.fixture
def order_ref() -> int:
    """A number that no other order of this run has."""
    return next(_orders) + (os.getpid() % 1000) * 10_000


@pytest.fixture
def ana(order_ref: int) -> str:
    """Ana's address, another one for each test."""
    return f"ana.{order_ref}@cliente.example"
