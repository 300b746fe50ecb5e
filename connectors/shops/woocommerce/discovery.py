"""What a shop is made of: version, storage of orders, plugins for tracking and languages, money, country, time, and its own order statuses.

`system_status` tells most of it to whoever may manage the shop; the rest comes from the site's index and two more questions, so that nobody has to
type in what the shop knows. https://woocommerce.github.io/woocommerce-rest-api-docs/#system-status
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors.errors import ConnectorError
from connectors.http import Answer
from connectors.reading import NAME, Part, clean, currency
from connectors.shops.woocommerce.gates import looks_like_json
from connectors.shops.woocommerce.rest import Rest, code_of
from connectors.shops.woocommerce.status import word

TRACKING: Mapping[str, str] = {
    "woo-advanced-shipment-tracking": "Advanced Shipment Tracking",
    "ast-pro": "Advanced Shipment Tracking PRO",
    "woocommerce-shipment-tracking": "Shipment Tracking",
    "woocommerce-shipping": "WooCommerce Shipping",
    "woocommerce-services": "WooCommerce Shipping & Tax",
    "parcelpanel": "ParcelPanel",
    "yith-woocommerce-order-tracking": "YITH Order & Shipment Tracking",
    "yith-woocommerce-order-tracking-premium": "YITH Order & Shipment Tracking",
    "aftership-woocommerce-tracking": "AfterShip",
    "woo-orders-tracking": "Orders Tracking",
    "woocommerce-orders-tracking": "Orders Tracking",
    "packlink-pro-shipping": "Packlink PRO",
    "sendcloud-shipping": "Sendcloud",
    "correosoficial": "Correos Oficial",
    "trackship-for-woocommerce": "TrackShip",
    "woocommerce-germanized": "Germanized",
}
"""Folder of a plugin -> what it is called: those that write tracking numbers or parcels."""
LANGUAGES: Mapping[str, str] = {
    "sitepress-multilingual-cms": "WPML",
    "polylang": "Polylang",
    "polylang-pro": "Polylang Pro",
    "translatepress-multilingual": "TranslatePress",
    "weglot": "Weglot",
    "gtranslate": "GTranslate",
    "multilingualpress": "MultilingualPress",
}
COUNTRY = "settings/general/woocommerce_default_country"
_PLACE = re.compile(r"([A-Z]{2})(?::.+)?\Z")
MOST_STATUSES = 100


@dataclass(frozen=True)
class Discovery:
    """Empty where the shop did not say. `hpos` and `fulfillments`: None when nobody knows."""

    name: str = ""
    version: str = ""
    wordpress: str = ""
    hpos: bool | None = None
    fulfillments: bool | None = None
    tracking: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    currency: str = ""
    country: str = ""
    timezone: str = ""
    """An IANA name; empty when the site has a fixed offset only."""
    locale: str = ""
    statuses: Mapping[str, str] | None = None
    """Every status of an order, without `wc-` -> what the shop calls it."""


def discover(rest: Rest, index: Part, system: Part) -> Discovery:
    """All of it; what a question has no answer for stays empty. `index`, `system`: what a look at the shop has read already."""
    environment, settings = system.part("environment"), system.part("settings")
    plugins = tuple(_folders(system))
    return Discovery(
        name=index.text("name", NAME),
        version=version_of(system),
        wordpress=environment.text("wp_version"),
        hpos=settings.flag("HPOS_enabled") if "HPOS_enabled" in settings else None,
        fulfillments=_fulfillments(rest, settings),
        tracking=_known(TRACKING, plugins),
        languages=_known(LANGUAGES, plugins),
        currency=currency(settings.text("currency"), ""),
        country=_country(rest),
        timezone=zone(index.text("timezone_string")),
        locale=environment.text("language").replace("_", "-"),
        statuses=_statuses(rest),
    )


def totals(rest: Rest) -> dict[str, int]:
    """Every status of an order, without `wc-` -> how many orders have it.

    https://woocommerce.github.io/woocommerce-rest-api-docs/#retrieve-orders-totals
    """
    listed = _json(_asked(rest, "reports/orders/totals", {"_fields": "slug,total"}))
    items = [Part(item) for item in listed[:MOST_STATUSES]] if isinstance(listed, list) else []
    return {word(item.text("slug")): item.count("total") for item in items if item.text("slug")}


def version_of(system: Part) -> str:
    """WooCommerce's; its documentation calls it `wc_version`, and its code `version`."""
    environment = system.part("environment")
    return environment.text("version") or environment.text("wc_version")


def _folders(system: Part) -> Iterator[str]:
    """`woocommerce/woocommerce.php` is the plugin `woocommerce`."""
    for plugin in system.parts("active_plugins"):
        yield plugin.text("plugin").partition("/")[0].removesuffix(".php").lower()


def _known(names: Mapping[str, str], plugins: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for folder, name in names.items() if folder in plugins))


def zone(text: str) -> str:
    """An IANA time zone that this machine knows too, else empty."""
    try:
        return ZoneInfo(text).key if text else ""
    except (KeyError, ValueError, OSError):
        return ""


def _fulfillments(rest: Rest, settings: Part) -> bool | None:
    """The feature is off by default, and then its route does not exist, whatever the order."""
    features = settings.raw.get("enabled_features")
    if isinstance(features, list) and "fulfillments" in features:
        return True
    answer = _asked(rest, "orders/1/fulfillments")
    if answer is None or answer.status not in (200, 400, 404) or not looks_like_json(answer):
        return None
    return not (answer.status == 404 and code_of(answer) == "rest_no_route")


def _country(rest: Rest) -> str:
    """`ES:M` is Spain, province of Madrid."""
    answer = _asked(rest, COUNTRY, {"_fields": "value"})
    found = _PLACE.match(Part(_json(answer)).text("value"))
    return found.group(1) if found else ""


def _statuses(rest: Rest) -> dict[str, str] | None:
    """By their own route; before WooCommerce had it, a report listed them too."""
    for route in ("orders/statuses", "reports/orders/totals"):
        listed = _json(_asked(rest, route, {"_fields": "slug,name"}))
        if isinstance(listed, list) and listed:
            items = [Part(item) for item in listed[:MOST_STATUSES]]
            return {word(item.text("slug")): clean(item.text("name")) for item in items if item.text("slug")}
    return None


def _asked(rest: Rest, route: str, params: dict[str, str] | None = None) -> Answer | None:
    try:
        return rest.get(route, params)
    except ConnectorError:
        return None


def _json(answer: Answer | None) -> object:
    if answer is None or answer.status != 200:
        return None
    try:
        found: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found
