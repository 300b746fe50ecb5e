"""A raw delivery, stored before anybody reads it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Json, Moment

_UNREADABLE = text("state IN ('poison', 'dead')")


class Inbound(Base):
    """State: new -> done | ignored | superseded | poison | dead. `dedupe` is unique within the shop (promises.md 1.7)."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("shop_id", "dedupe"),
        Index("ix_inbound_unread", "shop_id", "id", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
        Index("ix_inbound_waiting", "not_before", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
        Index("ix_inbound_unreadable", "done_at", sqlite_where=_UNREADABLE, postgresql_where=_UNREADABLE),
        Index("ix_inbound_shop_id_order_ref", "shop_id", "order_ref"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    platform: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    delivery_id: Mapped[str] = mapped_column(Text, default="")
    dedupe: Mapped[str] = mapped_column(Text)
    headers: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    source: Mapped[str] = mapped_column(Text, default="webhook")
    secret_index: Mapped[int] = mapped_column(Integer, default=0)
    order_ref: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(Moment)
    stored_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(Text, default="new")
    reason: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(Text, default="")
    trace: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where it failed last: a traceback, for whoever mends it."""
    failure: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What kind of failure that was, the same for every delivery that fails alike: what `jobs/breaker.py` counts."""
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    not_before: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
