"""What a shop says of its products, kept with an age."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Flag, Id, Json, Moment


class Product(Base):
    """One product of one shop, as it was described at `seen_at`; `postventa/products.py` is its only writer."""

    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("shop_id", "ref"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    ref: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(Text, default="")
    image_url: Mapped[str] = mapped_column(Text, default="")
    vendor: Mapped[str] = mapped_column(Text, default="")
    categories: Mapped[list[str]] = mapped_column(Json, default=list)
    tags: Mapped[list[str] | None] = mapped_column(Json)
    """None: the shop was not asked for them yet, or did not say. None of its own is an empty list."""
    variants: Mapped[list[dict[str, object]]] = mapped_column(Json, default=list)
    """[{"ref", "title", "sku", "image_url", "weight_g"}, ...]; a product that comes in one kind only has one with an empty title."""
    gone: Mapped[bool] = mapped_column(Flag, default=False)
    """The shop knows it no more: what is written here is what it said last."""
    seen_at: Mapped[datetime] = mapped_column(Moment)
    """When the shop was asked, on the machine's clock."""
