"""Asks a shop that was just connected for its own words: its name, currency, time zone, and where its merchant is written to."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy import select

from connectors.errors import ConnectorError
from connectors.http import Door
from jobs import queue
from jobs.shopify_access import LACKING, judge
from jobs.shopify_tokens import StoredTokens
from jobs.world import World, current
from postventa import alarms, shop_tokens
from postventa.clock import real_now
from postventa.config import ShopSettings
from postventa.models import Shop, ShopToken
from postventa.models.db import reading, transaction
from postventa.shops import find, of_app_at_first

if TYPE_CHECKING:
    from connectors.shops.shopify.client import About

log = logging.getLogger("postventa.shopify")

LATELY = timedelta(days=2)


def learn_all(world: World) -> None:
    """Have the shops asked that were connected lately and of which nothing is known yet, one job each."""
    if not world.settings.shopify.known:
        return
    with reading(world.engine) as session:
        lately = (ShopToken.installed_at >= real_now() - LATELY, Shop.disconnected_at.is_(None), Shop.api_refused_at.is_(None))
        rows = session.scalars(select(Shop).join(ShopToken, ShopToken.shop_id == Shop.id).where(*lately)).all()
        unknown = [row.id for row in rows if not row.from_file and not _brand(row.settings).get("website")]
    try:
        queue.enqueue(world.redis, queue.LATER, "learn_shop.learn_shop", unknown)
    except RedisError as error:
        log.warning("Redis is away (%s): new shops are asked at the next turn", type(error).__name__)


def learn_shop(shop_id: int) -> None:
    """What a person has set already stays as it is. A shop that does not answer is asked again at the next turn."""
    world = current()
    with reading(world.engine) as session:
        shop = find(session, shop_id, world.settings, world.secret)
    from connectors.shops.shopify.client import ShopifyClient  # loads the vendor's library

    allowed = world.settings.security.allow_private_hosts
    door = Door(allowed, tries=1)
    try:
        about = ShopifyClient(shop.settings, allowed, door, StoredTokens(world, shop, door)).about()
    except ConnectorError as error:
        log.warning("a new shop did not say who it is: %s", error, extra={"shop": shop_id})
        return
    with transaction(world.engine) as session:
        row = session.get_one(Shop, shop_id)
        row.settings = filled(row.settings, about, of_app_at_first(row.domain, row.key))
        before, row.name = row.name, str(row.settings["name"])
        alarms.clear(session, LACKING, before)  # alarms go by the shop's name
        if shop_tokens.regrant(session, shop_id, about.scopes, real_now()):
            judge(session, row, about.scopes)


def filled(settings: dict[str, object], about: About, first: ShopSettings) -> dict[str, object]:
    """The settings with the shop's words where nobody chose any, one by one: an odd time zone does not cost the name."""
    fresh = first.model_dump(mode="json")
    said = {"name": about.name, "country": about.country, "currency": about.currency, "timezone": about.timezone, "alert_email": about.email}
    for name, value in said.items():
        if value and settings.get(name) == fresh[name]:
            settings = _valid({**settings, name: value}) or settings
    own = _brand(settings)
    brand = {"website": about.website, "legal_name": about.legal_name, "support_email": about.email}
    return {**settings, "brand": {**own, **{name: value for name, value in brand.items() if value and not own.get(name)}}}


def _brand(settings: dict[str, object]) -> dict[str, object]:
    brand = settings.get("brand")
    return brand if isinstance(brand, dict) else {}


def _valid(settings: dict[str, object]) -> dict[str, object] | None:
    try:
        ShopSettings.model_validate(settings)
    except ValueError:
        return None
    return settings
