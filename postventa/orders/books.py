"""An order's money from the ledger: what was paid, what the shop says went back, and what we asked for that it has not told of yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.models import Effect, EventRow, Order, OrderLine, State
from postventa.orders.money import Books, Bought, Gone, Pair

REFUND, EXCHANGE, CREDIT = "write_refund", "write_exchange", "write_store_credit"
SPENT_ON = (REFUND, EXCHANGE, CREDIT)
"""What an order was paid with goes back once: as money, as other goods, or as credit."""
COUNTS = (State.PLANNED, State.CLAIMED, State.SENDING, State.UNKNOWN, State.DONE)
"""What was given up for certain gives its money free again; what nobody knows does not."""


def load(session: Session, order: Order, spent: Sequence[str] = SPENT_ON) -> Books:
    """The books as they stand. Whoever decides by them has locked the order. `spent`: only what was spent in these ways."""
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)).all()
    told = (EventRow.shop_id == order.shop_id, EventRow.order_ref == order.ref, EventRow.kind == "OrderRefunded")
    events = sorted(session.scalars(select(EventRow).where(*told)), key=lambda event: (event.at, event.id))
    ours = select(Effect).where(Effect.order_id == order.id, Effect.followup.in_(spent), Effect.state.in_(COUNTS)).order_by(Effect.id)
    gone = _gone(events, session.scalars(ours.execution_options(populate_existing=True)).all())
    bought = tuple(Bought(line.ref, _title(line), line.quantity, line.total) for line in lines)
    return Books(order.currency, order.total, order.shipping_total, bought, gone)


def _title(line: OrderLine) -> str:
    return f"{line.title} · {line.variant_title}" if line.variant_title else line.title


def _gone(events: Iterable[EventRow], effects: Iterable[Effect]) -> tuple[Gone, ...]:
    """Each refund once: what the shop told of, with what we know of it if it was ours, then what is on its way."""
    waiting, found = list(effects), []
    for event in events:
        ours = _of(event, waiting)
        if ours is not None:
            waiting.remove(ours)
        wanted = _wanted(ours)
        lines = _pairs(event.data.get("lines")) or _pairs(wanted.get("lines"))
        key = ours.subject_ref if ours is not None else ""
        found.append(Gone(Decimal(str(event.data["amount"])), lines, Decimal(str(wanted.get("shipping", 0))), at=event.at, key=key))
    found += [_coming(effect) for effect in waiting if not effect.data.get("called_off")]
    return tuple(found)


def _coming(effect: Effect) -> Gone:
    """What the shop has not told of yet: of an exchange what the other goods use up, once that is known."""
    wanted = _wanted(effect)
    if effect.followup == EXCHANGE:
        used = Decimal(str(effect.data.get("used", wanted.get("credit", 0))))
        return Gone(used, (), Decimal(0), coming=True, at=effect.at, key=effect.subject_ref)
    amount, shipping = (Decimal(str(wanted.get(name, 0))) for name in ("amount", "shipping"))
    return Gone(amount, _pairs(wanted.get("lines")), shipping, coming=True, at=effect.at, key=effect.subject_ref)


def _of(event: EventRow, effects: list[Effect]) -> Effect | None:
    """Which of ours the shop tells of: the one that bears its number; else one without a number, for the same sum, planned before."""
    ref, amount = str(event.data.get("refund_ref", "")), Decimal(str(event.data["amount"]))
    named = next((effect for effect in effects if ref and _refund_ref(effect) == ref), None)
    if named is not None:
        return named
    alike = (effect for effect in effects if effect.followup == REFUND and not effect.data.get("ref") and effect.attempts and effect.at <= event.at)
    return next((effect for effect in alike if Decimal(str(_wanted(effect).get("amount", 0))) == amount), None)


def _refund_ref(effect: Effect) -> str:
    """The shop's number of the refund that it made for it."""
    return str(effect.data.get("ref" if effect.followup == REFUND else "refund_ref", ""))


def _wanted(effect: Effect | None) -> dict[str, Any]:
    found = effect.data.get("wanted") if effect is not None else None
    return found if isinstance(found, dict) else {}


def _pairs(listed: Any) -> tuple[Pair, ...]:
    return tuple((str(ref), int(count)) for ref, count in listed) if isinstance(listed, list) else ()
