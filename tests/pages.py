"""Every page that a browser was asked to judge (`tests/look.py`): a run ends with the list of them, their weight, the time to their first byte on
this machine, and how much axe found. PAGES=docs/pages.md keeps the list in that paper (`make pages`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

_judged: list[tuple[str, float, float, int]] = []
"""(page, bytes, milliseconds to the first byte, what axe found) of the test that runs."""
_listed: dict[tuple[str, str], tuple[float, float, int]] = {}
BEGIN, END = "<!-- the list begins: make pages writes it -->", "<!-- the list ends -->"


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
    if paper := os.environ.get("PAGES"):
        keep(Path(paper), _listed)


def keep(paper: Path, listed: dict[tuple[str, str], tuple[float, float, int]]) -> None:
    """Put the list into the paper, in the place of the one before. Raises `ValueError` for a paper that has no place for it."""
    text = paper.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{paper} has no place for the list: {BEGIN} ... {END}")
    before, after = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
    paper.write_text("\n".join([before, "", *_table(listed), "", after]), encoding="utf-8")


def _table(listed: dict[tuple[str, str], tuple[float, float, int]]) -> Iterator[str]:
    weights, found = [weight for weight, _, _ in listed.values()], sum(found for _, _, found in listed.values())
    yield f"{len(listed)} pages; the heaviest has {max(weights) / 1000:.1f} kB; axe found {found}. {_machine()}"
    yield from ("", "| tests | page | kB | first byte, ms | axe |", "|---|---|---|---|---|")
    for (area, page), (weight, first_byte, violations) in sorted(listed.items()):
        name = re.sub(r"[^\w./?=-]", "", page)
        yield f"| {area} | {name} | {weight / 1000:.1f} | {first_byte:.0f} | {violations} |"


def _machine() -> str:
    """A figure without its machine says little."""
    from bench import machine

    host = machine.describe(Path.cwd())
    told = f"{host['cpu']}, {host['cores']} cores, {host['distribution']}, Python {host['python']}"
    return f"Taken on {datetime.now(UTC):%-d %B %Y} on {told}, load average {machine.load_average()[1]:.0f} in the five minutes before its end."
