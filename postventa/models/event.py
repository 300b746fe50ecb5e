"""What happened: append-only, one row per fact."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Json, Moment


class EventRow(Base):
    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("shop_id", "key"), Index("ix_event_shop_id_order_ref", "shop_id", "order_ref"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    order_ref: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    at: Mapped[datetime] = mapped_column(Moment)
    learned_at: Mapped[datetime] = mapped_column(Moment)
    inbound_id: Mapped[int | None] = mapped_column(Id)
