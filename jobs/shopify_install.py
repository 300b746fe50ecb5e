"""Installing our Shopify app in a shop, removing it, and installing it again.

The usual road is Shopify's: it installs the app with the scopes of `shopify.app.toml`, opens it in the shop's admin, and the page hands us a
session token (`open_app`). For an app that opens outside of the admin there is the older one: `begin` sends the merchant to Shopify, and
`finish` takes them back. Both end in tokens of the app's own. What waited for a removed app goes on when it has tokens again.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, NotTrusted
from connectors.http import Door
from connectors.shops.shopify import id_token, oauth, signed_query
from connectors.shops.shopify.addresses import endpoint
from connectors.shops.shopify.oauth import Grant, TokenEndpoint
from connectors.shops.shopify.subscriptions import missing
from jobs import shopify_access
from jobs.shopify_tokens import Keeper, alone, lease_name, pair_of
from postventa import alarms, audit, leases, shop_tokens, shops
from postventa.clock import real_now
from postventa.config import ConfigError
from postventa.models import InstallState, Shop
from postventa.models.db import reading, transaction

log = logging.getLogger("postventa.shopify")

CALLBACK = "/shopify/installed"
"""Where Shopify sends the merchant back to: one of `redirect_urls` in `shopify.app.toml`."""
STATE_LASTS = timedelta(minutes=15)
"""A merchant reads what the app wants to do, and agrees."""
AT_ONCE = 4
"""Installations that ask Shopify at the same moment in one process: all other threads are for other people's pages, however slow Shopify is."""
_turns = threading.BoundedSemaphore(AT_ONCE)


class AtWork(ConnectorError):
    """The shop is connected without our app: with both, customers would get every mail twice."""

    def __init__(self, domain: str) -> None:
        super().__init__(f"{domain} is connected already, by an app of its own: remove that one in the shop's admin first", permanent=True)


@dataclass(frozen=True)
class Opened:
    """A shop whose app is installed. `user`: Shopify's id of who opened it; empty after an installation from outside of the admin."""

    shop_id: int
    domain: str
    user: str = ""
    new: bool = False
    """Connected by this very call: its own words are asked for within a minute (`jobs/learn_shop.py`)."""
    missing: tuple[str, ...] = ()
    """Scopes that we need and were not granted."""
    address: str = ""
    """Where its admin shows the app."""


@dataclass(frozen=True)
class Begun:
    """Where to send the browser, and what it has to carry until it is back, in a cookie that no script reads (`__Host-`, Lax)."""

    url: str = field(repr=False)
    state: str = field(repr=False)


def open_app(keeper: Keeper, token: str, door: Door | None = None) -> Opened:
    """Who opened the app in which shop; tokens are only asked for when there are none that work. Raises `NotTrusted`, else `ConnectorError`."""
    app = keeper.settings.shopify
    seen = id_token.verified(token, app.client_id, app.secrets)
    known, new = _working(keeper, seen.shop), False
    if known is not None and _lacking(keeper, known):
        _look_again(keeper, known, seen.shop, token, door)
    if known is None:
        with _turn(seen.shop), alone(keeper, seen.shop):
            known = _working(keeper, seen.shop)  # another tab was first
            if known is None:
                grant = _endpoint(keeper, seen.shop, door).exchange(token)
                known, new = connect(keeper, seen.shop, grant, f"shopify:{seen.user}")
    return _opened(keeper, known, seen.shop, seen.user, new)


def begin(keeper: Keeper, query: str) -> Begun:
    """Where a merchant agrees who came from Shopify with this query. Raises `NotTrusted`, or `ConfigError` while we have no address to return to."""
    app = keeper.settings.shopify
    found = signed_query.verified(query, app.secrets, real_now().timestamp())
    if not keeper.settings.server.public_url.startswith("https://"):
        raise ConfigError('[server] public_url has to be "https://...": Shopify sends merchants back there')
    state = secrets.token_urlsafe(32)
    with transaction(keeper.engine) as session:
        session.execute(delete(InstallState).where(InstallState.expires_at <= real_now()))
        session.add(InstallState(hash=_hash(state), domain=found["shop"], expires_at=real_now() + STATE_LASTS))
    return Begun(oauth.authorize_url(found["shop"], app.client_id, keeper.settings.public_url + CALLBACK, state), state)


def finish(keeper: Keeper, query: str, carried: str, door: Door | None = None) -> Opened:
    """The merchant agreed and came back with a code. `carried`: the state out of the browser's cookie. Raises `NotTrusted`, else `ConnectorError`.

    The state is used up by the first who brings it, whatever comes of it.
    """
    app = keeper.settings.shopify
    found = signed_query.verified(query, app.secrets, real_now().timestamp())
    state, code = found.get("state", ""), found.get("code", "")
    same = hmac.compare_digest(state.encode(), carried.encode("utf-8", "replace"))
    if not (state and code and same and _used_up(keeper, state, found["shop"])):
        raise NotTrusted
    with _turn(found["shop"]), alone(keeper, found["shop"]):
        grant = _endpoint(keeper, found["shop"], door).redeem(code)
        shop_id, new = connect(keeper, found["shop"], grant, "shopify:installation")
    return _opened(keeper, shop_id, found["shop"], new=new)


