"""Reading what reviews need of an order, and writing what a customer says about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from postventa.models import EventRow, Order, OrderLine, Parcel, ReturnCase, Review, ReviewPhoto
from postventa.reviews.photos import Photo
from postventa.reviews.rules import MAX_PHOTOS, Bought, Box, Purchase

SENT_BACK = ("received", "closed")
"""States of a return in which the goods are no longer the customer's."""


@dataclass(frozen=True)
class Opinion:
    """What a customer says about one item."""

    line: Bought
    rating: int
    body: str = ""
    author: str = ""
    language: str = ""
    photos: Sequence[Photo] = ()
    """New ones; those that stand already stay unless `drop` names them."""
    drop: Collection[str] = ()


def purchase(session: Session, order: Order) -> Purchase:
    """The order as the rules of reviews see it."""
    gone = _add(_refunded(session, order), _returned(session, order))
    return Purchase(
        lines=tuple(bought(line) for line in order.lines),
        boxes=tuple(_box(parcel) for parcel in order.parcels if not parcel.cancelled),
        completed_at=order.completed_at or order.paid_at,
        off=order.trashed or order.test or order.cancelled or order.erased_at is not None,
        gone=gone,
    )


def bought(line: OrderLine) -> Bought:
    """An order's line as the rules see it."""
    return Bought(line.ref, line.title, line.variant_title, line.sku, line.product_ref, line.quantity, line.requires_shipping)


def reviews_of(session: Session, order_id: int) -> dict[str, Review]:
    """line_ref -> what the customer said about that line."""
    rows = session.scalars(select(Review).where(Review.order_id == order_id).order_by(Review.id))
    return {row.line_ref: row for row in rows}


def photos_of(session: Session, review_ids: Iterable[int]) -> dict[int, list[str]]:
    """review id -> names of its photos, oldest first."""
    query = select(ReviewPhoto.review_id, ReviewPhoto.name).where(ReviewPhoto.review_id.in_(list(review_ids))).order_by(ReviewPhoto.id)
    found: dict[int, list[str]] = {}
    for review_id, name in session.execute(query):
        found.setdefault(review_id, []).append(name)
    return found


def photo(session: Session, name: str, shop_id: int | None = None) -> bytes | None:
    """The JPEG of a published review's photo; with `shop_id`: of that shop."""
    query = select(ReviewPhoto.jpeg).join(Review, Review.id == ReviewPhoto.review_id).where(ReviewPhoto.name == name, Review.state == "published")
    return session.scalar(query if shop_id is None else query.where(Review.shop_id == shop_id))


def write(session: Session, order: Order, opinion: Opinion, now: datetime) -> Review:
    """Create or change the one review of that line; saying the same again changes nothing."""
    row = session.scalar(select(Review).where(Review.order_id == order.id, Review.line_ref == opinion.line.ref))
    if row is None:
        row = Review(shop_id=order.shop_id, order_id=order.id, line_ref=opinion.line.ref, rating=opinion.rating, created_at=now, updated_at=now)
        session.add(row)
    line = opinion.line
    said = {"rating": opinion.rating, "body": opinion.body, "author": opinion.author, "language": opinion.language}
    about = {"product_ref": line.product_ref, "sku": line.sku, "product_title": line.title}
    changes = {name: value for name, value in {**said, **about}.items() if getattr(row, name) != value}
    for name, value in changes.items():
        setattr(row, name, value)
    session.flush()
    touched = _write_photos(session, row, opinion, now)
    if changes or touched:
        row.updated_at = now
        session.flush()
    return row


def lock(session: Session, order: Order) -> None:
    """Two forms sent at once for one order are written one after the other."""
    session.refresh(order, with_for_update=True)


def _write_photos(session: Session, row: Review, opinion: Opinion, now: datetime) -> bool:
    """Drop and add; the same photo twice (a form sent again) is kept once, and no more than `MAX_PHOTOS` stand."""
    dropped = bool(opinion.drop)
    if dropped:
        session.execute(delete(ReviewPhoto).where(ReviewPhoto.review_id == row.id, ReviewPhoto.name.in_(list(opinion.drop))))
    standing = set(session.scalars(select(ReviewPhoto.jpeg).where(ReviewPhoto.review_id == row.id)))
    added = False
    for new in opinion.photos:
        if new.jpeg in standing or len(standing) >= MAX_PHOTOS:
            continue
        standing.add(new.jpeg)
        fresh = ReviewPhoto(shop_id=row.shop_id, review_id=row.id, name=new.name, jpeg=new.jpeg, width=new.width, height=new.height, created_at=now)
        session.add(fresh)
        added = True
    session.flush()
    return added or dropped


def _box(parcel: Parcel) -> Box:
    return Box(tuple(str(item[0]) for item in parcel.lines), parcel.delivered_at)


def _refunded(session: Session, order: Order) -> dict[str, int]:
    query = select(EventRow.data).where(EventRow.shop_id == order.shop_id, EventRow.order_ref == order.ref, EventRow.kind == "OrderRefunded")
    return _count(data.get("lines") for data in session.scalars(query))


def _returned(session: Session, order: Order) -> dict[str, int]:
    """A return without lines is one of the whole order."""
    query = select(ReturnCase.lines).where(ReturnCase.order_id == order.id, ReturnCase.state.in_(SENT_BACK))
    whole = [[line.ref, line.quantity] for line in order.lines]
    return _count(lines or whole for lines in session.scalars(query))


def _count(several: Iterable[object]) -> dict[str, int]:
    total: dict[str, int] = {}
    for lines in several:
        for ref, quantity in lines if isinstance(lines, list) else ():
            total[str(ref)] = total.get(str(ref), 0) + int(quantity)
    return total


def _add(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    """The more telling of both: a returned item is usually refunded too, and must not count twice."""
    return {ref: max(first.get(ref, 0), second.get(ref, 0)) for ref in {*first, *second}}
