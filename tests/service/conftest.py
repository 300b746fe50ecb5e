"""One mail server and one running service for the tests of a module; what each does concerns its own orders and addresses only."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator

import pytest

from tests.peers.smtp import Sink, smtp_sink
from tests.service.running import Service, service

_orders = itertools.count(7001)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder starts processes and looks into /proc."""
    for item in items:
        if item.nodeid.startswith("tests/service/"):
            item.add_marker(pytest.mark.processes)
            item.add_marker(pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"))


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    """The customers' mail server."""
    with smtp_sink() as server:
        yield server


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Service]:
    """A running service that the module's tests share."""
    with service(tmp_path_factory.mktemp("up"), sink) as running:
        yield running.start()


@pytest.fixture
def order_ref() -> int:
    """A number that no other order has."""
    return next(_orders)


@pytest.fixture
def ana(order_ref: int) -> str:
    """Ana's address, another one for each test."""
    return f"ana.{order_ref}@cliente.example"
