"""Looking at the service's own database while it runs: what is due, what is under way, what has become of each effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import Effect, Inbound, LabelRow, Order, ReturnCase, Shop, State
from postventa.models.db import reading

UNDER_WAY = (State.CLAIMED, State.SENDING)


@dataclass(frozen=True)
class Entry:
    """One effect with the order that it belongs to."""

    id: int
    shop: str
    order_ref: str
    number: str
    followup: str
    kind: str
    about: str
    parcel: str
    recipient: str
    state: str
    reason: str
    at: datetime
    due_at: datetime
    done_at: datetime | None
    message_id: str


@dataclass(frozen=True)
class Known:
    """One order."""

    shop: str
    ref: str
    number: str
    name: str
    email: str


class Ledger:
    """Reads only. `names`: a shop's key -> what it is called in `data`."""

    def __init__(self, engine: Engine, names: dict[str, str]) -> None:
        self._engine, self._names = engine, names

    def next_due(self) -> datetime | None:
        """When the next planned effect is due."""
        with reading(self._engine) as session:
            return session.scalar(select(func.min(Effect.due_at)).where(Effect.state == State.PLANNED))

    def busy(self) -> list[str]:
        """What is not done yet at this moment, one line each; empty: all is quiet."""
        with reading(self._engine) as session:
            unread = session.execute(select(Inbound.id, Inbound.topic, Inbound.attempts, Inbound.error).where(Inbound.state == "new")).all()
            due = (Effect.state == State.PLANNED) & (Effect.due_at <= now())
            open_ones = session.scalars(select(Effect).where(due | Effect.state.in_(UNDER_WAY))).all()
        words = [f"delivery {i} ({topic}) is not read yet after {tries} tries: {error or 'no error'}" for i, topic, tries, error in unread]
        return words + [f"effect {e.id} ({e.followup}) is {e.state}: {e.reason or 'due'}" for e in open_ones]

    def entries(self) -> list[Entry]:
        """Every effect, in the order in which they were planned."""
        query = select(Effect, Shop.key, Order.ref, Order.number).join(Shop, Shop.id == Effect.shop_id).outerjoin(Order, Order.id == Effect.order_id)
        with reading(self._engine) as session:
            rows = session.execute(query.order_by(Effect.id)).all()
        return [self._entry(effect, key, ref or "", number or "") for effect, key, ref, number in rows]

    def _entry(self, effect: Effect, key: str, ref: str, number: str) -> Entry:
        return Entry(
            effect.id, self._names.get(key, key), ref, number, effect.followup, effect.kind, effect.subject_ref, effect.parcel_ref, effect.recipient,
            effect.state, effect.reason, effect.at, effect.due_at, effect.done_at, effect.message_id,
        )  # fmt: skip

    def orders(self) -> list[Known]:
        """Every order that was described, by shop and number."""
        with reading(self._engine) as session:
            rows = session.execute(select(Order, Shop.key).join(Shop, Shop.id == Order.shop_id).where(Order.number != "").order_by(Order.id)).all()
        found = [Known(self._names.get(key, key), o.ref, o.number, f"{o.first_name} {o.last_name}".strip(), o.email) for o, key in rows]
        return sorted(found, key=lambda order: (list(self._names.values()).index(order.shop), order.number))

    def inbox(self) -> dict[str, int]:
        """How many deliveries were kept, by what became of them."""
        with reading(self._engine) as session:
            return dict(session.execute(select(Inbound.state, func.count()).group_by(Inbound.state)).tuples().all())

    def unreadable(self) -> list[int]:
        """Ids of the deliveries that a person has to look at."""
        with reading(self._engine) as session:
            return list(session.scalars(select(Inbound.id).where(Inbound.state.in_(("poison", "dead")))))

    def labels(self) -> list[tuple[str, bytes]]:
        """(return's number, PDF) of every label that was made."""
        with reading(self._engine) as session:
            return _labels(session)


def _labels(session: Session) -> list[tuple[str, bytes]]:
    query = select(ReturnCase.number, LabelRow.pdf).join(ReturnCase, ReturnCase.id == LabelRow.return_case_id).order_by(LabelRow.id)
    return [(number, pdf or b"") for number, pdf in session.execute(query).all()]
