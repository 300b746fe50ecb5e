"""How one statement stands: in time or not, what is owed, whether it may still be withheld. Read from the order as it is now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.config import ShopSettings
from postventa.config import Withdrawal as Wishes
from postventa.grounds import Ground
from postventa.models import LabelRow, Order, OrderLine, Parcel, ReturnCase, Withdrawal
from postventa.orders import books
from postventa.orders.money import Gone
from postventa.returns.money import cent_of
from postventa.shops import ConnectedShop
from postventa.withdrawal import deadline
from postventa.withdrawal.deadline import Clock
from postventa.withdrawal.refund import Owed, owed
from postventa.withdrawal.statement import Item, Statement, read

SCANNED = ("scanned",)


@dataclass(frozen=True)
class Standing:
    """Everything that somebody needs who has to decide."""

    clock: Clock
    last_day: date | None
    """None: open, or nothing is known of the order."""
    in_time: bool
    owed: Owed | None
    """None: nothing is known of the order."""
    refunded: Decimal
    """What has gone back of the order since it was matched."""
    excepted: tuple[tuple[Item, Ground], ...]
    """What of it the merchant calls an exception, and why."""


def standing(session: Session, shop: ConnectedShop, row: Withdrawal) -> Standing:
    """The facts and what follows from them."""
    own = shop.settings
    clock = deadline.clock(row.submitted_at, now(), own.timezone)
    order = session.get(Order, row.order_id) if row.order_id is not None else None
    if order is None:
        return Standing(clock, None, True, None, Decimal(0), ())
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)).all()
    parcels = session.scalars(select(Parcel).where(Parcel.order_id == order.id)).all()
    last = last_day(own, order, lines, parcels)
    statement = read(row.content)[0] if row.content is not None else None
    gone = books.load(session, order, (books.REFUND,)).gone
    to_pay = owed_for(own.withdrawal, row, order, lines, statement, gone)
    return Standing(
        clock,
        last,
        deadline.in_time(row.submitted_at, last, own.timezone),
        to_pay,
        refunded_since(session, row, order, to_pay, gone),
        tuple(excepted(own.withdrawal, lines, statement)) if statement is not None else (),
    )


def last_day(own: ShopSettings, order: Order, lines: Sequence[OrderLine], parcels: Sequence[Parcel]) -> date | None:
    """When the period ends; None while it is open."""
    country = str(order.shipping_address.get("country") or own.country)
    return deadline.last_day(parcels, all_sent(lines, parcels), own.timezone, country, own.withdrawal.informed)


def all_sent(lines: Sequence[OrderLine], parcels: Sequence[Parcel]) -> bool:
    """Whether no item waits for another parcel. Parcels that do not say what is in them hold everything."""
    living = [parcel for parcel in parcels if not parcel.cancelled]
    if not living or any(not parcel.lines for parcel in living):
        return bool(living)
    packed: dict[str, int] = {}
    for parcel in living:
        for ref, quantity in parcel.lines:
            packed[str(ref)] = packed.get(str(ref), 0) + int(str(quantity))
    return all(packed.get(line.ref, 0) >= line.quantity for line in lines if line.requires_shipping)


def owed_for(
    wishes: Wishes, row: Withdrawal, order: Order, lines: Sequence[OrderLine], statement: Statement | None, gone: Sequence[Gone]
) -> Owed:  # fmt: skip
    """The sum, as far as it can be computed; a person may pay another one. `gone`: the order's refunds, of which those before it count."""
    chosen = [(item.ref, item.quantity) for item in statement.items] if statement is not None else []
    standard = wishes.standard_shipping if isinstance(wishes.standard_shipping, Decimal) else None
    before = Decimal(row.refunded_before or 0)
    taken: dict[str, list[int]] = defaultdict(list)
    for ref, quantity in (pair for one in gone if not _since(row, one) for pair in one.lines):
        taken[ref].append(quantity)
    shipping = max(order.shipping_total - sum((one.shipping for one in gone if not _since(row, one)), Decimal(0)), Decimal(0))
    return owed(lines, chosen, shipping, standard, order.total - before, taken=taken, cent=cent_of(order.currency))


def refunded_since(session: Session, row: Withdrawal, order: Order, to_pay: Owed, gone: Sequence[Gone]) -> Decimal:
    """What the shop told of money that went back for it since the order was found; what was for something else does not count.

    A sum by itself that the shop gave back may be for any of several statements, so that it counts for none before everything is back.
    """
    since = order.refunded_total - Decimal(row.refunded_before or 0)
    if order.refunded_total >= order.total:
        return since
    case = session.get(ReturnCase, row.return_case_id) if row.return_case_id is not None else None
    mine, refs = {row.ref, case.number if case is not None else ""} - {""}, {ref for ref, _ in to_pay.lines}
    others = select(Withdrawal.id).where(Withdrawal.order_id == order.id, Withdrawal.id != row.id).limit(1)
    alone = session.scalar(others) is None

    def is_other(one: Gone) -> bool:
        if one.key:
            return one.key.partition(":")[0] not in mine
        return not any(ref in refs for ref, _ in one.lines) if one.lines else not alone

    strange = sum((one.amount for one in gone if not one.coming and _since(row, one) and is_other(one)), Decimal(0))
    return max(since - strange, Decimal(0))


def _since(row: Withdrawal, one: Gone) -> bool:
    """Whether a refund was made, or asked for, after the order was found; what answers this statement always was."""
    return one.key == row.ref or (one.at is not None and row.matched_at is not None and one.at >= row.matched_at)


def excepted(wishes: Wishes, lines: Sequence[OrderLine], statement: Statement) -> list[tuple[Item, Ground]]:
    """Of what she withdraws from, what the merchant's settings except."""
    chosen = statement.items or tuple(Item(line.ref, line.title, line.quantity) for line in lines)
    named = {line.ref: ground_of(wishes, line) for line in lines}
    return [(item, ground) for item in chosen if (ground := named.get(item.ref)) is not None]


def ground_of(wishes: Wishes, line: OrderLine) -> Ground | None:
    """Why that line cannot be withdrawn from, if the settings say so."""
    return wishes.exceptions.get(line.sku) or wishes.exceptions.get(line.product_ref)


def released(session: Session, row: Withdrawal) -> str:
    """Why the money may not be withheld any more (art. 107.3): the goods are back, or on their way; empty: it may."""
    case = session.get(ReturnCase, row.return_case_id) if row.return_case_id is not None else None
    if case is None:
        return ""
    if case.received_at is not None or case.closed_at is not None:
        return "received"
    if case.scanned_at is not None:
        return "sent"
    labels = session.scalars(select(LabelRow.state).where(LabelRow.return_case_id == case.id))
    return "sent" if any(state in SCANNED for state in labels) else ""
