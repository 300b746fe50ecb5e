"""What the merchants of one Shopify app gave us: access that ends, and installations that are under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Json, Moment


class ShopToken(Base):
    """A shop's tokens: one pair for each shop that installed the app. Times are the machine's."""

    __tablename__ = "shop_token"
    __table_args__ = (STRICT,)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Access token and refresh token, encrypted."""
    generation: Mapped[int] = mapped_column(Integer, default=1)
    """Raised with every new pair, so that whoever read an older one notices."""
    scopes: Mapped[list[str]] = mapped_column(Json, default=list)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    refresh_expires_at: Mapped[datetime | None] = mapped_column(Moment)
    """null: there is no refresh token."""
    installed_at: Mapped[datetime] = mapped_column(Moment)
    renewed_at: Mapped[datetime] = mapped_column(Moment)


class InstallState(Base):
    """An installation that was begun on a page of ours: good for one return from Shopify. Times are the machine's."""

    __tablename__ = "install_state"
    __table_args__ = (STRICT,)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    hash: Mapped[str] = mapped_column(Text, unique=True)
    """SHA-256 of the state that the browser carries."""
    domain: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
