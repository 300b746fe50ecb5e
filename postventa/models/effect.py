"""The ledger of side effects (promises.md 2): what we did, will do, or decided not to do, and why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Flag, Id, Json, Moment


class State(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    SENDING = "sending"
    DONE = "done"
    UNKNOWN = "unknown"
    DEAD = "dead"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


FINAL = (State.DONE, State.UNKNOWN, State.DEAD, State.CANCELLED, State.SUPPRESSED)


_URGENT = text("state = 'planned' AND kind = 'mail' AND legal_basis = 'transactional'")


_REST = text("state = 'planned' AND (kind != 'mail' OR legal_basis != 'transactional')")
_GIVEN_UP = text("state IN ('dead', 'unknown')")


class Effect(Base):
    """One effect per `key`. `due_at` runs on the product's clock; `not_before` and `lease_until` on the machine's."""

    __tablename__ = "effect"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_effect_due", "due_at", sqlite_where=text("state = 'planned'"), postgresql_where=text("state = 'planned'")),
        Index("ix_effect_rest", "shop_id", "due_at", sqlite_where=_REST, postgresql_where=_REST),
        Index("ix_effect_urgent", "shop_id", "due_at", sqlite_where=_URGENT, postgresql_where=_URGENT),
        Index("ix_effect_given_up", "done_at", sqlite_where=_GIVEN_UP, postgresql_where=_GIVEN_UP),
        Index("ix_effect_held", "lease_until", sqlite_where=text("lease_until IS NOT NULL"), postgresql_where=text("lease_until IS NOT NULL")),
        Index("ix_effect_order_id", "order_id"),
        Index("ix_effect_recipient", "shop_id", "recipient", "done_at"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    kind: Mapped[str] = mapped_column(Text)
    """mail | label | alert | receipt | fetch | write"""
    followup: Mapped[str] = mapped_column(Text)
    subject_ref: Mapped[str] = mapped_column(Text, default="")
    """What within the order it is about: a parcel's, refund's, return's or line's reference; empty: the order."""
    parcel_ref: Mapped[str] = mapped_column(Text, default="")
    recipient: Mapped[str] = mapped_column(Text, default="")
    legal_basis: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    state: Mapped[str] = mapped_column(Text, default=State.PLANNED)
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)
    """When the thing that it answers happened."""
    planned_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    not_before: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    fence: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    owner: Mapped[str] = mapped_column(Text, default="")
    """Which process holds it (`postventa.process`), so that a dead one is noticed before its lease ends."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    message_id: Mapped[str] = mapped_column(Text, default="")
    maybe_duplicate: Mapped[bool] = mapped_column(Flag, default=False)
    merged_into: Mapped[int | None] = mapped_column(Id)


class Attempt(Base):
    """Append-only: one row when an attempt begins, completed by one row when its outcome is known."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_effect_id", "effect_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    effect_id: Mapped[int] = mapped_column(ForeignKey("effect.id"))
    fence: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(Text)
    """sending | sent | retry | refused | in_doubt | resumed"""
    detail: Mapped[str] = mapped_column(Text, default="")
    worker: Mapped[str] = mapped_column(Text, default="")


class Lease(Base):
    """Who may do the periodic work: one row per name."""

    __tablename__ = "lease"
    __table_args__ = ({"sqlite_strict": True},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    owner: Mapped[str] = mapped_column(Text, default="")
    fence: Mapped[int] = mapped_column(Integer, default=0)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class Link(Base):
    """An unguessable link in a mail; only the hash of its token is kept."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_link_order_id", "order_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(Text)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    purpose: Mapped[str] = mapped_column(Text)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    effect_id: Mapped[int | None] = mapped_column(ForeignKey("effect.id"))
    email: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class Suppression(Base):
    """An address that gets no more of a kind of mail. `category`: marketing | reviews | all."""

    __tablename__ = "suppression"
    __table_args__ = (UniqueConstraint("shop_id", "email", "category"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    email: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)
