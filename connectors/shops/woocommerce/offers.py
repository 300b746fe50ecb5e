"""What a customer may choose from, as it can be bought right now. Pure.

https://woocommerce.github.io/woocommerce-rest-api-docs/#product-variations . `price` is as the merchant typed it in: with tax or without, which every
order says (`prices_include_tax`). Without, tax comes on top by the buyer's address, and only an order knows how much.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

from connectors.reading import NAME, TITLE, Part, line
from connectors.shops.woocommerce.products import options, product_seen
from postventa.events import ProductSnapshot, VariantSnapshot

BOUGHT_ELSEWHERE = frozenset({"variable", "grouped", "external"})
"""Kinds of products that nobody can put into an order."""


def variants_seen(product: Part, variations: Iterable[Part], taxed: bool, currency: str) -> tuple[VariantSnapshot, ...]:
    """Its variations that are not hidden, in the shop's order, or the product itself where it comes in one kind only; none if it is not on sale."""
    kinds = [kind for kind in variations if kind.ref("id") and kind.text("status") != "private"]
    if product.text("status") not in ("", "publish"):
        return ()
    kinds.sort(key=lambda kind: (kind.count("menu_order"), kind.count("id")))
    if not kinds and product.text("type") in BOUGHT_ELSEWHERE:
        return ()
    return tuple(_variant(kind, product, taxed, currency) for kind in kinds or [product])


def products_seen(listed: Iterable[Part]) -> tuple[ProductSnapshot, ...]:
    """Those that can be bought here, and are there."""
    bought_here = (one for one in listed if one.ref("id") and one.text("type") not in ("grouped", "external"))
    return tuple(product_seen(one, (), "") for one in bought_here if one.text("stock_status") != "outofstock")


def _variant(kind: Part, product: Part, taxed: bool, currency: str) -> VariantSnapshot:
    """WooCommerce counts pieces of a variation, or of all of them together (`parent`), or of none."""
    counted = kind.raw.get("manage_stock") not in (None, False) and "stock_quantity" in kind
    pictures = product.parts("images")
    single = kind is product
    return VariantSnapshot(
        ref=kind.ref("id"),
        title="" if single else " / ".join(options(kind))[:NAME],
        sku=kind.text("sku"),
        image_url=kind.part("image").url("src") or (pictures[0].url("src") if pictures else ""),
        options=() if single else tuple(_option(one) for one in kind.parts("attributes") if one.text("option")),
        price=kind.money("price") if kind.text("price") else None,
        currency=currency,
        taxed=taxed,
        available=kind.count("stock_quantity") if counted else None,
        sellable=kind.flag("purchasable") and kind.text("stock_status") != "outofstock" and (single or _is_decided(kind, product)),
        product_title=line(html.unescape(product.text("name", TITLE)), TITLE),
    )


def _is_decided(kind: Part, product: Part) -> bool:
    """Whether it says everything that there is to choose. One of "any size" leaves the size to the page that sells it: no order can say it for us."""
    asked = {one.text("name", NAME) for one in product.parts("attributes") if one.flag("variation")}
    return asked <= {one.text("name", NAME) for one in kind.parts("attributes") if one.text("option")}


def _option(one: Part) -> tuple[str, str]:
    name, value = (line(html.unescape(one.text(key, TITLE)), NAME) for key in ("name", "option"))
    return name, value
