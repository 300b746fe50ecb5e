"""What the pages about returns share: which return, of which order and shop, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from flask import abort
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.world import World
from postventa import shops
from postventa.models import Order, OrderLine, ReturnCase, Shop
from postventa.returns.inspection import still_missing, ungraded
from postventa.returns.material import pieces_of
from postventa.returns.policy import Policy
from postventa.returns.policy.store import in_force
from postventa.returns.rules import Pair
from postventa.shops import ConnectedShop
from postventa.web.orders.page import Found, pictured
from postventa.web.portal.page import services
from postventa.web.returns_desk import words
from postventa.web.staff.page import show


@dataclass(frozen=True)
class Back:
    """A return, its order with the shop, and the order's lines."""

    case: ReturnCase
    it: Found
    lines: tuple[OrderLine, ...]

    @property
    def pieces(self) -> tuple[Pair, ...]:
        """What it holds: what was agreed to, else what was asked for."""
        return pieces_of(self.case, self.lines)

    @property
    def missing(self) -> tuple[Pair, ...]:
        """What has not come."""
        return still_missing(self.case, self.pieces)

    @property
    def unseen(self) -> tuple[Pair, ...]:
        """What nobody looked at."""
        return ungraded(self.case, self.pieces)

    def title(self, ref: str) -> str:
        """What a line is called."""
        line = next((line for line in self.lines if line.ref == ref), None)
        return " · ".join(filter(None, (line.title, line.variant_title))) if line is not None else ref

    def sum(self, name: str) -> Decimal:
        """One of the sums that the customer was told."""
        return Decimal(str(self.case.quoted.get(name, "0")))

    @property
    def stamp(self) -> str:
        """Changes with all that a person who agrees to something has seen."""
        case = self.case
        fetched = (case.pickup.get("turn"), case.pickup.get("stage"))
        told = (*fetched, case.state, case.settled_at is not None, case.resolution, case.method, self.sum("refund"), case.accepted)
        return "|".join(map(str, (*told, len(case.arrivals), len(case.inspection), case.scanned_at is not None)))


def found(session: Session, number: int, *, lock: bool = False) -> Back:
    """The return of that number; ends the request with 404. `lock`: its order is this transaction's alone, and all of it as it stands now."""
    case = session.get(ReturnCase, number) if number < 2**63 else None
    if case is None:
        abort(404)
    if lock:
        session.scalars(select(Order.id).where(Order.id == case.order_id).with_for_update()).one()
        session.refresh(case)
    order, row, service = session.get_one(Order, case.order_id), session.get_one(Shop, case.shop_id), services()
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)).all()
    return Back(case, Found(order, row, shops.connected(row, service.settings, service.secret)), tuple(lines))


def workable(session: Session, number: int, *, lock: bool = False) -> tuple[Back, ConnectedShop]:
    """The same, if its shop is connected; ends the request with 404."""
    back = found(session, number, lock=lock)
    if back.it.shop is None:
        abort(404)
    return back, back.it.shop


def policy_of(session: Session, back: Back) -> Policy:
    """The rules in force now, for the words of the merchant's own reasons."""
    return in_force(session, back.it.shop).policy if back.it.shop is not None else Policy()


def world() -> World:
    """What a return's steps work with: of a world they ask settings and secret, which the service has as well."""
    return cast("World", services())


def render(template: str, status: int = 200, *, pictures: Iterable[str] = (), **values: object) -> Response:
    """A page of this package's. `pictures`: addresses that it shows pictures from."""
    return pictured(show(f"returns/{template}", status, states=words.STATES, **values), [*pictures, services().settings.photos_url])
