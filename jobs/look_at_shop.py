"""What the pages ask of a shop: a look, connecting it, how it stands now, and tidying up behind us. One job for each visit, with its answer in SQL.

The page only writes down what is wanted (`postventa/connecting/visits.py`) and waits. If Redis is away meanwhile, or a worker dies, the clock asks
again (`ask_again`). A shop in trouble is an answer, not an error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from connectors.errors import ConnectorError
from connectors.http import Door
from connectors.shops import SHOPS
from connectors.shops.compare import Address, ours
from connectors.shops.woocommerce.look import Look
from connectors.shops.woocommerce.rest import Keys
from connectors.shops.woocommerce.suggest import Suggestion
from jobs import connect_woocommerce as connecting
from jobs import queue, shop_api, subscriptions
from jobs.world import World, current
from postventa import shops
from postventa.clock import real_now
from postventa.config import ShopSettings
from postventa.connecting import visits
from postventa.connecting.store import Approvals
from postventa.connecting.visits import Visit
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, webhook_url

log = logging.getLogger("postventa.connecting")

Told = dict[str, Any]
"""The answer as the page reads it. `findings`: as `Finding.document` says; `reason`: a name of `connecting/words.py` that says why not."""


def ask(redis: Redis, number: int) -> None:
    """Have it done now. Best effort: the clock asks for what Redis did not hear of."""
    try:
        queue.enqueue(redis, queue.LATER, "look_at_shop.look_at_shop", [number], queue.stamp(real_now(), 5))
    except RedisError as error:
        log.warning("Redis is away (%s): the shop is looked at when it is back", type(error).__name__)


def ask_again(world: World) -> None:
    """Have done what nobody is at work on."""
    for number in visits.unanswered(world.engine):
        ask(world.redis, number)


def look_at_shop(number: int) -> None:
    """Do what one visit wants. What goes wrong in here is told on its page, and rises."""
    world = current()
    visit = visits.take(world.engine, world.secret, number)
    if visit is None:
        return
    try:
        KINDS[visit.kind](world, visit)
    except connecting.NotPossible as error:
        _answer(world, visit, {"reason": error.name})
    except Exception:
        _answer(world, visit, {"reason": "our-fault"})
        raise


def _look(world: World, visit: Visit) -> None:
    seen = connecting.look_at(world.settings, visit.typed)
    _answer(world, visit, _seen(seen), seen)


def _with_keys(world: World, visit: Visit) -> None:
    keys = Keys(visit.hidden["key"], visit.hidden["secret"])
    done = connecting.connect(world.settings, world.engine, world.secret, visit.typed, keys, visit.account, visit.shop_id)
    _connected(world, visit, done, keys)


def _approved(world: World, visit: Visit) -> None:
    approvals = Approvals(world.engine, world.secret)
    held = approvals.approved(visit.approval, visit.account)
    done = connecting.finish(world.settings, world.engine, world.secret, approvals, visit.approval, visit.account, visit.shop_id)
    _connected(world, visit, done, Keys(held.consumer_key, held.consumer_secret) if held else None)


def _connected(world: World, visit: Visit, done: connecting.Finished, keys: Keys | None) -> None:
    """A shop that was just connected has its webhooks made at once."""
    told = _seen(done.look) | {"new": visit.shop_id is None}
    if done.shop_id is not None and done.prepared is not None and keys is not None:
        told |= {"statuses": _meanings(done.prepared.suggestions)} | _counted(world, done.look, keys)
    _answer(world, visit, told, done.look, done.shop_id)
    if done.shop_id is not None:
        _make_webhooks(world, done.shop_id)


def _make_webhooks(world: World, shop_id: int) -> None:
    try:
        queue.enqueue(world.redis, queue.LATER, "subscriptions.look_after", [shop_id])
    except RedisError as error:
        log.warning("Redis is away (%s): webhooks are made at the next turn", type(error).__name__)


def _again(world: World, visit: Visit) -> None:
    with reading(world.engine) as session:
        shop = shops.find(session, visit.shop_id or 0, world.settings, world.secret)
    told = _of_woocommerce(world, shop) if shop.platform == "woocommerce" else _of_others(world, shop)
    _answer(world, visit, told | _webhooks(world, shop))


def _of_woocommerce(world: World, shop: ConnectedShop) -> Told:
    own = shop.settings
    keys = Keys(own.consumer_key, own.consumer_secret) if own.has_api_keys else None
    seen = connecting.look_at(world.settings, own.url, keys)
    told = _seen(seen)
    if keys is None or not seen.works:
        return told
    if seen.keys_in != own.keys_in:
        with transaction(world.engine) as session:
            shops.remember_keys_in(session, shop.id, seen.keys_in)
    meant = connecting.suggestions(world.settings, seen, keys)
    return told | {"statuses": _meanings(meant)} | _counted(world, seen, keys)


def _counted(world: World, seen: Look, keys: Keys) -> Told:
    """How many orders each status has, and which of the shop's own mails are on."""
    return {"orders": connecting.orders_in(world.settings, seen, keys), "mails": connecting.own_mails(world.settings, seen, keys)}


