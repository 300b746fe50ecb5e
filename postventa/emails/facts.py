"""The variables of the wording: plain strings, numbers and truths, listed in README.md. What is not known is `None`, which Liquid takes as false."""

from __future__ import annotations

import re

from postventa.emails.clean import plain, web_url
from postventa.emails.sandbox import Facts
from postventa.emails.view import View, shown
from postventa.locale.formats import country_name

CAUSES = ("customer", "inventory", "declined")
"""Why an order was cancelled, as far as the customer should hear of it (Shopify's `cancel_reason`; the others are nobody else's business)."""

TITLE = 34
"""Signs of an item's title in a subject, so that the whole stays about 60."""


def facts(view: View) -> Facts:
    """Everything that a text may say."""
    return {**_order(view), **_parcels(view), **_shop(view), **_aftermath(view)}


def _order(view: View) -> Facts:
    mail, order = view.mail, view.mail.order
    address = order.shipping_address
    return {
        "first_name": given_name(order.first_name),
        "customer_name": shown(f"{order.first_name} {order.last_name}", 60) or None,
        "customer_email": shown(order.email, 120) or None,
        "order_number": shown(order.number, 30) or None,
        "order_date": view.date(order.created_at),
        "order_total": view.money(order.total),
        "item_count": sum(line.quantity for line in order.lines),
        "needs_shipping": any(line.requires_shipping for line in order.lines),
        "shipping_method": shown(order.shipping_method, 60) or None,
        "payment_method": shown(order.payment_method, 60) or None,
        "city": shown(address.city, 60) or None,
        "country": country_name(address.country, mail.language) if address.country else None,
        "date": view.weekday(mail.at),
        "time": view.clock(mail.at),
        "cause": mail.reason.lower() if mail.reason.lower() in CAUSES else None,
        "reason": shown(mail.reason, 300) or None,
        "reminder": mail.reminder,
        "withdrawal_ref": shown(mail.withdrawal.ref, 30) if mail.withdrawal else None,
        "code": mail.code or None,
        "code_for": mail.code_for or None,
    }


def _parcels(view: View) -> Facts:
    """Carrier and number only where they are the same for the whole mail."""
    parcels = [data.parcel for data in view.mail.parcels]
    links = [url for parcel in parcels if (url := web_url(parcel.tracking_url))]
    carriers = {parcel.carrier.strip() for parcel in parcels}
    return {
        "parcel_count": len(parcels),
        "more_to_come": view.mail.more_to_come,
        "carrier": (shown(carriers.pop(), 60) or None) if len(carriers) == 1 else None,
        "tracking_url": links[0] if links else None,
        "arrival_date": view.day(view.mail.arrives) if view.mail.arrives else None,
        "promised_date": view.day(view.mail.promised) if view.mail.promised else None,
        "tracking_number": (shown(parcels[0].tracking_number, 60) or None) if len(parcels) == 1 else None,
    }


def _shop(view: View) -> Facts:
    brand = view.mail.shop.brand
    return {
        "shop_name": shown(view.mail.shop.name, 60),
        "website": plain(brand.website, 200) or None,
        "support_email": plain(brand.support_email, 120) or None,
        "support_phone": plain(brand.support_phone, 40) or None,
        "legal_name": shown(brand.legal_name, 120) or None,
        "platform": view.mail.platform or None,
    }


def _aftermath(view: View) -> Facts:
    mail = view.mail
    refund, case = mail.refund, mail.return_case
    rated = [mail.rating.line] if mail.rating else [item.line for item in mail.reviews]
    return {
        "amount": view.money(refund.amount, refund.currency) if refund else None,
        "refund_full": bool(refund and refund.full),
        "refund_method": (shown(refund.method, 60) or None) if refund else None,
        "return_number": (shown(case.number, 60) or None) if case else None,
        "return_until": view.date(case.valid_until) if case and case.valid_until else None,
        "return_kept": bool(case and case.kept),
        "return_qr": bool(case and case.qr),
        "return_qr_missing": bool(case and case.qr_missing),
        "return_further": bool(case and case.further),
        "pickup_missed": bool(case and case.missed),
        "return_waits": bool(case and case.waits),
        "credit_amount": view.money(case.refund) if case and case.as_credit and case.refund is not None else None,
        "credit_code": (shown(case.code, 60) or None) if case else None,
        "swap_due": view.money(case.swap_due) if case and case.swap_due else None,
        "swap_until": view.date(case.swap_until) if case and case.swap_until else None,
        "swap_off": bool(case and case.swap_off),
        "review_count": len(mail.reviews),
        "review_item": shown(rated[0].title, TITLE) if rated else None,
        "stars": mail.rating.stars if mail.rating else None,
        "tip_count": len(mail.tips),
        "tip_item": shown(mail.tips[0][0].title, TITLE) if mail.tips else None,
    }


def given_name(name: str) -> str | None:
    """The first name as its owner would write it: shouted or whispered ones (`ANA MARÍA`, `ana`) get their capitals."""
    tidy = plain(name, 40)
    if len(tidy) > 2 and re.fullmatch(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*", tidy) and (tidy.isupper() or tidy.islower()):
        tidy = re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), tidy)
    return shown(tidy, 40) or None
