"""A look at a shop before and after it is connected: where it is, whether the keys work, and everything that commonly goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from connectors.errors import ConnectorError, Unreadable
from connectors.http import Door
from connectors.reading import Part, parse
from connectors.shops.woocommerce.address import Site
from connectors.shops.woocommerce.discovery import version_of
from connectors.shops.woocommerce.findings import Finding
from connectors.shops.woocommerce.front import Found, find
from connectors.shops.woocommerce.rest import HEADER, Keys, Rest
from connectors.shops.woocommerce.trial import Tried, try_keys

OLDEST = (5, 8)
"""Since then orders can be asked for by their time of change: https://github.com/woocommerce/woocommerce/pull/30585"""
CLOCK = timedelta(minutes=5)
SYSTEM = {"_fields": "environment,settings,active_plugins"}


@dataclass(frozen=True)
class Look:
    """`site`: where the shop is, if it was found; `keys_in`: how its keys go; `system`: its `system_status`, if it let us see it."""

    site: Site | None
    keys_in: str
    findings: tuple[Finding, ...]
    index: Part = field(default_factory=lambda: Part({}))
    system: Part = field(default_factory=lambda: Part({}))

    @property
    def works(self) -> bool:
        """Nothing stands in the way of connecting it."""
        return self.site is not None and not any(finding.state == "fail" for finding in self.findings)


def look(typed: str, door: Door, now: datetime, keys: Keys | None = None) -> Look:
    """The shop at an address, with the keys if there are any yet. `now`: aware UTC, by a clock that is right."""
    found = find(typed, door)
    clock = _clock(found.date, now)
    if found.site is None or found.site.plain or keys is None or not _worth_trying(found):
        return Look(found.site, HEADER, (*found.findings, *clock), found.index)
    tried = try_keys(found.site, keys, door, found.index)
    system = _system(Rest(found.site.base, keys, door, tried.keys_in)) if tried.works else Part({})
    return Look(found.site, tried.keys_in, (*_before(found, tried), *tried.findings, *_old(system), *clock), found.index, system)


def _worth_trying(found: Found) -> bool:
    return not any(finding.state == "fail" and finding.name != "api-off" for finding in found.findings)


def _before(found: Found, tried: Tried) -> tuple[Finding, ...]:
    """An API that is closed to strangers only is none of our business once it lets our keys in."""
    return tuple(finding for finding in found.findings if not (tried.works and finding.name == "api-off"))


def _clock(date: str, now: datetime) -> tuple[Finding, ...]:
    """Requests that are signed for plain http count for 15 minutes, and a shop's times date our mails."""
    try:
        there = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return ()
    wrong = (there if there.tzinfo else there.replace(tzinfo=UTC)) - now
    minutes = round(abs(wrong).total_seconds() / 60)
    return (Finding("clock-off", {"minutes": str(minutes)}, f"Date: {date[:40]}"),) if abs(wrong) > CLOCK else ()


def _system(rest: Rest) -> Part:
    """https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-system-status-items ; a key that may not see it is good enough."""
    try:
        answer = rest.get("system_status", SYSTEM)
        return Part(parse(answer.body)) if answer.status == 200 else Part({})
    except (ConnectorError, Unreadable):
        return Part({})


def _old(system: Part) -> tuple[Finding, ...]:
    version = version_of(system)
    numbers = tuple(int(piece) for piece in version.split(".")[:2] if piece.isdigit())
    return (Finding("woocommerce-old", {"version": version}),) if numbers and numbers < OLDEST else ()
