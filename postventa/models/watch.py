"""What people who run the service look at: alarms, and the log of what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, Text, event, text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.append_only import statements
from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Json, Moment


class Alarm(Base):
    """Something that a person should look at, from when it was noticed until it was over. Times are the machine's."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index("uq_alarm_open", "name", "subject", unique=True, sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL")),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    """Which alarm; docs/operations.md has a section for each."""
    subject: Mapped[str] = mapped_column(Text, default="")
    """What it is about, such as a shop's name; empty: the whole service."""
    level: Mapped[str] = mapped_column(Text)
    """warn | page"""
    message: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    told_at: Mapped[datetime | None] = mapped_column(Moment)


class AuditEntry(Base):
    """Append-only, hash-chained: who did what, when, to what. The database itself refuses to change or remove a row."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_shop_id", "shop_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"))
    subject: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    after: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    previous: Mapped[str] = mapped_column(Text, default="")
    hash: Mapped[str] = mapped_column(Text)


@event.listens_for(AuditEntry.__table__, "after_create")
def _guard(_table: Any, connection: Connection, **_options: Any) -> None:
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
