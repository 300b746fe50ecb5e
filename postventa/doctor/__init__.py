"""`postventa doctor`: everything that is wrong or risky, each with what to do about it.

It changes nothing, and each check looks at one thing. `fail`: something does not work, or loses mails; `warn`: it works, but.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from postventa.config import ConfigError, Settings, load
from postventa.doctor import installation, machine, mail, shops
from postventa.doctor.check import Check

__all__ = ["Check", "examine"]


def examine(config: Path | None = None) -> list[Check]:
    """All checks; a configuration that cannot be read is the first finding, and only what needs none is looked at besides."""
    return list(_examine(config))


def _examine(config: Path | None) -> Iterator[Check]:
    yield from machine.checks()
    try:
        settings = load(config)
    except ConfigError as error:
        yield from (Check.fail("configuration", line) for line in str(error).splitlines())
        return
    yield from _with(settings)


def _with(settings: Settings) -> Iterator[Check]:
    answers = True
    for check in installation.checks(settings):
        answers = answers and (check.name, check.state) != ("database", "fail")
        yield check
    yield from mail.checks(settings)
    yield from shops.checks(settings, with_database=answers)
