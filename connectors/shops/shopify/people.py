"""Customers, their consent, disputes, and what the law and the merchant ask of an app. Pure."""

from __future__ import annotations

from connectors.errors import Unreadable
from connectors.reading import NAME, Part, first_time, language, line
from connectors.reading import ref as as_ref
from connectors.shops.base import Handler, Reading, ShopContext
from postventa import events as e

CONSENT: dict[str, bool | None] = {
    "subscribed": True,
    "unsubscribed": False,
    "not_subscribed": None,
    "pending": None,
    "invalid": None,
    "redacted": False,
}
"""`email_marketing_consent.state`. None: the customer has said neither yes nor no."""
MOST_ORDERS = 1000
DISPUTE_OVER = frozenset({"won", "lost", "accepted", "charge_refunded", "prevented"})
"""`status` words after which nothing more is decided; `needs_response` and `under_review` are open."""


def customer_seen(payload: Part, context: ShopContext) -> Reading:
    """`customers/create` and `customers/update`. (Consent is in them only below API version 2025-01.)"""
    if not payload.ref("id"):
        raise Unreadable('the body is no customer: it has no "id"')
    consent = payload.part("email_marketing_consent")
    event = e.CustomerSeen(
        order_ref="",
        at=first_time(payload.time("updated_at"), payload.time("created_at"), context.received_at),
        customer_ref=payload.ref("id"),
        email=payload.text("email", 254),
        first_name=payload.text("first_name", NAME),
        last_name=payload.text("last_name", NAME),
        locale=language(payload.raw.get("locale")),
        accepts_marketing=CONSENT.get(consent.text("state").lower()),
    )
    return Reading((event,))


def consent_seen(payload: Part, context: ShopContext) -> Reading:
    """`customers_email_marketing_consent/update`."""
    consent = payload.part("email_marketing_consent")
    ref, email, state = payload.ref("customer_id") or payload.ref("id"), payload.text("email_address", 254), consent.text("state").lower()
    if not ref and not email:
        raise Unreadable("the body names no customer")
    if state not in CONSENT:
        return Reading(ignored=f'the consent "{state}" is not known here')
    at = first_time(consent.time("consent_updated_at"), context.received_at)
    return Reading((e.CustomerSeen("", at, ref, email, accepts_marketing=CONSENT[state]),))


def dispute_seen(payload: Part, context: ShopContext) -> Reading:
    """`disputes/create` and `disputes/update`: a chargeback, or a bank's question."""
    order_ref, ref = payload.ref("order_id"), payload.ref("id")
    if not ref:
        raise Unreadable('the body is no dispute: it has no "id"')
    if not order_ref:
        return Reading(ignored="the dispute belongs to no order")
    opened = e.DisputeOpened(order_ref, first_time(payload.time("initiated_at"), context.received_at), ref)
    if payload.text("status").lower() not in DISPUTE_OVER:
        return Reading((opened,))
    closed = e.DisputeClosed(order_ref, first_time(payload.time("finalized_on"), context.received_at), ref)
    return Reading((opened, closed))


def app_uninstalled(payload: Part, context: ShopContext) -> Reading:
    """`app/uninstalled`: the shop's own times in the body are not those of the uninstallation."""
    subject = payload.text("myshopify_domain") or context.domain or payload.ref("id")
    return Reading((e.ShopDisconnected("", first_time(context.received_at), subject, "the merchant uninstalled the app"),))


def scopes_changed(payload: Part, context: ShopContext) -> Reading:
    """`app/scopes_update`: the merchant granted more, or took something back.

    https://shopify.dev/docs/apps/build/authentication-authorization/app-installation/manage-access-scopes
    """
    scopes = payload.raw.get("current")
    if not isinstance(scopes, list):
        raise Unreadable('the body does not say what the app may do: "current" is no list')
    granted = ",".join(sorted({line(scope) for scope in scopes if isinstance(scope, str)}))
    at = first_time(payload.time("updated_at"), context.received_at)
    return Reading((e.ScopesChanged("", at, context.domain or payload.ref("shop_id"), granted),))


def privacy(topic: str) -> Handler:
    """The three compliance topics: https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance ."""

    def handle(payload: Part, context: ShopContext) -> Reading:
        customer = payload.part("customer")
        email = customer.text("email", 254) if topic != "shop/redact" else ""
        subject = customer.ref("id") or email if topic != "shop/redact" else payload.text("shop_domain")
        if not subject:
            raise Unreadable("the body does not say whom it is about")
        named = payload.raw.get("orders_to_redact") or payload.raw.get("orders_requested")
        orders = tuple(ref for item in named[:MOST_ORDERS] if (ref := as_ref(item))) if isinstance(named, list) else ()
        return Reading((e.PrivacyRequested("", first_time(context.received_at), subject, topic, email, orders),))

    return handle
