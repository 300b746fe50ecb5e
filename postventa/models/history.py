"""How far the import of a shop's past has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Moment


class ShopImport(Base):
    """One for each shop, for good: its past is read once. `postventa/imports.py` is its only writer.

    Times but `since` and `until` are the machine's.
    """

    __tablename__ = "shop_import"
    __table_args__ = (UniqueConstraint("shop_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    since: Mapped[datetime] = mapped_column(Moment)
    """Orders that were placed from then on ..."""
    until: Mapped[datetime] = mapped_column(Moment)
    """... until then, when the shop was connected: what came later is told by webhooks."""
    place: Mapped[str] = mapped_column(Text, default="")
    """Where the next step begins, in the platform's words; empty: at the beginning."""
    done: Mapped[int] = mapped_column(Integer, default=0)
    """Orders that were read."""
    left_out: Mapped[int] = mapped_column(Integer, default=0)
    """Orders that were listed and could not be read."""
    total: Mapped[int | None] = mapped_column(Integer)
    """How many there are, if the shop said so."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    """Steps that came to nothing, less those that succeeded since: how much smaller a piece is asked for."""
    trouble: Mapped[str] = mapped_column(Text, default="")
    begun_at: Mapped[datetime] = mapped_column(Moment)
    stepped_at: Mapped[datetime] = mapped_column(Moment)
    """When the last step was tried."""
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
