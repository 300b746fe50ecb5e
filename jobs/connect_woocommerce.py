"""Connects a WooCommerce shop: a look at it, the merchant's approval or pasted keys, and the shop's row with what the shop itself knows.

Which of these talk to the shop: `look_at`, `prove`, `prepare`, `finish`, `connect`, `suggestions` and `orders_in`, each for up to a minute, so never
while somebody's request waits in the front door. `approve`, `receive` and `returned` ask nobody: the shop's own page is open while it waits for our
answer to `receive`, and a shop with one process could not answer us then.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from connectors.errors import Unreadable
from connectors.http import Door
from connectors.shops.woocommerce.address import Site
from connectors.shops.woocommerce.approval import authorize_url, read_callback
from connectors.shops.woocommerce.discovery import Discovery, discover, totals
from connectors.shops.woocommerce.findings import Finding
from connectors.shops.woocommerce.look import Look, look
from connectors.shops.woocommerce.mails import switched_on
from connectors.shops.woocommerce.rest import Keys, Rest
from connectors.shops.woocommerce.suggest import Suggestion, suggest
from postventa import audit, leases, shops
from postventa.clock import real_now
from postventa.config import Settings, ShopSettings
from postventa.connecting.public import callback_trouble
from postventa.connecting.store import Approvals, Approved
from postventa.events import Step
from postventa.locale import SOURCE, choose
from postventa.models.db import transaction
from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.connecting")

CALLBACK = "/connect/woocommerce/"
"""Below `public_url`, with the approval's ref behind it: where shops send keys."""
ONE_AT_A_TIME = "connect-woocommerce"
"""The lease's row that is locked while a shop is added: two approvals of one shop make one."""
NO_USE = frozenset({"keys-malformed", "keys-unknown", "secret-wrong", "rights-missing"})
"""Findings after which the same keys need not be tried again."""


class NotPossible(Exception):
    """It cannot be done so; `name`: the sentence of `postventa/connecting/words.py` that says why."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Sent:
    """A merchant who is sent to her shop to approve us: the approval's ref, and the page there."""

    ref: str
    url: str = field(repr=False)


@dataclass(frozen=True)
class Prepared:
    """A shop that can be connected: its settings, what it told of itself, and what its statuses may mean, for the merchant to confirm."""

    settings: ShopSettings
    discovery: Discovery
    suggestions: tuple[Suggestion, ...]
    look: Look


@dataclass(frozen=True)
class Finished:
    """`shop_id`: the connected shop; None: `look` says what has to be put right first."""

    look: Look
    shop_id: int | None = None
    prepared: Prepared | None = None


def look_at(settings: Settings, typed: str, keys: Keys | None = None) -> Look:
    """The shop at an address, with the keys if there are any yet. Every question is asked once."""
    return look(typed, _door(settings), real_now(), keys)


def approve(settings: Settings, approvals: Approvals, account: str, site: Site, return_url: str, who: str = "") -> Sent:
    """Where to send the merchant so that she approves us in her shop. `who`: whom she will see there. Raises `NotPossible`."""
    trouble = callback_trouble(settings)
    if trouble:
        raise NotPossible(trouble)
    begun = approvals.begin(account, site.base, plain=site.plain)
    return Sent(begun.ref, authorize_url(site, begun.state, f"{settings.public_url}{CALLBACK}{begun.ref}", return_url, who))


def receive(approvals: Approvals, ref: str, body: bytes) -> int:
    """Keys that a shop sent; the status to answer with. Anything but 200 makes WooCommerce delete the key again and tell the merchant.

    Anybody may call this, so a refusal is no warning: whoever goes on and on is told of by the door (`webhooks/strangers.py`).
    """
    try:
        granted = read_callback(body)
    except Unreadable as error:
        log.info("keys were refused: %s", error)
        return 400
    if not granted.writes:
        log.info("keys were refused: they may %s, and read_write was asked for", granted.permissions or "do nothing")
        return 403
    kept = approvals.receive(ref, granted.state, granted.keys.key, granted.keys.secret, granted.key_ref)
    if not kept:
        log.info("keys were refused: their state is unknown, used, too old, or another shop's")
    return 200 if kept else 403


def returned(approvals: Approvals, account: str, state: str, success: str) -> Approved:
    """The merchant is back from her shop (`user_id` and `success` of the address). Raises `NotPossible`."""
    approved = approvals.returned(state, account, allowed=success == "1")
    if approved is None:
        raise NotPossible("approval-denied" if success == "0" else "approval-unknown")
    return approved


def prove(settings: Settings, approved: Approved) -> Look:
    """Do the keys that came open the shop that they were asked of? Keys of another shop do not, whoever sent them."""
    return look_at(settings, approved.url, Keys(approved.consumer_key, approved.consumer_secret))


def prepare(settings: Settings, seen: Look, keys: Keys, name: str = "", accept: bool = False) -> Prepared:
    """All that is to be known before the shop is connected. `accept`: take over suggestions that are sure. Raises `ValueError` unless it works."""
    if seen.site is None or not seen.works:
        raise ValueError("a shop is prepared after a look at it with keys that work")
    found = discover(Rest(seen.site.base, keys, _door(settings), seen.keys_in), seen.index, seen.system)
    suggestions = suggest(found.statuses or {})
    sure = {one.status: one.step for one in suggestions if one.sureness == "sure" and one.step is not None} if accept else {}
    own = ShopSettings(
        key=secrets.token_urlsafe(24),
        platform="woocommerce",
        name=name or found.name,
        url=seen.site.base,
        webhook_secrets=[secrets.token_urlsafe(32)],
        consumer_key=keys.key,
        consumer_secret=keys.secret,
        keys_in="query" if seen.keys_in == "query" else "header",
        locale=choose(found.locale or SOURCE),
        timezone=found.timezone or "Europe/Madrid",
        country=found.country or "ES",
        currency=found.currency or "EUR",
        status_map=sure,
    )
    return Prepared(own, found, suggestions, seen)


