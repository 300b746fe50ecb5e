"""How things stand between us and a shop's API: it asked us to wait, it does not answer, or it refuses our keys.

All work with one shop heeds that together, so that a shop in trouble hears from us once in a while and not once for each order, and the others
notice nothing. Nothing is given up meanwhile: the work rests, and goes on when one question was answered.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, Refused
from connectors.http import Door
from connectors.shops import SHOPS
from connectors.shops.base import ShopClient
from jobs import tell_merchant
from jobs.pace import paced_door
from jobs.shopify_tokens import Keeper, StoredTokens
from jobs.world import World
from postventa import alarms
from postventa.clock import real_now
from postventa.models import Shop
from postventa.models.db import transaction
from postventa.shops import ConnectedShop

LONGEST = timedelta(minutes=15)
REFUSED_AGAIN = timedelta(hours=1)
"""Keys that were refused are tried this often: somebody may have put them right in the shop."""
COMES_BACK = timedelta(hours=1)
"""How often work with a shop that uninstalled the app looks whether it is back."""


def client(keeper: Keeper, shop: ConnectedShop, *, paced: bool = True) -> ShopClient:
    """Its API. Each call is tried once: the next try is planned where everybody sees it. Raises `ConnectorError` for settings of no API.

    `paced`: calls take turns with those of all other workers.
    """
    allowed = keeper.settings.security.allow_private_hosts
    door = paced_door(keeper.settings, keeper.engine, shop.id) if paced else Door(allowed, tries=1)
    if shop.settings.through_app:
        from connectors.shops.shopify.client import ShopifyClient  # loads the vendor's library

        return ShopifyClient(shop.settings, allowed, door, StoredTokens(keeper, shop, door))
    return SHOPS[shop.platform].client(shop.settings, allowed, door)


def gone(shop: ConnectedShop) -> tuple[datetime, str] | None:
    """Whoever uninstalled the app is not asked any more; a shop that comes back gets its questions within the hour."""
    return (real_now() + COMES_BACK, "waits: the shop is disconnected") if shop.disconnected else None


def resting(session: Session, world: World, shop: ConnectedShop) -> tuple[datetime, str] | None:
    """Until when nothing may be asked of it, and why; None: ask. Whoever asks after trouble asks for everybody: the others wait for what it hears."""
    row = session.get_one(Shop, shop.id, with_for_update={"key_share": True}, populate_existing=True)
    if row.api_paused_until is None:
        return None
    if row.api_paused_until > real_now():
        return row.api_paused_until, f"waits: {row.api_reason}"
    row.api_paused_until = real_now() + timedelta(seconds=world.settings.recovery.api_pause)
    return None


def answers(world: World, shop: ConnectedShop) -> bool:
    """After trouble, ask for what costs nothing first: if that is answered, what fails then fails alone. Raises `ConnectorError` while it lasts."""
    try:
        client(world, shop).changed_since(real_now())
    except ConnectorError as error:
        if isinstance(error, Refused) or not error.permanent:
            raise
    with transaction(world.engine) as session:
        answered(session, shop)
    return True


def answered(session: Session, shop: ConnectedShop) -> None:
    """It works (again)."""
    row = session.get_one(Shop, shop.id)
    if row.api_paused_until is None:
        return
    row.api_paused_until, row.api_refused_at, row.api_reason, row.api_failures = None, None, "", 0
    alarms.clear(session, "shop-refuses-us", row.name)


def failed(session: Session, world: World, shop: ConnectedShop, error: ConnectorError) -> tuple[datetime, str]:
    """It did not: until when all work with it rests now, and why. Waits double up to a quarter of an hour, or last as long as it asked for."""
    row = session.get_one(Shop, shop.id, with_for_update={"key_share": True}, populate_existing=True)
    row.api_failures += 1
    row.api_reason = str(error)[:500]
    if isinstance(error, Refused):
        row.api_refused_at = row.api_refused_at or real_now()
        row.api_paused_until = real_now() + REFUSED_AGAIN
        tell_merchant.raise_alarm(session, "shop-refuses-us", shop, "page", f"{row.name}: {error}")
    else:
        row.api_paused_until = real_now() + _pause(world, row.api_failures, error.retry_after)
    return row.api_paused_until, f"waits: {row.api_reason}"


def _pause(world: World, failures: int, asked: float | None) -> timedelta:
    shortest = timedelta(seconds=world.settings.recovery.api_pause)
    doubled = min(shortest * 2.0 ** min(failures - 1, 10), LONGEST)
    return max(timedelta(seconds=asked or 0), shortest, doubled * random.uniform(0.5, 1.0))  # noqa: S311  (spreads load, guards nothing)
