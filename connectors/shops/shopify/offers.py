"""What a customer may choose from, as it can be bought right now (`queries.VARIANTS`, `queries.SEARCH`). Pure.

Prices are those of the buyer's country, where the shop has prices for it. Without `taxesIncluded` tax comes on top, and only a draft knows how much.
"""

from __future__ import annotations

import re

from connectors.reading import NAME, TITLE, Part, currency, line
from connectors.shops.shopify.products import grams, picture
from postventa.events import ProductSnapshot, VariantSnapshot

WORDS = re.compile(r"[^\w]+")
MOST_WORDS = 8


def variants_seen(told: Part) -> tuple[VariantSnapshot, ...]:
    """None of them where the product is gone, or not on sale (any more)."""
    taxed = told.part("shop").flag("taxesIncluded")
    product = told.part("product")
    if product.text("status") not in ("", "ACTIVE"):
        return ()
    title = product.text("title", TITLE)
    return tuple(_variant(node, title, taxed) for node in product.part("variants").parts("nodes") if node.ref("legacyResourceId"))


def products_seen(told: Part) -> tuple[ProductSnapshot, ...]:
    """Without their kinds, which have to be asked for. Only what the shop shows to everybody, and has."""
    nodes = told.part("products").parts("nodes")
    return tuple(_product(node) for node in nodes if node.ref("legacyResourceId") and node.url("onlineStoreUrl") and _is_there(node))


def search(text: str) -> str:
    """Every word, begun at least, of products that are on sale; nothing of the search's own syntax. Empty: there is nothing to look for."""
    words = [word for word in WORDS.split(line(text)) if word][:MOST_WORDS]
    return " ".join([*(f"{word.lower()}*" for word in words), "status:active"]) if words else ""


def _is_there(node: Part) -> bool:
    return not node.flag("tracksInventory") or node.count("totalInventory") > 0


def _variant(node: Part, product: str, taxed: bool) -> VariantSnapshot:
    title, price, stock = node.text("title", NAME), node.part("contextualPricing").part("price"), node.part("inventoryItem")
    counted = stock.flag("tracked") and "inventoryQuantity" in node
    return VariantSnapshot(
        ref=node.ref("legacyResourceId"),
        title="" if title == "Default Title" else title,
        sku=node.text("sku"),
        image_url=picture(node),
        weight_g=grams(stock.part("measurement").part("weight")),
        options=tuple((one.text("name"), one.text("value", NAME)) for one in node.parts("selectedOptions") if one.text("value") != "Default Title"),
        price=price.money("amount") if "amount" in price else None,
        currency=currency(price.text("currencyCode"), ""),
        taxed=taxed,
        available=node.count("inventoryQuantity") if counted else None,
        sellable=node.flag("availableForSale"),
        product_title=product,
    )


def _product(node: Part) -> ProductSnapshot:
    return ProductSnapshot(
        ref=node.ref("legacyResourceId"),
        title=node.text("title", TITLE),
        url=node.url("onlineStoreUrl"),
        image_url=node.part("featuredMedia").part("preview").part("image").url("url"),
        vendor=node.text("vendor", NAME),
    )
