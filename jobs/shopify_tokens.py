"""Access tokens of shops that installed our Shopify app: renewed before they end, once, however many workers need them.

A pair is stored before its new tokens are used. If a worker dies in between, the pair before is still stored and Shopify takes its refresh token once
more: "until the replacement is first used".
https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from redis.exceptions import RedisError
from sqlalchemy import Engine

from connectors.errors import ConnectorError, Refused
from connectors.http import Door
from connectors.shops.shopify.addresses import endpoint
from connectors.shops.shopify.oauth import Grant, TokenEndpoint
from connectors.shops.shopify.tokens import EARLY
from jobs import queue
from jobs.world import World, current
from postventa import failpoints, leases, shop_tokens
from postventa.clock import real_now
from postventa.config import Settings
from postventa.models.db import reading, transaction
from postventa.shop_tokens import Held, Pair
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.shopify")

LEASE = 90.0
"""Seconds for one renewal: more than an answer may take (`connectors.http`)."""
PATIENCE = 20.0
"""Seconds that a worker waits for another one's renewal before it lets its own work rest."""
LOOK = 0.1
ASSUMED, UNENDING = 3600.0, 365 * 86400.0
"""Seconds that an access token lasts whose end Shopify does not name: with a refresh token, and without one, as those of old that never end."""
RENEW_WITHIN = timedelta(days=30)
"""Before its end a refresh token is used even if nothing else needs it: whoever lets 90 days pass has to ask the merchant."""


class Keeper(Protocol):
    """Where tokens are kept: what jobs and pages have anyway."""

    @property
    def settings(self) -> Settings: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def secret(self) -> bytes: ...
    @property
    def owner(self) -> str: ...


@dataclass(frozen=True)
class StoredTokens:
    """One shop's, as its client wants them (`connectors.shops.shopify.tokens.Tokens`)."""

    keeper: Keeper = field(repr=False)
    shop: ConnectedShop = field(repr=False)
    door: Door = field(repr=False)

    def token(self) -> str:
        """The kept one; another one if it ends within minutes."""
        held = self._held()
        return held.pair.access_token if held.lasts(timedelta(seconds=EARLY)) else self._renewed(held, wait=not held.lasts())

    def instead_of(self, refused: str) -> str:
        """The one that somebody else got meanwhile, or a new one."""
        held = self._held()
        return held.pair.access_token if held.pair.access_token != refused else self._renewed(held, wait=True)

    def renew(self) -> None:
        """A new pair now, unless somebody is at it."""
        self._renewed(self._held(), wait=False)

    def _renewed(self, known: Held, *, wait: bool) -> str:
        """The token that follows on `known`. `wait`: until somebody else's renewal is over; if not, what is known is good enough meanwhile."""
        until = time.monotonic() + PATIENCE
        while True:
            lease = lease_of(self.keeper, self.shop.settings.domain)
            if lease is not None:
                with held_open(self.keeper, lease):
                    return self._renew(known)
            if not wait:
                return known.pair.access_token
            rest(until, self.shop.settings.domain)
            now = self._held()
            if now.generation != known.generation:
                return now.pair.access_token

    def _renew(self, known: Held) -> str:
        """With the lease in hand: whoever had it before may have done it already."""
        now = self._held()
        if now.generation != known.generation:
            return now.pair.access_token
        if not now.pair.refresh_token:
            raise self._over()
        try:
            grant = _endpoint(self.keeper.settings, self.shop, self.door).refresh(now.pair.refresh_token)
        except Refused:
            later = self._held()  # an installation anew, on a page, ends all refresh tokens before it
            if later.generation == now.generation:
                raise self._over() from None
            return later.pair.access_token
        failpoints.hit("token.after_answer")
        return self._store(now, pair_of(grant, now.pair.scopes))

    def _store(self, before: Held, pair: Pair) -> str:
        with transaction(self.keeper.engine) as session:
            stored = shop_tokens.replace(session, self.keeper.secret, self.shop.id, before.generation, pair)
        if not stored:
            return self._held().pair.access_token
        log.info("the access token was renewed", extra={"shop": self.shop.id})
        return pair.access_token

    def _held(self) -> Held:
        with reading(self.keeper.engine) as session:
            held = shop_tokens.held(session, self.keeper.secret, self.shop.id)
        if held is None:
            raise self._over()
        return held

    def _over(self) -> Refused:
        return Refused(f"{self.shop.settings.domain} has to be connected again: open the app once in the shop's admin")


@contextmanager
def alone(keeper: Keeper, domain: str) -> Iterator[None]:
    """Nobody else gets tokens of that shop meanwhile.

    Each new refresh token ends those before it, so the last one that was given has to be the last one that is kept.
    """
    until = time.monotonic() + PATIENCE
    while (lease := lease_of(keeper, domain)) is None:
        rest(until, domain)
    with held_open(keeper, lease):
        yield


def lease_of(keeper: Keeper, domain: str) -> leases.Taken | None:
    """None: somebody else is at it. No transaction is open while Shopify is asked."""
    with transaction(keeper.engine) as session:
        return leases.take(session, lease_name(domain), keeper.owner, LEASE)


def lease_name(domain: str) -> str:
    """For renewals and installations alike."""
    return f"shopify-tokens:{domain}"


@contextmanager
def held_open(keeper: Keeper, lease: leases.Taken) -> Iterator[None]:
    """Give it back whatever happens."""
    try:
        yield
    finally:
        with transaction(keeper.engine) as session:
            leases.give_back(session, lease)


def rest(until: float, domain: str) -> None:
    """Wait a moment for somebody else. Raises `ConnectorError` when that was long enough."""
    if time.monotonic() > until:
        raise ConnectorError(f"{domain}: the access token is being renewed", retry_after=5.0)
    time.sleep(LOOK)


def pair_of(grant: Grant, scopes: tuple[str, ...] = ()) -> Pair:
    """What Shopify gave, with the machine's times. `scopes`: those before, for an answer that names none."""
    now = real_now()
    lasts = grant.lasts or (ASSUMED if grant.refresh_token else UNENDING)
    ends = now + timedelta(seconds=grant.refresh_lasts) if grant.refresh_token and grant.refresh_lasts else None
    return Pair(grant.access_token, now + timedelta(seconds=lasts), grant.refresh_token, ends, grant.scopes or scopes)


def keep_alive(world: World) -> None:
    """Have those pairs renewed whose refresh token nears its end, one job for each shop."""
    if not world.settings.shopify.known:
        return
    with reading(world.engine) as session:
        ending = shop_tokens.ending(session, RENEW_WITHIN)
    try:
        queue.enqueue(world.redis, queue.LATER, "shopify_tokens.renew", ending)
    except RedisError as error:
        log.warning("Redis is away (%s): tokens are renewed at the next turn", type(error).__name__)


def renew(shop_id: int) -> None:
    """Renew one shop's pair. A shop that cannot be asked is no error: the next turn comes within the hour."""
    world = current()
    with reading(world.engine) as session:
        shop = find(session, shop_id, world.settings, world.secret)
    if not shop.settings.through_app or shop.disconnected:
        return
    try:
        StoredTokens(world, shop, Door(world.settings.security.allow_private_hosts, tries=1)).renew()
    except ConnectorError as error:
        log.warning("the access token could not be renewed: %s", error, extra={"shop": shop_id})


def _endpoint(settings: Settings, shop: ConnectedShop, door: Door) -> TokenEndpoint:
    app = settings.shopify
    return TokenEndpoint(shop.settings.domain, app.client_id, app.client_secret, door, endpoint(shop.settings.url, door))
