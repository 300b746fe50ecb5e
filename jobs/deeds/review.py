"""A customer's review of a product, into the shop's own reviews."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from connectors.shops.writes import ProductReview
from jobs.deeds.base import Deed, able, plan, told
from postventa.clock import now
from postventa.models import Effect, Order, Review
from postventa.shops import ConnectedShop

NAME = "write_review"
SLEEP_ON_IT = timedelta(hours=1)
"""So long a customer may still change her words before they stand in the shop."""


def offer(session: Session, shop: ConnectedShop, order: Order, review: Review) -> None:
    """After a customer rated something: into the shop's own reviews, where it has some and its merchant wants them there."""
    if shop.settings.product_reviews and able(session, shop, ProductReview):
        plan_review(session, shop, order, review)


def plan_review(session: Session, shop: ConnectedShop, order: Order, review: Review) -> Effect | None:
    """Once for each review, as it stands when it goes over. None if that was planned before, or the product is not known. Raises `NoKeys`."""
    if not review.product_ref:
        return None
    return plan(session, shop, NAME, review.line_ref, order, {"review": review.id}, subject_ref=review.line_ref, due_at=now() + SLEEP_ON_IT)


def _review(session: Session, effect: Effect) -> Review | None:
    return session.get(Review, int(told(effect)["review"]))


def _wanted(session: Session, effect: Effect, order: Order | None) -> ProductReview:
    review = _review(session, effect)
    if review is None or order is None:
        return ProductReview("", 0, "", "", "")
    text = "\n\n".join(part for part in (review.title.strip(), review.body.strip()) if part)
    return ProductReview(review.product_ref, review.rating, text, review.author or order.first_name, order.email, review.state == "published")


def _unwanted(session: Session, effect: Effect, order: Order | None) -> str:
    review = _review(session, effect)
    if review is None or order is None:
        return "there is no such review any more"
    if review.state not in ("published", "pending"):
        return f"the review is {review.state}"
    return "the customer's data were erased" if order.erased_at is not None or not order.email else ""


DEED = Deed(NAME, _wanted, _unwanted)
