"""Asks the shop for what a delivery only names: a return's items, an order's parcels, a product, what there is to choose from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, Lacking, Refused, Unsupported
from connectors.shops.base import Reading, Refetch, ShopClient
from jobs import at_once, offers, paid_exchange, shop_api
from jobs.world import World, current
from postventa import effects, failpoints, products
from postventa.clock import now, real_now
from postventa.events import Event, ProductSnapshot, ReturnSeen
from postventa.models import Effect, Shop, State
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.refetch")

COALESCE = timedelta(seconds=2)
"""Several deliveries of one breath lead to one question."""
Keep = Callable[[Session], str]
"""Writes an answer down; what that was, in words."""


def plan(session: Session, shop: ConnectedShop, wanted: Iterable[Refetch]) -> None:
    """Write the questions down, if the shop gave us keys to ask with."""
    for item in wanted:
        due, name = now() + COALESCE, f"fetch_{item.what}"
        key = f"{shop.key}:{item.order_ref or item.ref}:{name}:{item.ref}:{int(due.timestamp()) // 5}"
        at_once.question(session, shop, key, name, item.ref, due, order_ref=item.order_ref)


def refetch(effect_id: int) -> None:
    """Ask, and read the answer like a delivery."""
    world = current()
    with transaction(world.engine) as session:
        held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, ("fetch",))
        if held is None:
            return
        effect = session.get_one(Effect, effect_id, populate_existing=True)
        shop = find(session, effect.shop_id, world.settings, world.secret)
        resting = shop_api.gone(shop) or shop_api.resting(session, world, shop)
        if resting is not None:
            effects.rest(session, held, *resting)
            return
        doubtful = session.get_one(Shop, shop.id).api_failures > 0 or "failures" in effect.data
    alone = False
    try:
        alone = doubtful and shop_api.answers(world, shop)
        keep = _ask(world, shop, effect)
    except ConnectorError as error:
        _failed(world, held, shop, error, alone)
        return
    failpoints.hit("fetch.after_answer")
    with transaction(world.engine) as session:
        shop_api.answered(session, shop)
        told = keep(session)
        effects.begin(session, held, world.owner, "")
        effects.done(session, held, world.owner, told)


def _ask(world: World, shop: ConnectedShop, effect: Effect) -> Keep:
    client, ref = shop_api.client(world, shop), effect.subject_ref
    if effect.followup == "fetch_product":
        return partial(_keep_product, shop, ref, _product(client, ref))
    if effect.followup == paid_exchange.NAME:
        with reading(world.engine) as session:
            wish, name = paid_exchange.wanted(session, effect)
        return partial(paid_exchange.keep, int(effect.subject_ref), paid_exchange.question(client, wish, name))
    if effect.followup in offers.NAMES:
        return partial(offers.keep, effect.id, offers.question(client, effect))
    if effect.followup == "fetch_return":
        order_ref, _, lines, reason = client.return_lines(ref)
        seen = ReturnSeen(order_ref, now(), ref.rpartition("/")[2], lines, reason)
        return partial(_keep_facts, world, shop, (seen,))
    if effect.followup == "fetch_parcels":
        return partial(_keep_facts, world, shop, client.parcels(ref))
    if effect.followup == "fetch_order":
        return partial(_keep_facts, world, shop, client.order(ref))
    raise Unsupported(effect.followup.replace("_", " "), shop.platform)


def _keep_facts(world: World, shop: ConnectedShop, events: tuple[Event, ...], session: Session) -> str:
    from jobs.process_inbound import absorb

    absorb(session, world, shop, Reading(events), None)
    return f"{len(events)} facts"


def _product(client: ShopClient, ref: str) -> tuple[ProductSnapshot | None, bool]:
    """And whether it may be seen: a right that is missing is no trouble of the shop's. It is asked for again when it is bought after a while."""
    try:
        return client.product(ref), True
    except Lacking as error:
        log.info("a product is kept from us: %s", error)
        return None, False


def _keep_product(shop: ConnectedShop, ref: str, told: tuple[ProductSnapshot | None, bool], session: Session) -> str:
    seen, allowed = told
    products.keep(session, shop.id, ref, seen, gone=seen is None and allowed)
    return "a product" if seen is not None else "no such product" if allowed else "a product that is kept from us"


def _failed(world: World, held: effects.Claim, shop: ConnectedShop, error: ConnectorError, alone: bool) -> None:
    """The shop said no to this one question, which ends it; or only this one fails, which ends some day; or the shop is in trouble, and it rests."""
    with transaction(world.engine) as session:
        if error.permanent and not isinstance(error, Refused):
            shop_api.answered(session, shop)
            effects.drop(session, held, State.CANCELLED, str(error))
        elif alone and error.retry_after is None:
            effects.retry(session, held, world.owner, str(error))
        else:
            _rest(session, world, held, shop, error)
    log.warning("the shop did not answer: %s", error, extra={"effect": held.effect_id})


def _rest(session: Session, world: World, held: effects.Claim, shop: ConnectedShop, error: ConnectorError) -> None:
    """Behind the others that wait. Who finds the trouble first spends a try; those that wait for its end, or find that it lasts, spend none."""
    until, reason = shop_api.failed(session, world, shop, error)
    behind = until + timedelta(seconds=world.settings.recovery.api_pause)
    if session.get_one(Shop, shop.id).api_failures == 1 and not isinstance(error, Refused):
        effects.retry(session, held, world.owner, str(error), (behind - real_now()).total_seconds())
    else:
        effects.rest(session, held, behind, reason)
