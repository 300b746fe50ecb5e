"""`@scenario("F9", budget=60)`: which fault or attack of the promises a test plays, and how many seconds it may take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., Any])


def scenario(name: str, budget: float) -> Callable[[Test], Test]:
    """Name the scenario of a test."""
    return pytest.mark.scenario(name, budget=budget)
