"""Looks after the shops' webhooks, every hour: missing ones are made, those that were switched off are switched on, doubles of ours go.

WooCommerce switches a webhook off after a few failures and tells nobody; Shopify deletes a subscription. What happened since then is in no delivery,
so the orders are compared from the last moment at which all was well (`jobs/reconcile.py`). Webhooks of other programs are never touched.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, Lacking, Refused
from connectors.shops import SHOPS
from connectors.shops.base import ShopClient, Subscriptions
from connectors.shops.compare import Address, Step, ours, steps
from jobs import queue, reconcile, shop_api, tell_merchant
from jobs.world import World, current
from postventa import alarms
from postventa.clock import real_now
from postventa.config import AT_HOME, Settings
from postventa.models import Inbound, Shop
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, everyone, find, webhook_url

log = logging.getLogger("postventa.subscriptions")

LONGEST = 300.0
"""Seconds for one look; what is left then is done at the next one. Far below `queue.TIMEOUT`, whatever a slow shop does."""


@dataclass
class Look:
    """What one look at a shop's webhooks led to."""

    done: list[Step] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    """What a person has to put right, in words."""
    rights: list[str] = field(default_factory=list)
    """Rights that our key or app lacks, as the platform calls them."""
    unknown: bool = False
    """Nothing of ours is listed, and that proves nothing: the shop's deliveries may come by webhooks that are never listed."""
    trouble: ConnectorError | None = None
    """Why it could not be finished: the shop is to be asked again soon."""


def look_after_all(world: World) -> None:
    """Have the shops looked at whose hour has come, one job each; nothing is asked in here."""
    kept = {shop.id for shop in everyone(world.engine, world.settings, world.secret) if is_kept(world.settings, shop)}
    if not kept:
        return
    with reading(world.engine) as session:
        due = [row.id for row in session.scalars(select(Shop).where(Shop.id.in_(kept)).order_by(Shop.id)) if _is_due(world, row)]
    try:
        queue.enqueue(world.redis, queue.LATER, "subscriptions.look_after", due)
    except RedisError as error:
        log.warning("Redis is away (%s): webhooks are looked at at the next turn", type(error).__name__)


def look_after(shop_id: int) -> None:
    """Look at one shop's webhooks and put them right. Its API in trouble is no error: it is asked again when that is over."""
    world = current()
    with transaction(world.engine) as session:
        shop = find(session, shop_id, world.settings, world.secret)
        row = session.get_one(Shop, shop_id, with_for_update={"key_share": True}, populate_existing=True)
        if not is_kept(world.settings, shop) or not _is_due(world, row) or shop_api.resting(session, world, shop) is not None:
            return
        before, known = row.subscriptions_checked_at, row.subscriptions_well_at is not None
        row.subscriptions_checked_at = began = real_now()  # nobody else looks now: two at once would make everything twice
    look = _look(world, shop, known)
    with transaction(world.engine) as session:
        if look.trouble is None:
            shop_api.answered(session, shop)
        else:
            shop_api.failed(session, world, shop, look.trouble)
            session.get_one(Shop, shop_id).subscriptions_checked_at = before
        restored = _settle(session, shop, look, began)
    if restored:
        reconcile.ask_again(world, shop_id)


def is_kept(settings: Settings, shop: ConnectedShop) -> bool:
    """Whether its webhooks are ours to mend, and can be: we have keys, an address that the shop reaches, and nobody said to leave them."""
    return shop.settings.has_api_keys and not shop.disconnected and shop.settings.webhooks != "leave" and is_reachable(settings)


def is_reachable(settings: Settings) -> bool:
    """Whether `public_url` is one that shops can deliver to."""
    parts = urlsplit(settings.server.public_url)
    if settings.reconcile.plain_http:
        return parts.scheme in ("https", "http")
    return parts.scheme == "https" and bool(parts.hostname) and parts.hostname not in AT_HOME


def _is_due(world: World, row: Shop) -> bool:
    every = timedelta(seconds=world.settings.reconcile.webhooks_every)
    return row.subscriptions_checked_at is None or row.subscriptions_checked_at <= real_now() - every


