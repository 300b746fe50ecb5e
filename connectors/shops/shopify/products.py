"""A Shopify product (`queries.PRODUCT`) as one description. Pure.

https://shopify.dev/docs/api/admin-graphql/latest/objects/Product
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from connectors.reading import NAME, TITLE, Part
from postventa.events import ProductSnapshot, VariantSnapshot

GRAMS = {"GRAMS": Decimal(1), "KILOGRAMS": Decimal(1000), "OUNCES": Decimal("28.349523125"), "POUNDS": Decimal("453.59237")}
HEAVIEST = 10_000_000
"""Grams: ten tonnes; more is a mistake."""
MOST_TAGS = 250
"""As many as Shopify lets a product have."""


def product_seen(found: Part) -> ProductSnapshot:
    """What Shopify kept from us stays empty."""
    names = [found.part("category").text("name", NAME), found.text("productType", NAME)]
    names += [entry.text("title", NAME) for entry in found.part("collections").parts("nodes")]
    return ProductSnapshot(
        ref=found.ref("legacyResourceId"),
        title=found.text("title", TITLE),
        url=found.url("onlineStoreUrl"),
        image_url=found.part("featuredMedia").part("preview").part("image").url("url"),
        vendor=found.text("vendor", NAME),
        categories=tuple(dict.fromkeys(name for name in names if name)),
        tags=_tags(found),
        variants=tuple(_variant(node) for node in found.part("variants").parts("nodes") if node.ref("legacyResourceId")),
    )


def _tags(found: Part) -> tuple[str, ...] | None:
    """None: Shopify kept them from us."""
    tags = found.raw.get("tags")
    if not isinstance(tags, list):
        return None
    return tuple(dict.fromkeys(name for tag in tags[:MOST_TAGS] if (name := Part({"tag": tag}).text("tag", NAME))))


def _variant(node: Part) -> VariantSnapshot:
    title = node.text("title", NAME)
    return VariantSnapshot(
        ref=node.ref("legacyResourceId"),
        title="" if title == "Default Title" else title,
        sku=node.text("sku"),
        image_url=picture(node),
        weight_g=grams(node.part("inventoryItem").part("measurement").part("weight")),
    )


def picture(node: Part) -> str:
    pictures = (media.part("preview").part("image").url("url") for media in node.part("media").parts("nodes"))
    return next((picture for picture in pictures if picture), "")


def grams(weight: Part) -> int:
    """`{"value": 1.5, "unit": "KILOGRAMS"}` as grams; 0 for what nobody can weigh."""
    try:
        found = Decimal(str(weight.raw.get("value") or 0)) * GRAMS.get(weight.text("unit"), Decimal(0))
    except InvalidOperation:
        return 0
    return int(found) if found.is_finite() and 0 <= found <= HEAVIEST else 0