def finish(settings: Settings, engine: Engine, secret: bytes, approvals: Approvals, ref: str, account: str, shop_id: int | None = None) -> Finished:
    """What follows an approval, after `returned`: the keys are proven, and the shop is connected with them.

    `shop_id`: a shop of that account that gets new keys. Nothing is lost when the shop is away for a moment: come again until it is too late.
    Raises `NotPossible`.
    """
    approved = approvals.approved(ref, account)
    if approved is None:
        raise NotPossible("approval-unknown")
    keys = Keys(approved.consumer_key, approved.consumer_secret)
    seen = prove(settings, approved)
    if not seen.works:
        if any(finding.name in NO_USE for finding in seen.findings):
            with transaction(engine) as session:
                approvals.settle(session, ref)
        return Finished(seen)
    prepared = prepare(settings, seen, keys)
    with transaction(engine) as session:
        _only_once(session, settings, secret, prepared.settings.url, shop_id)
        if not approvals.settle(session, ref):
            raise NotPossible("approval-unknown")
        return Finished(seen, _keep(session, secret, prepared.settings, shop_id, f"account:{account}"), prepared)


def connect(settings: Settings, engine: Engine, secret: bytes, typed: str, keys: Keys, account: str, shop_id: int | None = None) -> Finished:
    """The same with keys that were pasted by hand. Raises `NotPossible`."""
    seen = look_at(settings, typed, keys)
    if not seen.works:
        return Finished(seen)
    prepared = prepare(settings, seen, keys)
    with transaction(engine) as session:
        _only_once(session, settings, secret, prepared.settings.url, shop_id)
        return Finished(seen, _keep(session, secret, prepared.settings, shop_id, f"account:{account}"), prepared)


def _only_once(session: Session, settings: Settings, secret: bytes, url: str, shop_id: int | None) -> None:
    """Raises `NotPossible` when another shop than `shop_id` is connected at that address. Nobody connects one meanwhile."""
    leases.one_at_a_time(session, ONE_AT_A_TIME)
    other = already(shops.all_of(session, settings, secret), url)
    if (other.id if other else None) != shop_id:
        raise NotPossible("already-connected" if other else "approval-unknown")


def _keep(session: Session, secret: bytes, own: ShopSettings, shop_id: int | None, actor: str) -> int:
    """The shop's number. Raises `NotPossible` for a shop whose keys stand in the configuration file: it is connected there."""
    if shop_id is None:
        return add(session, secret, own, actor)
    if not replace_keys(session, secret, shop_id, own, actor):
        raise NotPossible("already-connected")
    return shop_id


def add(session: Session, secret: bytes, own: ShopSettings, actor: str) -> int:
    """Connect a shop that is connected nowhere now, and write down who did; its number, which is the old one if it was connected before."""
    row, again = shops.left_behind(session, own.url), True
    if row is None:
        row, again = shops.add(session, secret, own), False
    else:
        shops.come_back(session, secret, row, own)
    after = {"name": row.name, "platform": row.platform, "again": again}
    audit.record(session, actor, "shop.add", shop_id=row.id, subject=f"shop {row.id}", after=after)
    return row.id


def replace_keys(session: Session, secret: bytes, shop_id: int, own: ShopSettings, actor: str) -> bool:
    """Give a connected shop its new keys, and write down who did. False: its keys stand in the configuration file."""
    if not shops.replace_keys(session, secret, shop_id, own.consumer_key, own.consumer_secret):
        return False
    shops.remember_keys_in(session, shop_id, own.keys_in)
    audit.record(session, actor, "shop.keys", shop_id=shop_id, subject=f"shop {shop_id}")
    return True


def unexplained(settings: Settings, seen: Look, keys: Keys, explained: Mapping[str, Step]) -> tuple[Suggestion, ...]:
    """A connected shop's statuses that nobody has explained yet, with what they may mean."""
    return tuple(one for one in suggestions(settings, seen, keys) if one.status not in explained)


def suggestions(settings: Settings, seen: Look, keys: Keys) -> tuple[Suggestion, ...]:
    """A shop's own statuses, with what they may mean."""
    if seen.site is None or not seen.works:
        return ()
    return suggest(discover(Rest(seen.site.base, keys, _door(settings), seen.keys_in), seen.index, seen.system).statuses or {})


def orders_in(settings: Settings, seen: Look, keys: Keys) -> dict[str, int]:
    """How many orders each status has, as far as the shop says."""
    return totals(Rest(seen.site.base, keys, _door(settings), seen.keys_in)) if seen.site is not None and seen.works else {}


def own_mails(settings: Settings, seen: Look, keys: Keys) -> dict[str, bool]:
    """Which of the shop's own mails that double ours are on, by their ids, as far as it says."""
    return switched_on(Rest(seen.site.base, keys, _door(settings), seen.keys_in)) if seen.site is not None and seen.works else {}


def already(known: list[ConnectedShop], url: str) -> ConnectedShop | None:
    """The connected shop at that address, `www.` or not."""
    return next((shop for shop in known if shop.settings.url and _place(shop.settings.url) == _place(url)), None)


def trouble(seen: Look) -> list[Finding]:
    """What has to be put right first."""
    return [finding for finding in seen.findings if finding.state == "fail"]


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/")


def _door(settings: Settings) -> Door:
    return Door(settings.security.allow_private_hosts, tries=1)
