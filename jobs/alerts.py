"""Mails to the merchant's own staff."""

from __future__ import annotations

from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.mail_data import face, line_of, snapshot_of
from jobs.world import World
from postventa.clock import now
from postventa.effects import message_id
from postventa.emails import compose
from postventa.emails.data import MailData, RatingView
from postventa.events import LineSnapshot
from postventa.locale import choose
from postventa.models import Effect, Order, OrderLine, Review
from postventa.shops import ConnectedShop


def alert_message(session: Session, world: World, effect: Effect, order: Order, shop: ConnectedShop) -> EmailMessage:
    """The mail that tells the merchant what happened, with the order at hand."""
    sender = face(shop, world.settings)
    rows = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position))
    lines = tuple(line_of(row) for row in rows)
    data = MailData(
        followup=effect.followup,
        effect_id=effect.id,
        message_id=message_id(effect.key, sender.from_address.rpartition("@")[2]),
        recipient=effect.recipient,
        language=choose(shop.settings.locale),
        timezone=shop.settings.timezone,
        shop=sender,
        order=snapshot_of(order, lines),
        at=effect.at,
        rating=_rating(session, effect, order, lines),
    )
    return compose(data, sent_at=now())


def _rating(session: Session, effect: Effect, order: Order, lines: tuple[LineSnapshot, ...]) -> RatingView | None:
    """What the customer said, as it stands now."""
    review = session.scalars(select(Review).where(Review.order_id == order.id, Review.line_ref == effect.subject_ref)).first()
    line = next((line for line in lines if line.ref == effect.subject_ref), None)
    return RatingView(line, review.rating, review.body, order.email) if review is not None and line is not None else None
