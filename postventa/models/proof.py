"""Proofs that a customer sent something back: her receipt, or carrier and number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Moment

_WAITING = text("state = 'open'")


class DispatchProof(Base):
    """State: open -> accepted | refused, by a person."""

    __tablename__ = "dispatch_proof"
    __table_args__ = (
        UniqueConstraint("return_case_id", "form_key"),
        Index("ix_dispatch_proof_open", "return_case_id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    return_case_id: Mapped[int] = mapped_column(ForeignKey("return_case.id"))
    form_key: Mapped[str] = mapped_column(Text)
    """What makes two submissions the same one."""
    carrier: Mapped[str] = mapped_column(Text, default="")
    """In her words."""
    tracking_number: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(Text, default="")
    """jpeg | pdf; empty: no file came with it."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The file, sealed at rest; null once it is forgotten."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(Text, default="open")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was refused, in words for the customer."""

    @property
    def place(self) -> str:
        """What its file is sealed for (`postventa/vault.py`)."""
        return f"dispatch_proof:{self.id}:sealed"
