"""A WooCommerce product and its variations (REST v3 resources) as one description. Pure.

https://woocommerce.github.io/woocommerce-rest-api-docs/#products
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from connectors.reading import NAME, TITLE, Part, line
from postventa.events import ProductSnapshot, VariantSnapshot

GRAMS = {"kg": Decimal(1000), "g": Decimal(1), "lbs": Decimal("453.59237"), "oz": Decimal("28.349523125")}
"""`woocommerce_weight_unit`: one unit for the whole shop, which no product names."""
HEAVIEST = 10_000_000
"""Grams: ten tonnes; more is a mistake."""
MOST_TAGS = 250
"""More are noise: of one product nobody reads so many."""


def is_variable(product: Part) -> bool:
    """Whether it comes in several kinds, which have to be asked for."""
    return product.text("type") == "variable"


def product_seen(product: Part, variations: Iterable[Part], unit: str) -> ProductSnapshot:
    """`unit`: the shop's unit of weight; empty: nobody knows, and so no weight is known."""
    images, ref = product.parts("images"), product.ref("id")
    kinds = tuple(_variant(kind, product, unit) for kind in variations if kind.ref("id"))
    return ProductSnapshot(
        ref=ref,
        title=_words(product.text("name", TITLE)),
        url=product.url("permalink"),
        image_url=images[0].url("src") if images else "",
        vendor=_words(next((brand.text("name", NAME) for brand in product.parts("brands")), "")),
        categories=tuple(name for entry in product.parts("categories")[:20] if (name := _words(entry.text("name", NAME)))),
        tags=_tags(product),
        variants=kinds or (VariantSnapshot(ref, "", product.text("sku"), "", grams(product.text("weight"), unit)),),
    )


def _tags(product: Part) -> tuple[str, ...] | None:
    """None: it says nothing of tags at all."""
    if not isinstance(product.raw.get("tags"), list):
        return None
    return tuple(name for entry in product.parts("tags")[:MOST_TAGS] if (name := _words(entry.text("name", NAME))))


def grams(weight: str, unit: str) -> int:
    """`1.5` in the shop's unit as grams; 0 for what nobody can weigh."""
    try:
        found = Decimal(weight or "0") * GRAMS.get(unit, Decimal(0))
    except InvalidOperation:
        return 0
    return int(found) if found.is_finite() and 0 <= found <= HEAVIEST else 0


def _variant(kind: Part, product: Part, unit: str) -> VariantSnapshot:
    """What a variation does not say of itself holds for the product as a whole."""
    return VariantSnapshot(
        ref=kind.ref("id"),
        title=" / ".join(options(kind))[:NAME],
        sku=kind.text("sku"),
        image_url=kind.part("image").url("src"),
        weight_g=grams(kind.text("weight") or product.text("weight"), unit),
    )


def options(kind: Part) -> Iterator[str]:
    for attribute in kind.parts("attributes"):
        if text := _words(attribute.text("option", NAME)):
            yield text


def _words(text: str) -> str:
    """WooCommerce keeps names as HTML: `Piel &amp; lana`."""
    return line(html.unescape(text), TITLE)
