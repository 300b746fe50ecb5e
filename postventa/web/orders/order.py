"""/orders/<number>: everything about one order, and the buttons for what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import tracking
from postventa import products
from postventa.accounts.roles import Right
from postventa.eventlog import history
from postventa.events import Address
from postventa.locale import formats
from postventa.models import Effect, LabelRow, LabelTracking, Order, OrderLine, Parcel, RecoveryCase, ReturnCase, Review, Withdrawal
from postventa.models.db import reading
from postventa.orders import books
from postventa.orders.stage import stage
from postventa.web.orders import words
from postventa.web.orders.page import Found, found, picture, render
from postventa.web.orders.timeline import timeline
from postventa.web.portal.page import services
from postventa.web.staff.guard import require
from postventa.web.staff.page import language, t
from postventa.web.withdrawals.page import Shown, shown


@dataclass(frozen=True)
class Bought:
    """A line with its picture, and how many of it can still go back."""

    row: OrderLine
    picture: str
    left: int


@dataclass(frozen=True)
class Travelling:
    """A parcel: the carrier's name, and where it can be followed."""

    row: Parcel
    carrier: str
    url: str


@dataclass(frozen=True)
class Back:
    """A return with its living label, if there is one, and what the label's carrier told."""

    row: ReturnCase
    label: LabelRow | None
    way: LabelTracking | None


@require(Right.ORDERS_READ)
def show(number: int) -> Response:
    """The page, as the ledger knows the order now."""
    with reading(services().engine) as session:
        it = found(session, number)
        known = _everything(session, it)
    saved = words.SAVED.get(request.args.get("saved", ""), "")
    pictures = [line.picture for line in known["lines"]]
    return render("order.html", it=it, saved=t(saved) if saved else "", pictures=pictures, returns=words.RETURNS, **known)


def _everything(session: Session, it: Found) -> dict[str, Any]:
    order = it.order
    money = books.load(session, order)
    parcels = session.scalars(select(Parcel).where(Parcel.order_id == order.id).order_by(Parcel.ref)).all()
    cases = session.scalars(select(ReturnCase).where(ReturnCase.order_id == order.id).order_by(ReturnCase.id)).all()
    effects = session.scalars(select(Effect).where(Effect.order_id == order.id).order_by(Effect.id)).all()
    left = {line.ref: money.pieces_left(line) for line in money.lines}
    return {
        "stage": stage(order, parcels, cases),
        "lines": _lines(session, order, left),
        "parcels": [_travelling(parcel) for parcel in parcels],
        "cases": _cases(session, cases),
        "books": money,
        "steps": timeline(it, history(session, order.shop_id, order.ref), effects),
        "reviews": session.scalars(select(Review).where(Review.order_id == order.id).order_by(Review.id)).all(),
        "withdrawals": _withdrawals(session, order),
        "recovery": session.scalars(select(RecoveryCase).where(RecoveryCase.order_id == order.id)).first(),
        "address": _address(order),
    }


def _withdrawals(session: Session, order: Order) -> list[Shown]:
    """Whoever reads the order has to know of them: the law's clock runs, and nothing else may be offered first."""
    rows = session.scalars(select(Withdrawal).where(Withdrawal.order_id == order.id).order_by(Withdrawal.id))
    return [shown(session, row) for row in rows]


def _lines(session: Session, order: Order, left: dict[str, int]) -> list[Bought]:
    rows = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)).all()
    known = products.find(session, order.shop_id, [row.product_ref for row in rows])

    def seen(row: OrderLine) -> str:
        product = known.get(row.product_ref)
        return row.image_url or (products.picture(product, row.variant_ref) if product is not None else "")

    return [Bought(row, picture(seen(row)), left.get(row.ref, 0)) for row in rows]


def _travelling(parcel: Parcel) -> Travelling:
    carrier, url = tracking.describe(parcel.carrier, parcel.tracking_number, parcel.tracking_url)
    return Travelling(parcel, carrier, url if url.startswith(("https://", "http://")) else "")


def _cases(session: Session, cases: Sequence[ReturnCase]) -> list[Back]:
    ids = [case.id for case in cases]
    living: Iterable[LabelRow] = session.scalars(select(LabelRow).where(LabelRow.return_case_id.in_(ids), LabelRow.voided_at.is_(None)))
    labels = {label.return_case_id: label for label in living if label.pdf is not None or label.qr is not None}
    asked = session.scalars(select(LabelTracking).where(LabelTracking.label_id.in_([label.id for label in labels.values()])))
    ways = {way.label_id: way for way in asked}
    return [Back(case, label, ways.get(label.id) if label is not None else None) for case in cases for label in (labels.get(case.id),)]


def _address(order: Order) -> tuple[str, ...]:
    stored = order.shipping_address or order.billing_address
    known = {name: str(value) for name, value in stored.items() if name in Address.__dataclass_fields__}
    return formats.postal(Address(**known), language()) if known else ()
