"""A connected shop."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Flag, Id, Json, Moment


class Shop(Base):
    """`settings` is the shop's part of the configuration without its secrets; `secrets` is the encrypted rest."""

    __tablename__ = "shop"
    __table_args__ = (UniqueConstraint("key"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    platform: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = mapped_column(Text, default="")
    settings: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    from_file: Mapped[bool] = mapped_column(Flag, default=False)
    hold: Mapped[bool] = mapped_column(Flag, default=False)
    held_followups: Mapped[list[str]] = mapped_column(Json, default=list)
    disconnected_at: Mapped[datetime | None] = mapped_column(Moment)
    api_paused_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until then its API is not asked, on the machine's clock: it said so, or it did not answer."""
    api_refused_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when it refuses our keys; null while it takes them."""
    api_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    api_failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often in a row it did not answer as it should."""
    polled_until: Mapped[datetime | None] = mapped_column(Moment)
    """Up to which change its orders were compared with ours, by the platform's clock."""
    found_by_poll: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Orders that arrived by comparing, not by webhook."""
    subscriptions_checked_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its webhooks were last looked at, on the machine's clock."""
    subscriptions_well_at: Mapped[datetime | None] = mapped_column(Moment)
    """When they were last all there and at work, or were put right; null: that was never seen."""
    next_call_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its API may be called next, on the machine's clock: calls of all workers take turns."""
    gone_checked_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was last asked whether orders that we still write about are there, on the machine's clock."""
    created_at: Mapped[datetime] = mapped_column(Moment)
