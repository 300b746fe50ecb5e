"""What the calls to Shopify want of the running application."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import current_app
from redis import Redis
from sqlalchemy import Engine

from connectors.http import Door
from postventa import process
from postventa.config import Settings
from postventa.web.portal.page import services
from postventa.web.shopify.limits import Limits

DOOR, LIMITS = "postventa.shopify_door", "postventa.shopify_limits"
"""Names in `app.extensions`: how Shopify is reached, and what is remembered of who asks too often."""


@dataclass(frozen=True)
class Here:
    """Where tokens are kept (`jobs.shopify_tokens.Keeper`)."""

    engine: Engine
    settings: Settings
    secret: bytes = field(repr=False)
    owner: str


def keeper() -> Here:
    """The application's database, settings and secret, and which process this is."""
    service = services()
    return Here(service.engine, service.settings, service.secret, process.me())


def door() -> Door:
    """One try for each question: somebody is waiting, and may try again."""
    found: Door = current_app.extensions.setdefault(DOOR, Door(services().settings.security.allow_private_hosts, tries=1))
    return found


def limits() -> Limits:
    """This process's."""
    found: Limits = current_app.extensions.setdefault(LIMITS, Limits())
    return found


def redis() -> Redis:
    """A client that gives up after 100 ms: nothing that a request does may depend on it."""
    client: Redis = current_app.extensions["postventa"].redis()
    return client
