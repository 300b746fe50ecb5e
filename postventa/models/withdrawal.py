"""Statements of withdrawal: what a customer said, which nobody can change, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.evidence import statements
from postventa.models.types import Id, Moment

_OPEN = text("state = 'open' OR receipt_at IS NULL")


class Withdrawal(Base):
    """One statement. State: open -> refunded | refused. Times are the product's.

    The upper half is evidence: the database refuses to change it, but for `content`, which may be sealed away or destroyed.
    """

    __tablename__ = "withdrawal"
    __table_args__ = (
        UniqueConstraint("ref"),
        UniqueConstraint("shop_id", "form_key"),
        Index("ix_withdrawal_shop_id_submitted_at", "shop_id", "submitted_at"),
        Index("ix_withdrawal_ip_hash_created_at", "ip_hash", "created_at"),
        Index("ix_withdrawal_email_created_at", "email", "created_at"),
        Index("ix_withdrawal_order_id", "order_id"),
        Index("ix_withdrawal_keep_until", "keep_until"),
        Index("ix_withdrawal_open", "shop_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    ref: Mapped[str] = mapped_column(Text)
    """`W-7K3M-9Q2X`: what the customer is told."""
    form_key: Mapped[str] = mapped_column(Text)
    """What makes two submissions the same one."""
    channel: Mapped[str] = mapped_column(Text)
    """page | link | mail | post | phone | other"""
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was written down here; later than `submitted_at` only for what came by other channels."""
    digest: Mapped[str] = mapped_column(Text)
    """SHA-256 of `content`, which the audit log repeats under its own chain."""
    content: Mapped[str | None] = mapped_column(Text)
    """The statement in canonical JSON; null once it was locked away or destroyed."""

    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The same, locked away after an erasure."""
    blocked_at: Mapped[datetime | None] = mapped_column(Moment)
    keep_until: Mapped[datetime] = mapped_column(Moment)
    """From then on it is destroyed."""
    email: Mapped[str] = mapped_column(Text, default="")
    ip_hash: Mapped[str] = mapped_column(Text, default="")
    order_hint: Mapped[int | None] = mapped_column(Id)
    """The order whose link the form was opened with."""
    state: Mapped[str] = mapped_column(Text, default="open")
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    return_case_id: Mapped[int | None] = mapped_column(ForeignKey("return_case.id"))
    refunded_before: Mapped[str] = mapped_column(Text, default="")
    """What had gone back of the order when it was matched."""
    tried_at: Mapped[datetime | None] = mapped_column(Moment)
    """When an order was looked for."""
    matched_at: Mapped[datetime | None] = mapped_column(Moment)
    matched_how: Mapped[str] = mapped_column(Text, default="")
    """number | link | hand"""
    matched_by: Mapped[str] = mapped_column(Text, default="")
    trouble: Mapped[str] = mapped_column(Text, default="")
    """What a person has to look at; empty: nothing."""
    receipt_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the mail server took the receipt, or somebody handed it over."""
    receipt_how: Mapped[str] = mapped_column(Text, default="")
    """mail | hand"""
    receipt_trouble: Mapped[str] = mapped_column(Text, default="")
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    """From when on the refund may not be withheld any more (art. 107.3)."""
    released_how: Mapped[str] = mapped_column(Text, default="")
    """received | sent | not_sent | hand"""
    told: Mapped[int] = mapped_column(Integer, default=0)
    """The newest day of the refund's clock that its merchant was told of."""
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_by: Mapped[str] = mapped_column(Text, default="")
    ground: Mapped[str] = mapped_column(Text, default="")
    """Why it was refused: `late`, or a ground of art. 103."""
    note: Mapped[str] = mapped_column(Text, default="")


@event.listens_for(Withdrawal.__table__, "after_create")
def _guard(_table: Any, connection: Connection, **_options: Any) -> None:
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
