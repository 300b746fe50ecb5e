"""Codes that prove somebody reads the mails of an order's address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Moment


class OneTimeCode(Base):
    """One code. Neither it nor a hash of it stands here: a million hashes are soon tried. Nothing comes of `salt` without the service's secret."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_order_id", "order_id", "purpose"), Index("ix_one_time_code_effect_id", "effect_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    effect_id: Mapped[int] = mapped_column(ForeignKey("effect.id"))
    """The mail that brings it."""
    purpose: Mapped[str] = mapped_column(Text)
    """A value of `postventa.step_up.Purpose`."""
    salt: Mapped[str] = mapped_column(Text)
    """128 random bits; with the secret, shop, order, purpose and address they give the code (`postventa/step_up/codes.py`)."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """How often a code was typed in for it, the right one included."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
