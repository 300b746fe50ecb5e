"""What every job works with, opened once per process."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property

from redis import Redis
from sqlalchemy import Engine

from connectors.mail import open_transport
from connectors.mail.base import Transport
from connectors.shops import SHOPS
from postventa import clock, process
from postventa.config import Settings
from postventa.followups.schedule import rules_for
from postventa.followups.view import Rules
from postventa.models.db import connect
from postventa.secrets import load_secret
from postventa.shops import ConnectedShop


@dataclass
class World:
    """Settings, and the connections that they lead to."""

    settings: Settings
    owner: str = field(default_factory=process.me)
    time_in_doubt: bool = False
    """This machine and the database are too far apart: what may wait waits (`jobs.watch`)."""

    def __post_init__(self) -> None:
        clock.install(self.settings.product_clock())

    @cached_property
    def engine(self) -> Engine:
        return connect(self.settings.database_url)

    @cached_property
    def secret(self) -> bytes:
        return load_secret(self.settings)

    @cached_property
    def transport(self) -> Transport:
        return open_transport(self.settings)

    @cached_property
    def redis(self) -> Redis:
        """Short time-outs: SQL is the ledger, Redis may be away."""
        return Redis.from_url(self.settings.redis_url, socket_timeout=5, socket_connect_timeout=0.5)

    def rules(self, shop: ConnectedShop) -> Rules:
        """The merchant's switches over the platform's defaults."""
        return rules(self.settings, shop)


def rules(settings: Settings, shop: ConnectedShop) -> Rules:
    """The merchant's switches over the platform's defaults: what the shop sends by itself and cannot switch off, we leave to it."""
    native = {mail.followup: mail.name for mail in SHOPS[shop.platform].native_mails if not mail.ours_by_default}
    return rules_for(shop, settings, native)


_world: World | None = None
_pid = 0


def install(world: World) -> World:
    """Make `world` this process's own."""
    global _world, _pid
    _world, _pid = world, os.getpid()
    return world


def current() -> World:
    """This process's world. Jobs are run only by workers that installed one."""
    if _world is None or _pid != os.getpid():
        raise RuntimeError("no world in this process: run jobs through jobs.queue.run_worker")
    return _world
