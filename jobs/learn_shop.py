"""Asks a shop that was just connected for its own words: its name, currency, time zone, and where its merchant is written to."""

from __future__ import annotations

from connectors.http import Door
from connectors.shops.shopify.client import About, ShopifyClient
from jobs.shopify_install import first_settings
from jobs.shopify_tokens import StoredTokens
from jobs.world import current
from postventa.config import ShopSettings
from postventa.models import Shop
from postventa.models.db import reading, transaction
from postventa.shops import find


def learn_shop(shop_id: int) -> None:
    """What a person has set already stays as it is. Raises `ConnectorError`."""
    world = current()
    with reading(world.engine) as session:
        shop = find(session, shop_id, world.settings, world.secret)
    allowed = world.settings.security.allow_private_hosts
    door = Door(allowed)
    about = ShopifyClient(shop.settings, allowed, door, StoredTokens(world, shop, door)).about()
    with transaction(world.engine) as session:
        row = session.get_one(Shop, shop_id)
        row.settings = filled(row.settings, about, first_settings(row.domain, row.key))
        row.name = str(row.settings["name"])


def filled(settings: dict[str, object], about: About, first: ShopSettings) -> dict[str, object]:
    """The settings with the shop's words where nobody chose any, one by one: an odd time zone does not cost the name."""
    fresh = first.model_dump(mode="json")
    said = {"name": about.name, "country": about.country, "currency": about.currency, "timezone": about.timezone, "alert_email": about.email}
    for name, value in said.items():
        if value and settings.get(name) == fresh[name]:
            settings = _valid({**settings, name: value}) or settings
    chosen = settings.get("brand")
    own = chosen if isinstance(chosen, dict) else {}
    brand = {"website": about.website, "legal_name": about.legal_name, "support_email": about.email}
    return {**settings, "brand": {**own, **{name: value for name, value in brand.items() if value and not own.get(name)}}}


def _valid(settings: dict[str, object]) -> dict[str, object] | None:
    try:
        ShopSettings.model_validate(settings)
    except ValueError:
        return None
    return settings
