"""Requests about personal data, which WordPress takes and the companion plugin (`postventa/wordpress`) passes on. Pure.

They come in as the shop's webhooks do, signed with the same secret. Whom they are about stands in `person`, so that no such body, sent again under
another topic, can pass for an order or a customer; and the body says itself what it asks for, since the topic is not signed.
"""

from __future__ import annotations

from connectors.errors import Unreadable
from connectors.reading import Part
from connectors.shops.base import Handler, Reading, ShopContext
from postventa.events import PrivacyRequested

EXPORT, ERASE = "postventa.privacy_export", "postventa.privacy_erase"
KIND = "postventa"
"""The field that says which of the two it is."""


def asked(topic: str) -> Handler:
    """Who reads that topic."""

    def handle(payload: Part, context: ShopContext) -> Reading:
        person, request = payload.part("person"), payload.part("request")
        email, number = person.text("email", 254).lower(), request.ref("id")
        when = request.time("asked_at")
        if payload.text(KIND) != topic or "@" not in email or not number or when is None:
            raise Unreadable(f"the body is not what its topic {topic} says (the topic is not signed, the body is): nothing is done about it")
        at = min(when, context.received_at or when)
        name = f"wordpress-{number}-{when.timestamp():.0f}"
        return Reading((PrivacyRequested("", at, person.ref("customer_id") or email, topic, email, request=name),))

    return handle
