"""The faults of the promises, by name: each scenario runs on both databases against a service of its own, seen from outside.

`@scenario("F9", budget=60)` (`tests/scenarios.py`) names it and says how many seconds it may take. Those that take long carry
`@pytest.mark.long` besides and run with `make test-faults` only.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from postventa.models.db import connect
from tests.checker.account import Account
from tests.checker.invariants import violations
from tests.conftest import fresh_postgres
from tests.peers.smtp import Sink, smtp_sink
from tests.scenarios import PASSED
from tests.service.running import QUICK, Service, service

_orders = itertools.count(7001)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder starts processes and looks into /proc."""
    for item in items:
        if not item.nodeid.startswith("tests/faults/"):
            continue
        item.add_marker(pytest.mark.processes)
        item.add_marker(pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"))


@dataclass
class Stand:
    """Where a scenario takes place: a database of one kind, a mail server, and services as many as it wants."""

    folder: Path
    database: str
    sink: Sink
    settings: dict[str, dict[str, Any]]
    services: list[Service] = field(default_factory=list)
    judged: bool = True
    """Whether the checker looks at every service's ledger at the end; a scenario that ends in the middle of something says no."""
    _held: ExitStack = field(default_factory=ExitStack, repr=False)
    _services: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def service(self, **sections: Any) -> Service:
        """A service on this database that heeds failpoints; not started yet. `journey` sends at any hour, unless told otherwise."""
        awake = {"settle": 0.5, "quiet_from": "00:00", "quiet_until": "00:00"}
        chosen = {**self.settings, "journey": awake, "recovery": dict(QUICK["recovery"]), **sections}
        options = {key: chosen.pop(key) for key in ("shops",) if key in chosen}
        made: Service = self._held.enter_context(service(self.folder / f"up{next(self._services)}", self.sink, **options, **chosen))
        self.services.append(made)
        return made.with_failpoints()

    def judge(self) -> list[str]:
        """What the checker finds wrong, once everything that is due is done."""
        return [wrong for service in self.services if service.process is not None for wrong in self._of(service)]

    def _of(self, service: Service) -> list[str]:
        service.rest()
        engine = connect(service.settings.database_url)
        quiet = service.settings.journey.quiet_from, service.settings.journey.quiet_until
        try:
            return violations(Account(engine, service.taken, tuple(self.sink.mails), quiet=quiet))
        finally:
            engine.dispose()


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
            if place.judged and request.node.stash.get(PASSED, False):
                assert place.judge() == []


@pytest.fixture
def order_ref() -> int:
    """A number that no other order of this run has."""
    return next(_orders) + (os.getpid() % 1000) * 10_000


@pytest.fixture
def ana(order_ref: int) -> str:
    """Ana's address, another one for each test."""
    return f"ana.{order_ref}@cliente.example"
