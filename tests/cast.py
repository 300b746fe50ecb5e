"""The people and shops of the tests. Mara sells shoes, Otto sells tea and must never see anything of hers; Ana is a customer."""

from __future__ import annotations

from postventa.config import ShopSettings

ANA = "ana@correo.example"

MARA = ShopSettings(
    key="mara-woo-0123456789abcdef",
    platform="woocommerce",
    name="Zapatería Lola",
    url="https://zapateria-lola.example",
    webhook_secrets=["mara-current-secret", "mara-previous-secret"],
    consumer_key="ck_mara",
    consumer_secret="cs_mara",
)
MARA_ON_SHOPIFY = ShopSettings(
    key="mara-shopify-0123456789ab",
    platform="shopify",
    name="Zapatería Lola",
    domain="zapateria-lola.myshopify.com",
    webhook_secrets=["mara-app-secret"],
    access_token="shpat_mara",
)
OTTO = ShopSettings(
    key="otto-woo-fedcba9876543210",
    platform="woocommerce",
    name="Tés de Otto",
    url="https://tes-de-otto.example",
    webhook_secrets=["otto-secret"],
    consumer_key="ck_otto",
    consumer_secret="cs_otto",
)
OTTO_ON_SHOPIFY = ShopSettings(
    key="otto-shopify-fedcba987654",
    platform="shopify",
    name="Tés de Otto",
    domain="tes-de-otto.myshopify.com",
    webhook_secrets=["otto-app-secret"],
    access_token="shpat_otto",
)
