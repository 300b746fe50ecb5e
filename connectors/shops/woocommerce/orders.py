"""A WooCommerce order (REST v3 resource) as facts. Pure.

Every payload is the order as it stands at delivery time, so each is read by itself: what it proves becomes events with the payload's own
times, and any set of payloads, in any order, proves the same. Field reference: https://woocommerce.github.io/woocommerce-rest-api-docs/
"""

from __future__ import annotations

import html
import re
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connectors.errors import Unreadable
from connectors.reading import ADDRESS, NAME, TITLE, WORD, Part, country, currency, first_time, language, line
from connectors.shops.base import Reading, Refetch, ShopContext
from connectors.shops.woocommerce import status as st
from connectors.shops.woocommerce.metadata import Metas, metas
from connectors.shops.woocommerce.provinces import province_name
from connectors.shops.woocommerce.steps import Times, facts, has_goods, is_collected
from postventa.events import Address, LineSnapshot, OrderSeen, OrderSnapshot

LOCALE_KEYS = ("wpml_language", "trp_language", "weglot_language", "_user_locale", "_locale", "locale", "lang", "pll_language")
"""WPML, TranslatePress, Weglot, Polylang and home-made ones."""
CONSENT_KEYS = (
    "mailchimp_woocommerce_is_subscribed",
    "_mc4wp_optin",
    "mailpoet_woocommerce_checkout_optin",
    "_mailpoet_woocommerce_checkout_optin",
    "kl_newsletter_checkbox",
    "ws_opt_in",
    "activecampaign_for_woocommerce_accepts_marketing",
)
"""Mailchimp, MC4WP, MailPoet, Klaviyo, Brevo, ActiveCampaign: the box at the checkout."""
LONGEST_CHOICE = 4000
"""Of an attribute's text as HTML; numbers of more than 4300 digits are none to Python, not even as `&#...;`."""
ON_HOLD = "on-hold"
"""WooCommerce's own word for an order whose money is waited for, such as a transfer."""
FULFILLED = ("fulfilled", "partially_fulfilled")
_TAG = re.compile(r"<[^>]*>")


def order_reading(payload: Part, context: ShopContext) -> Reading:
    """Everything that one order payload proves. Raises `Unreadable` when it is no order."""
    ref = payload.ref("id")
    if not ref or "status" not in payload:
        raise Unreadable('the body is no order: it has no "id" or no "status"')
    times, told = read_times(payload, context), metas(payload)
    snapshot = _snapshot(ref, payload, told, times, context)
    events = (OrderSeen(ref, times.modified, snapshot), *facts(snapshot, payload, times, context))
    return Reading(events, _refetch(ref, payload, told, context))


def read_times(payload: Part, context: ShopContext) -> Times:
    """The order's times; the `*_gmt` ones are UTC without saying so, the others are the site's own."""
    zone = ZoneInfo(context.timezone)

    def at(key: str) -> datetime | None:
        return payload.time(f"{key}_gmt") or payload.time(key, zone)

    created, modified = at("date_created"), at("date_modified")
    return Times(
        created=first_time(created, modified, context.received_at),
        modified=first_time(modified, context.received_at, created),
        paid=at("date_paid"),
        completed=at("date_completed"),
    )


def _refetch(ref: str, payload: Part, told: Metas, context: ShopContext) -> tuple[Refetch, ...]:
    """WooCommerce 10's Fulfillments leave only a word in the order; the parcels themselves have to be asked for."""
    fulfilled = any(key == "_fulfillment_status" and line(value) in FULFILLED for key, value in told)
    wanted = fulfilled and has_goods(payload) and st.is_order(payload.text("status"), context)
    return (Refetch("parcels", ref, ref),) if wanted else ()


