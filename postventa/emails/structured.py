"""JSON-LD for mail programs: the order and its parcels, with no more personal data than postcode and city.

Gmail shows it for registered senders only (https://developers.google.com/workspace/gmail/markup/reference/order and .../parcel-delivery);
elsewhere it does no harm.
"""

from __future__ import annotations

import json
from datetime import datetime, time
from decimal import Decimal
from json.encoder import encode_basestring_ascii as _string
from typing import Any

from postventa.emails.blocks.items import MOST
from postventa.emails.clean import plain, web_url
from postventa.emails.data import MailData, ParcelView
from postventa.locale.formats import zone_of

SCHEMA = "https://schema.org"
LINES = ",\n"
"""Mails have no long lines (`message.py`)."""
_json = json.JSONEncoder(separators=(LINES, ":")).encode
OFFER = (
    '{"@type":"Offer","itemOffered":{"@type":"Product","name":%s},"price":"%s","priceCurrency":%s,'
    '"eligibleQuantity":{"@type":"QuantitativeValue","value":%d}}'
)
"""One line of the order: (title, price, currency, quantity), words as JSON already. The one thing of which there are many is not worth an encoder."""
STATUS = {
    "order_received": "OrderProcessing",
    "order_prepared": "OrderProcessing",
    "shipped": "OrderInTransit",
    "out_for_delivery": "OrderInTransit",
    "delayed": "OrderInTransit",
    "delivery_failed": "OrderProblem",
    "ready_for_pickup": "OrderPickupAvailable",
    "ready_for_pickup_reminder": "OrderPickupAvailable",
    "delivered": "OrderDelivered",
    "order_cancelled": "OrderCancelled",
    "refunded": "OrderReturned",
}
"""Follow-ups that are about the order itself -> its status there."""


def json_ld(mail: MailData) -> str:
    """A `<script>` element, or nothing for mails that are not about the order itself. Nothing in it can end the element."""
    if not mail.transactional or mail.followup not in STATUS:
        return ""
    order = _order(mail)
    text = f"[{LINES.join([_whole(mail, order), *(_json(_parcel(mail, order, parcel)) for parcel in mail.parcels)])}]"
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/ld+json">{text}</script>'


def _order(mail: MailData) -> dict[str, Any]:
    merchant = {"@type": "Organization", "name": plain(mail.shop.name)}
    return {"@type": "Order", "orderNumber": plain(mail.order.number, 60), "merchant": merchant}


def _whole(mail: MailData, order: dict[str, Any]) -> str:
    """The order with its lines, as JSON."""
    page = web_url(mail.page_url) or web_url(mail.order.status_url)
    currency = _string(mail.order.currency)
    offers = LINES.join([OFFER % (_string(plain(line.title)), _amount(line.total), currency, line.quantity) for line in mail.order.lines[:MOST]])
    whole = {
        "@context": SCHEMA,
        **order,
        "orderStatus": f"{SCHEMA}/{STATUS[mail.followup]}",
        "orderDate": mail.order.created_at.isoformat(),
        "price": _amount(mail.order.total),
        "priceCurrency": mail.order.currency,
        **({"url": page} if page else {}),
        **({"orderDelivery": {"@type": "ParcelDelivery", **_until(mail)}} if mail.arrives and not mail.parcels else {}),
    }
    return f'{_json(whole)[:-1]}{LINES}"acceptedOffer":[{offers}]}}'


def _amount(amount: Decimal) -> str:
    """The same for 12.5 and 12.50."""
    return format(amount.normalize(), "f")


def _parcel(mail: MailData, order: dict[str, Any], data: ParcelView) -> dict[str, Any]:
    address, parcel = mail.order.shipping_address, data.parcel
    known = {"trackingNumber": plain(parcel.tracking_number), "trackingUrl": web_url(parcel.tracking_url)}
    where = {"postalCode": plain(address.postcode, 20), "addressLocality": plain(address.city, 80), "addressCountry": plain(address.country, 2)}
    return {
        "@context": SCHEMA,
        "@type": "ParcelDelivery",
        "deliveryAddress": {"@type": "PostalAddress", **{name: value for name, value in where.items() if value}},
        "carrier": {"@type": "Organization", "name": plain(parcel.carrier) or plain(mail.shop.name)},
        "itemShipped": [{"@type": "Product", "name": plain(line.title)} for line, _ in data.items[:MOST]],
        "partOfOrder": order,
        **{name: value for name, value in known.items() if value},
        **_until(mail),
    }


def _until(mail: MailData) -> dict[str, str]:
    """The end of the last day on which it should be there, by the recipient's clock."""
    if mail.arrives is None:
        return {}
    return {"expectedArrivalUntil": datetime.combine(mail.arrives, time(23, 59, 59), zone_of(mail.timezone)).isoformat()}
