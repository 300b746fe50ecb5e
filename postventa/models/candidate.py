"""Keys of shops that somebody typed in, until the shop was asked whether they work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Json, Moment


class ShopCandidate(Base):
    """One form with keys of a Shopify shop; `postventa/connecting/candidates.py` is its only writer. Times are the machine's."""

    __tablename__ = "shop_candidate"
    __table_args__ = (STRICT,)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ref: Mapped[str] = mapped_column(Text, unique=True)
    """Stands in the page's address; opens nothing without the account."""
    account: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    """waiting | told | connected | ended"""
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The keys, encrypted: until they are a shop's, or it ended."""
    told: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What the shop said: `findings`, and `about` once it said who it is."""
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"))
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when a worker asks the shop."""
    expires_at: Mapped[datetime] = mapped_column(Moment)
