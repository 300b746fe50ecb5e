"""Every page that a browser was asked to judge (`tests/look.py`): a run ends with the list of them, their weight, the time to their first byte on
this machine, and how much axe found.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

_judged: list[tuple[str, float, float, int]] = []
"""(page, bytes, milliseconds to the first byte, what axe found) of the test that runs."""
_listed: dict[tuple[str, str], tuple[float, float, int]] = {}


def note(name: str, weight: float, first_byte: float, found: int) -> None:
    """One page was judged: bytes, milliseconds, violations."""
    _judged.append((name, weight, first_byte, found))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The test's report carries its pages."""
    report = yield
    if call.when == "call":
        area = item.path.parent.name
        report.user_properties.extend(("page", (area, *page)) for page in _judged)
        _judged.clear()
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """In the process that prints the summary, also when others ran the tests."""
    told: Any = report.user_properties
    for name, value in told:
        if name == "page" and report.when == "call":
            area, page, *figures = value
            _listed[(area, page)] = tuple(figures)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Every page that a browser was asked to judge."""
    if not _listed:
        return
    terminalreporter.section("pages")
    for (area, page), (weight, first_byte, found) in sorted(_listed.items()):
        terminalreporter.line(f"{area:<14} {page:<24} {weight / 1000:6.1f} kB  first byte {first_byte:5.0f} ms  axe: {found}")
