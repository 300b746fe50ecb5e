"""Column types that mean the same on SQLite (STRICT tables) and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Integer, Numeric, SmallInteger, Text, literal_column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

T = TypeVar("T")


def word(text: str) -> ColumnElement[str]:
    """One of our own words in the statement itself: a partial index such as `WHERE state = 'planned'` is not found with a parameter there."""
    if not text.isidentifier():
        raise ValueError(f"no word of ours: {text!r}")
    return literal_column(f"'{text}'", Text())


_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
Id = BigInteger().with_variant(Integer(), "sqlite")


class _Kind(TypeDecorator[T]):
    """A type that SQLite does not have. Its values are turned by two plain functions there: what SQLAlchemy wraps around such a function takes longer
    than the function does, and an order has sixty values."""

    cache_ok = True

    def written(self, value: T | None) -> Any:
        """The value as SQLite keeps it."""
        raise NotImplementedError

    def read(self, value: Any) -> T | None:
        """What either database keeps, as the value."""
        raise NotImplementedError

    def process_bind_param(self, value: T | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else self.written(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:
        return self.read(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[T | None], Any] | None:
        return super().bind_processor(dialect) if dialect.name == "postgresql" else self.written

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], T | None] | None:
        return super().result_processor(dialect, coltype) if dialect.name == "postgresql" else self.read


class Moment(_Kind[datetime]):
    """An aware UTC time; on SQLite text such as `2026-11-22T14:31:27.000000Z`, which sorts as time does."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else Text())

    def written(self, value: datetime | None) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: the ledger keeps aware UTC only")
        utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return utc.isoformat(timespec="microseconds")[:-6] + "Z"  # a third of what strftime takes, and there are many

    def read(self, value: Any) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value)


class Money(_Kind[Decimal]):
    """An exact amount; on SQLite text, as SQLite knows no decimals."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Numeric(20, 6) if dialect.name == "postgresql" else Text())

    def written(self, value: Decimal | None) -> str | None:
        return None if value is None else format(value, "f")

    def read(self, value: Any) -> Decimal | None:
        return None if value is None else Decimal(value).normalize() + Decimal(0)


class Json(_Kind[Any]):
    """Plain JSON data."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    def written(self, value: Any) -> str | None:
        return None if value is None else _json(value) if value else "{}" if value == {} else json.dumps(value)

    def read(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return {} if value == "{}" else json.loads(value)  # most are empty

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else self.read(value)  # its driver has read it, and a text may look like JSON


class Flag(_Kind[bool]):
    """Yes or no; 0 or 1 in both databases, as STRICT tables know no boolean."""

    impl = SmallInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(SmallInteger() if dialect.name == "postgresql" else Integer())

    def written(self, value: bool | None) -> int | None:
        return None if value is None else int(value)

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:
        return self.written(value)

    def read(self, value: Any) -> bool | None:
        return None if value is None else bool(value)
