"""What merchants were sent to approve in their own shops, until it is a shop's or thrown away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Flag, Id, Moment


class ShopApproval(Base):
    """One click on "connect" for a WooCommerce shop; `postventa/connecting/store.py` is its only writer. Times are the machine's."""

    __tablename__ = "shop_approval"
    __table_args__ = (UniqueConstraint("ref"), UniqueConstraint("state_hash"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ref: Mapped[str] = mapped_column(Text)
    """Stands in the address that the shop sends its keys to; no secret."""
    state_hash: Mapped[str] = mapped_column(Text)
    """SHA-256 of what the shop sends along."""
    account: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    plain: Mapped[bool] = mapped_column(Flag)
    step: Mapped[str] = mapped_column(Text)
    """begun | received | approved | ended"""
    key_ref: Mapped[str] = mapped_column(Text)
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The keys, encrypted: from their arrival until it ended."""
    begun_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