def _snapshot(ref: str, payload: Part, told: Metas, times: Times, context: ShopContext) -> OrderSnapshot:
    billing, shipping, lines = payload.part("billing"), payload.part("shipping"), payload.parts("line_items")
    email, travels = billing.text("email", 254), has_goods(payload)
    status = payload.text("status")
    return OrderSnapshot(
        ref=ref,
        number=payload.text("number") or ref,
        status=status,
        updated_at=times.modified,
        created_at=times.created,
        currency=currency(payload.raw.get("currency"), context.currency),
        total=payload.money("total"),
        email=email,
        customer_ref=payload.ref("customer_id"),
        first_name=billing.text("first_name", NAME) or shipping.text("first_name", NAME),
        last_name=billing.text("last_name", NAME) or shipping.text("last_name", NAME),
        phone=billing.text("phone") or shipping.text("phone"),
        locale=_locale(payload, told),
        subtotal=sum((item.money("subtotal") + item.money("subtotal_tax") for item in lines), Decimal(0)),
        shipping_total=payload.money("shipping_total") + payload.money("shipping_tax"),
        discount_total=payload.money("discount_total") + payload.money("discount_tax"),
        tax_total=payload.money("total_tax"),
        shipping_method=", ".join(text for item in payload.parts("shipping_lines")[:3] if (text := item.text("method_title", NAME))),
        payment_method=payload.text("payment_method_title", NAME),
        note=payload.note("customer_note"),
        shipping_address=_address(shipping, email),
        billing_address=_address(billing, email),
        lines=tuple(_line(item, travels) for item in lines if item.ref("id")),
        accepts_marketing=_consent(told),
        trashed=st.trashed(status),
        awaits_payment=st.word(status) == ON_HOLD and times.paid is None,
        collected=is_collected(payload),
    )


def _line(item: Part, travels: bool) -> LineSnapshot:
    """WooCommerce keeps tax apart, even where prices are shown with it; the customer's figure has both."""
    variant = item.ref("variation_id")
    parent = item.text("parent_name", TITLE) if variant else ""
    return LineSnapshot(
        ref=item.ref("id"),
        title=parent or item.text("name", TITLE),
        quantity=item.count("quantity"),
        total=item.money("total") + item.money("total_tax"),
        product_ref=item.ref("product_id"),
        variant_ref=variant,
        variant_title=_choice(item) if parent else "",
        sku=item.text("sku"),
        image_url=item.part("image").url("src"),
        requires_shipping=travels,
    )


def _choice(item: Part) -> str:
    """What was chosen of a product that comes in several kinds, such as `Rojo / 42`."""
    shown = [_plain(meta.raw.get("display_value")) for meta in item.parts("meta_data") if not meta.text("key").startswith("_")]
    return " / ".join(text for text in shown if text)[:NAME]


def _plain(value: object) -> str:
    """WooCommerce wraps what an attribute shows in markup. (Looked for up to the last `>` only: a thousand `<` without one would take long.)"""
    if not isinstance(value, str):
        return ""
    marked, end, rest = value.rpartition(">")
    text = _TAG.sub(" ", marked + end) + rest
    return line(html.unescape(text[:LONGEST_CHOICE]), NAME)


def _address(part: Part, email: str) -> Address:
    land, state = country(part.raw.get("country")), part.text("state", ADDRESS)
    return Address(
        name=f"{part.text('first_name', NAME)} {part.text('last_name', NAME)}".strip(),
        company=part.text("company", ADDRESS),
        street=part.text("address_1", ADDRESS),
        street2=part.text("address_2", ADDRESS),
        postcode=part.text("postcode", WORD),
        city=part.text("city", ADDRESS),
        province=province_name(land, state),
        province_code=part.text("state", WORD),
        country=land,
        phone=part.text("phone"),
        email=email,
    )


def _locale(payload: Part, told: Metas) -> str:
    last = dict(told)
    found = (language(value) for value in (*(last.get(key) for key in LOCALE_KEYS), payload.raw.get("lang")))
    return next((tag for tag in found if tag), "")


def _consent(told: Metas) -> bool | None:
    """True when the customer ticked the box. One left empty is no objection: nobody can tell it from a box that was never shown."""
    ticked = any(key in CONSENT_KEYS and line(value).lower() in ("1", "yes", "true", "on") for key, value in told)
    return True if ticked else None