def connect(keeper: Keeper, domain: str, grant: Grant, actor: str) -> tuple[int, bool]:
    """Keep the tokens of an installation, and let go on what waited for it. The shop's number, and whether it was not known before."""
    pair = pair_of(grant)
    with transaction(keeper.engine) as session:
        leases.one_at_a_time(session, lease_name(domain))  # two tabs of one merchant make one shop, however long each took
        row = shops.of_app(session, domain)
        new = row is None
        row = row or _added(session, keeper, domain)
        before = row.disconnected_at
        shop_tokens.keep(session, keeper.secret, row.id, pair)
        let_go_on(session, row)
        shopify_access.judge(session, row, pair.scopes)
        after = {"scopes": list(pair.scopes), "again": before is not None}
        audit.record(session, actor, "app/installed", shop_id=row.id, subject=domain, after=after)
    log.info("the app was installed", extra={"shop": row.id})
    return row.id, new


def _working(keeper: Keeper, domain: str) -> int | None:
    """The shop's number, if it needs no new tokens."""
    with reading(keeper.engine) as session:
        row = shops.of_app(session, domain)
        held = shop_tokens.held(session, keeper.secret, row.id) if row is not None else None
        if row is None or held is None or row.disconnected_at is not None or row.api_refused_at is not None:
            return None
        ends = held.pair.refresh_expires_at or held.pair.expires_at
        return row.id if ends > real_now() else None


def _look_again(keeper: Keeper, shop_id: int, domain: str, token: str, door: Door | None) -> None:
    """A merchant who has not granted all may just have: a new token says what it may do. If Shopify is away, what was known stands."""
    try:
        with _turn(domain), alone(keeper, domain):
            pair = pair_of(_endpoint(keeper, domain, door).exchange(token))
            with transaction(keeper.engine) as session:
                shop_tokens.keep(session, keeper.secret, shop_id, pair)
                shopify_access.judge(session, session.get_one(Shop, shop_id), pair.scopes)
    except ConnectorError as error:
        log.warning("what the app may do could not be looked at again: %s", error, extra={"shop": shop_id})


def _lacking(keeper: Keeper, shop_id: int) -> tuple[str, ...]:
    """Scopes that we need and were not granted, as far as Shopify said which were."""
    with reading(keeper.engine) as session:
        held = shop_tokens.held(session, keeper.secret, shop_id)
    return missing(held.pair.scopes) if held is not None and held.pair.scopes else ()


@contextmanager
def _turn(domain: str) -> Iterator[None]:
    """One of the few that may ask Shopify now. Raises `ConnectorError` when all are at it."""
    if not _turns.acquire(timeout=2):
        raise ConnectorError(f"{domain}: many shops are being installed at this moment", retry_after=5.0)
    try:
        yield
    finally:
        _turns.release()


def _opened(keeper: Keeper, shop_id: int, domain: str, user: str = "", new: bool = False) -> Opened:
    return Opened(shop_id, domain, user, new, _lacking(keeper, shop_id), f"https://{domain}/admin/apps/{keeper.settings.shopify.client_id}")


def _added(session: Session, keeper: Keeper, domain: str) -> Shop:
    """A new row. Raises `AtWork` for a shop that is at work without our app."""
    others = shops.all_of(session, keeper.settings, keeper.secret)
    if any(other.platform == "shopify" and other.settings.domain.lower() == domain and not other.disconnected for other in others):
        raise AtWork(domain)
    return shops.add(session, keeper.secret, shops.of_app_at_first(domain, secrets.token_hex(16)))


def let_go_on(session: Session, row: Shop) -> None:
    """It has access again: what waited for it goes on."""
    row.disconnected_at, row.api_paused_until, row.api_refused_at, row.api_reason, row.api_failures = None, None, None, "", 0
    alarms.clear(session, "app-uninstalled", row.name)
    alarms.clear(session, "shop-refuses-us", row.name)


def _endpoint(keeper: Keeper, domain: str, door: Door | None) -> TokenEndpoint:
    """One try, and the browser asks again: somebody is waiting."""
    app, allowed = keeper.settings.shopify, keeper.settings.security.allow_private_hosts
    door = door or Door(allowed, tries=1)
    with reading(keeper.engine) as session:
        row = shops.of_app(session, domain)
    url = str(row.settings.get("url", "")) if row is not None else ""
    return TokenEndpoint(domain, app.client_id, app.client_secret, door, endpoint(url, door))


def _used_up(keeper: Keeper, state: str, domain: str) -> bool:
    """Whether it was good, once: it is gone now."""
    with transaction(keeper.engine) as session:
        gone = delete(InstallState).where(InstallState.hash == _hash(state)).returning(InstallState.domain, InstallState.expires_at)
        row = session.execute(gone).one_or_none()
    return row is not None and row.domain == domain and row.expires_at > real_now()


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
