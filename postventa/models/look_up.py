"""Customers who ask for a link to their order: kept for the moments until somebody has looked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Moment


class LookUp(Base):
    """What somebody typed in, true or not. The row goes when the order was looked for, whatever came of it."""

    __tablename__ = "look_up"
    __table_args__ = (Index("ix_look_up_due_at", "due_at"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    purpose: Mapped[str] = mapped_column(Text)
    """track | return: what the link is for."""
    number: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    """Lower case."""
    asked_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    """Not before, on the machine's clock: when very many ask at one shop, each waits longer than the one before."""
