"""What a person waits for on the pages that connect a shop or look at one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Flag, Id, Json, Moment


class ShopVisit(Base):
    """One question to a shop that a job asks and a page shows; `postventa/connecting/visits.py` is its only writer. Times are the machine's."""

    __tablename__ = "shop_visit"
    __table_args__ = (UniqueConstraint("ref"), Index("ix_shop_visit_shop_id", "shop_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ref: Mapped[str] = mapped_column(Text)
    """Stands in the page's address; worth nothing without the account."""
    account: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    """look | keys | approval | again | leave"""
    state: Mapped[str] = mapped_column(Text)
    """waiting | at_work | done"""
    typed: Mapped[str] = mapped_column(Text)
    """The address as somebody typed it, later as the shop has it."""
    plain: Mapped[bool] = mapped_column(Flag, default=False)
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"))
    """The connected shop that it is about, from the beginning or since it was connected by this very visit."""
    approval: Mapped[str] = mapped_column(Text, default="")
    """The ref of the approval that the merchant was sent for."""
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Pasted keys, or those of a shop that is leaving, encrypted: until the job is done with them."""
    result: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    begun_at: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
