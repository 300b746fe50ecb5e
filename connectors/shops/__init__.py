"""The shop platforms: one line each."""

from __future__ import annotations

from connectors.shops.base import ShopPlatform
from connectors.shops.shopify import Shopify
from connectors.shops.woocommerce import WooCommerce

SHOPS: dict[str, ShopPlatform] = {
    "shopify": Shopify(),
    "woocommerce": WooCommerce(),
}
