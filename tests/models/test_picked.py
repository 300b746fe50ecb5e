"""Columns picked from rows, however they were read."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from postventa.models import Shop, fresh, picked

AT = datetime(2026, 11, 3, 11, 0, 0, 123456, tzinfo=UTC)


def test_the_same_of_new_objects_of_expired_ones_and_of_plain_rows(sqlite_engine: Engine) -> None:
    pick = picked("name", "key", "created_at")
    there = ("Alba", "alba", AT)
    made = fresh(Shop, key="alba", platform="woocommerce", name="Alba", domain="alba.example", secrets=b"x", created_at=AT)
    assert pick(made) == there
    with Session(sqlite_engine) as session:
        session.add(made)
        session.commit()  # what it holds has expired
        assert pick(made) == there
        assert pick(session.execute(select(Shop.__table__)).one()) == there