def _look(world: World, shop: ConnectedShop, known: bool) -> Look:
    """`known`: webhooks of the shop's own were seen before."""
    look, platform = Look(), SHOPS[shop.platform]
    settings = world.settings
    address = Address(webhook_url(settings, shop.platform, shop.key), platform.shared_path and settings.public_url + platform.shared_path)
    try:
        client = shop_api.client(world, shop)
        found = client.subscriptions()
    except ConnectorError as error:
        _not_done(look, error, "its webhooks cannot be seen")
        return look
    sure = platform.lists_all or known or shop.settings.webhooks == "keep"
    if not sure and not ours(found, platform.topics, address):
        look.unknown = True
        return look
    look.undone += _lacking(found)
    look.rights += found.lacking
    _carry_out(look, list(steps(found, platform.topics, address)), client, address.own, _secret(shop))
    return look


def _lacking(found: Subscriptions) -> list[str]:
    return [f'without the right "{right}" it does not tell of {", ".join(topics)}: grant it' for right, topics in found.lacking.items()]


def _secret(shop: ConnectedShop) -> str:
    return shop.settings.secrets_at(real_now())[0]


def _carry_out(look: Look, wanted: list[Step], client: ShopClient, url: str, secret: str) -> None:
    """Step by step, until one fails that says something of all the others."""
    end = time.monotonic() + LONGEST
    for step in wanted:
        try:
            if time.monotonic() > end:
                raise ConnectorError("it answers so slowly that not everything could be put right at once")
            if step.remove:
                client.unsubscribe(step.ref)
            else:
                client.subscribe(step.topic, url, secret, step.ref)
        except ConnectorError as error:
            _not_done(look, error, _said(step))
            if look.trouble is not None or isinstance(error, Lacking):
                return
        else:
            look.done.append(step)


def _not_done(look: Look, error: ConnectorError, what: str) -> None:
    if error.permanent and not isinstance(error, Refused):
        lacking = [error.right] if isinstance(error, Lacking) and error.right else []
        look.rights += lacking
        right = f"; grant this right: {lacking[0]}" if lacking else ""
        look.undone.append(f"{what}, and {error}{right}")
    else:
        look.trouble = error


def _said(step: Step) -> str:
    return f"{step.topic} {step.why}"


def _settle(session: Session, shop: ConnectedShop, look: Look, began: datetime) -> bool:
    """Write down what came of it; whether deliveries may have been missed."""
    row = session.get_one(Shop, shop.id)
    since, delivered = row.subscriptions_well_at, _last_delivery(session, shop.id)
    lost = [step for step in look.done if not step.remove]
    news = bool(lost) and (since is not None or delivered is not None)
    if news:
        since = since or delivered or row.created_at
        reconcile.look_back(session, shop.id, since)
        _tell_restored(session, shop, row.name, lost, since)
    if look.done:
        log.warning("webhooks were put right: %s", "; ".join(map(_said, look.done)), extra={"shop": shop.id})
    if look.undone:
        message = f"{row.name}: {'; '.join(look.undone)}"[:2000]
        tell_merchant.raise_alarm(session, "webhooks-not-restored", shop, "warn", message, ", ".join(dict.fromkeys(look.rights)))
        log.warning("webhooks could not be put right: %s", "; ".join(look.undone), extra={"shop": shop.id})
    elif look.trouble is None:
        alarms.clear(session, "webhooks-not-restored", row.name)
        row.subscriptions_well_at = row.subscriptions_well_at if look.unknown else began
    return news


def _last_delivery(session: Session, shop_id: int) -> datetime | None:
    """By the shop itself: what its carriers tell says nothing about its own webhooks."""
    its = (Inbound.shop_id == shop_id, Inbound.source == "webhook", Inbound.platform.in_(tuple(SHOPS)))
    return session.scalar(select(Inbound.stored_at).where(*its).order_by(Inbound.id.desc()).limit(1))


def _tell_restored(session: Session, shop: ConnectedShop, name: str, lost: list[Step], since: datetime) -> None:
    told = f"{name}: webhooks were put right: {'; '.join(map(_said, lost))}. Orders since {since:%Y-%m-%d %H:%M} UTC are looked for and followed up"
    tell_merchant.raise_alarm(session, "webhooks-restored", shop, "warn", told[:2000])
