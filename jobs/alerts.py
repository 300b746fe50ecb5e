"""Mails to the merchant's own staff: about an order, or about the shop as a whole.

A new kind is a folder of wording in `postventa/followups/`, its name in `postventa.emails.foot.MERCHANT`, and a line in `ALERTS` here.
Whoever plans one writes an effect of the kind `alert` with `followup` as its name and the shop's `alert_address` as its recipient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.mail_data import face, line_of, snapshot_of
from jobs.world import World
from postventa.clock import now
from postventa.effects import message_id
from postventa.emails import Message, compose
from postventa.emails.data import MailData, RatingView
from postventa.events import OrderSnapshot
from postventa.locale import choose
from postventa.models import Effect, Order, OrderLine, Review
from postventa.shops import ConnectedShop

Told = Callable[[Session, Effect, OrderSnapshot], dict[str, Any]]
"""What only this kind of alert says: fields of `MailData`."""


def alert_message(session: Session, world: World, effect: Effect, order: Order | None, shop: ConnectedShop) -> Message:
    """The mail that tells the merchant what happened, with the order at hand if it is about one. Raises `KeyError` for an unknown kind."""
    sender = face(shop, world.settings)
    at_hand = _order(session, order) if order is not None else _no_order(effect, shop)
    data = MailData(
        followup=effect.followup,
        effect_id=effect.id,
        message_id=message_id(effect.key, sender.from_address.rpartition("@")[2]),
        recipient=effect.recipient,
        language=choose(shop.settings.locale),
        timezone=shop.settings.timezone,
        shop=sender,
        order=at_hand,
        at=effect.at,
        platform=shop.platform,
    )
    return compose(replace(data, **ALERTS[effect.followup](session, effect, at_hand)), sent_at=now())


def _order(session: Session, order: Order) -> OrderSnapshot:
    rows = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position))
    return snapshot_of(order, tuple(line_of(row) for row in rows))


def _no_order(effect: Effect, shop: ConnectedShop) -> OrderSnapshot:
    """An alert about the shop: whatever it would say of an order is empty."""
    return OrderSnapshot("", "", "", effect.at, effect.at, shop.settings.currency, Decimal(0))


def said(session: Session, effect: Effect, order: OrderSnapshot) -> dict[str, Any]:
    """For alerts whose wording needs no more than `{{ reason }}`: `data["reason"]`, in words for the merchant."""
    return {"reason": str(effect.data.get("reason", ""))}


def _rating(session: Session, effect: Effect, order: OrderSnapshot) -> dict[str, Any]:
    """What the customer said, as it stands now."""
    review = session.scalars(select(Review).where(Review.order_id == effect.order_id, Review.line_ref == effect.subject_ref)).first()
    line = next((line for line in order.lines if line.ref == effect.subject_ref), None)
    return {"rating": RatingView(line, review.rating, review.body, order.email) if review is not None and line is not None else None}


def _refused(session: Session, effect: Effect, order: OrderSnapshot) -> dict[str, Any]:
    """The address as it stood on the mail that came back, and the mail server's own words; the order may have another one by now."""
    bounced = session.get_one(Effect, effect.data["effect"])
    return {"order": replace(order, email=bounced.recipient), **said(session, effect, order)}


def _withdrawal(session: Session, effect: Effect, order: OrderSnapshot) -> dict[str, Any]:
    """What it says stands in `data`; the page is where somebody can act."""
    return {**said(session, effect, order), "page_url": str(effect.data.get("page", ""))}


ALERTS: dict[str, Told] = {
    "address_refused": _refused,
    "app_uninstalled": said,
    "import_stuck": said,
    "keys_refused": said,
    "low_rating": _rating,
    "privacy_waiting": said,
    "weak_secret": said,
    "webhooks_not_restored": said,
    "webhooks_restored": said,
    "withdrawal_arrived": _withdrawal,
    "withdrawal_waiting": _withdrawal,
}
"""What merchants are told -> the values that its mail needs."""