def _of_others(world: World, shop: ConnectedShop) -> Told:
    try:
        return {"works": True, "said": shop_api.client(world, shop).check()}
    except ConnectorError as error:
        return {"works": False, "said": str(error)}


def _webhooks(world: World, shop: ConnectedShop) -> Told:
    """Those of ours, as the shop lists them. None are listed for a shop without keys."""
    if not shop.settings.has_api_keys:
        return {}
    platform = SHOPS[shop.platform]
    address = Address(webhook_url(world.settings, shop.platform, shop.key), platform.shared_path and world.settings.public_url + platform.shared_path)
    try:
        found = shop_api.client(world, shop).subscriptions()
    except ConnectorError as error:
        return {"webhooks_said": str(error)}
    known = {hook.topic: not hook.trouble and address.is_right(hook.url) for hook in ours(found, platform.topics, address)}
    topics = dict.fromkeys((*found.wanted, *known)) if subscriptions.is_kept(world.settings, shop) else known
    return {"webhooks": [{"topic": topic, "works": known.get(topic, False)} for topic in topics]}


def _leave(world: World, visit: Visit) -> None:
    """Take our webhooks out of a shop that was disconnected: its keys came with the visit and are nobody's any more."""
    own = ShopSettings.model_validate(visit.hidden)
    platform = SHOPS[own.platform]
    address = Address(webhook_url(world.settings, own.platform, own.key))
    try:
        allowed = world.settings.security.allow_private_hosts
        client = platform.client(own, allowed, Door(allowed, tries=1))
        removed = ours(client.subscriptions(), platform.topics, address)
        for webhook in removed:
            client.unsubscribe(webhook.ref)
    except ConnectorError as error:
        log.warning("webhooks stay in a shop that was disconnected: %s", error, extra={"shop": visit.shop_id})
        _answer(world, visit, {"left": True, "said": str(error)})
        return
    _answer(world, visit, {"left": True, "removed": len(removed)})


def _seen(seen: Look) -> Told:
    return {"works": seen.works, "findings": [finding.document() for finding in seen.findings]}


def _meanings(suggestions: Iterable[Suggestion]) -> list[dict[str, Any]]:
    return [{"status": one.status, "label": one.label, "step": one.step or "", "sureness": one.sureness} for one in suggestions]


def _answer(world: World, visit: Visit, told: Told, seen: Look | None = None, shop_id: int | None = None) -> None:
    site = seen.site if seen is not None else None
    with transaction(world.engine) as session:
        visits.answer(session, visit, told, site.base if site else "", plain=bool(site and site.plain), shop_id=shop_id)


KINDS: Mapping[str, Callable[[World, Visit], None]] = {
    "look": _look,
    "keys": _with_keys,
    "approval": _approved,
    "again": _again,
    "leave": _leave,
}
