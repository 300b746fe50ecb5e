"""The ledger for commands: an engine on a database that is up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from jobs.world import World
from postventa import clock, migrations, shops
from postventa.config import ConfigError, Settings
from postventa.damage import Marker
from postventa.models.db import connect
from postventa.secrets import load_secret
from postventa.shops import ConnectedShop


@contextmanager
def ledger(settings: Settings) -> Iterator[Engine]:
    """An engine, closed at the end. Raises `ConfigError` when there is no ledger yet or it is behind the code; a damaged one says what it can."""
    clock.install(settings.product_clock())
    engine = connect(settings.database_url)
    try:
        if not Marker.of(settings.database_url).known and migrations.pending(engine):
            raise ConfigError("the database is not set up, or behind this version: run `postventa db upgrade` (`postventa up` does it by itself)")
        yield engine
    finally:
        engine.dispose()


@contextmanager
def world(settings: Settings) -> Iterator[World]:
    """The same for commands that do a job's work by hand."""
    with ledger(settings) as engine:
        made = World(settings)
        made.engine = engine
        yield made


def pick(engine: Engine, settings: Settings, wanted: str) -> ConnectedShop:
    """The shop that `wanted` names (key, name or domain); with only one shop it need not be named. Raises `ConfigError`."""
    shops.sync(engine, settings)
    found = shops.everyone(engine, settings, load_secret(settings))
    if not wanted and len(found) == 1:
        return found[0]
    match = [s for s in found if wanted.lower() in (s.key.lower(), s.settings.name.lower(), s.settings.domain.lower(), s.settings.url.lower())]
    if len(match) != 1:
        names = ", ".join(s.settings.name for s in found) or "none yet"
        raise ConfigError(f"name one shop with --shop (connected: {names})" if not wanted else f'no shop is called "{wanted}" (connected: {names})')
    return match[0]
