"""The web application, and the only file that wires everything together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Flask, Response
from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from werkzeug.middleware.proxy_fix import ProxyFix

from jobs import queue
from postventa import clock, process
from postventa.config import Settings, load
from postventa.damage import Damaged, Marker
from postventa.directory import Directory
from postventa.models.db import connect
from postventa.secrets import load_secret
from postventa.shops import everyone, in_file, sync
from postventa.spool import Spool
from postventa.web import api, home, mailbox, ops
from postventa.web.orders import orders
from postventa.web.portal import portal
from postventa.web.returns import returns
from postventa.web.returns_desk import returns_desk
from postventa.web.shopify import shopify, shopify_connect
from postventa.web.shopify.proxy import Storefronts
from postventa.web.shops import callback, shops
from postventa.web.staff import staff
from postventa.web.withdraw import withdraw
from postventa.web.withdrawals import withdrawals
from webhooks import receive
from webhooks.inbox import Inbox
from webhooks.noticed import Noticed
from webhooks.reception import Reception
from webhooks.refuge import SpoolRefuge
from webhooks.strangers import Strangers

log = logging.getLogger("postventa.app")


@dataclass
class Service:
    """What views work with: `current_app.extensions["postventa"]`."""

    settings: Settings
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @cached_property
    def engine(self) -> Engine:
        return connect(self.settings.database_url, pool_size=16)

    @cached_property
    def secret(self) -> bytes:
        return load_secret(self.settings)

    @property
    def owner(self) -> str:
        """Whose leases those are that a page takes (`jobs.shopify_tokens.Keeper`)."""
        return process.me()

    @cached_property
    def _redis(self) -> Redis:
        return Redis.from_url(self.settings.redis_url, socket_timeout=0.1, socket_connect_timeout=0.1)

    def redis(self) -> Redis:
        """A client that gives up after 100 ms: nothing that a request does may depend on it."""
        return self._redis


class Pages(Flask):
    """No view of ours is a coroutine, so Flask need not look at each again and again, with every request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """As it is."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application for `settings` (default: those of the environment)."""
    settings = settings or load()
    clock.install(settings.product_clock())
    app = Pages("postventa", static_folder=None)
    service = Service(settings)
    app.extensions["postventa"] = service
    marker = app.extensions["postventa.damage"] = Marker.of(settings.database_url)
    directory = app.extensions["postventa.directory"] = Directory(
        lambda: everyone(service.engine, settings, service.secret), lambda: in_file(settings) if marker.known else []
    )
    app.extensions["postventa.inbox"] = Inbox(
        service.engine,
        lambda shop_ids: None if marker.known else queue.wake_readers(service.redis(), shop_ids),
        SpoolRefuge(marker, Spool(settings.spool)),
    )
    strangers = app.extensions["postventa.strangers"] = Strangers()
    app.extensions["postventa.reception"] = Reception(
        settings.server.max_body, directory.fresh, strangers, Noticed(service.engine), lambda: marker.known
    )
    _sync(service.engine, settings)
    app.register_error_handler(OperationalError, _away)
    for blueprint in (
        receive.blueprint, ops.blueprint, portal, staff, shops, orders, callback.blueprint, shopify, shopify_connect, returns, returns_desk,
        withdraw, withdrawals, api.blueprint, home.blueprint,
    ):  # fmt: skip
        app.register_blueprint(blueprint)
    if settings.mail.transport == "mailbox":
        app.register_blueprint(mailbox.blueprint)
    app.wsgi_app = Storefronts(app.wsgi_app, directory.fresh, settings.server.trusted_proxies)  # type: ignore[method-assign]
    if settings.server.trusted_proxies:
        hops = settings.server.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _sync(engine: Engine, settings: Settings) -> None:
    """The start has done it already; without a database this process still answers, with 503."""
    try:
        sync(engine, settings)
    except OperationalError as error:
        if not isinstance(error.orig, Damaged):  # of a damaged one the start has told
            log.error("the database does not answer: deliveries are refused until it does", extra={"error": type(error.orig).__name__})


def _away(error: OperationalError) -> Response:
    """Whoever asks while the database is away or full shall come again; the log has the error."""
    log.error("the database does not answer: %s", str(error.orig).strip())
    return Response(b"", 503, {"Retry-After": "30"})
