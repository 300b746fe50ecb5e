"""Many rows in one statement: the same rows as SQLAlchemy writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, case, insert, select, update

from postventa.models import Customer, Lease, Shop
from postventa.models.db import writing
from postventa.models.many import execute_many

AT = datetime(2026, 11, 3, 11, 0, 0, 123456, tzinfo=UTC)


def shop(key: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key, "platform": "woocommerce", "name": "Cerámica «Alba» 100 %", "domain": "alba.example", "settings": {"a": [1, "ñ"]},
        "secrets": b"\x00\xff", "hold": False, "created_at": AT, **more,
    }  # fmt: skip


def written(engine: Engine, how: Any, rows: list[dict[str, Any]]) -> list[Any]:
    statement = insert(Shop)
    with writing(engine) as connection:
        how(connection, statement, rows)
        found = connection.execute(select(Shop.__table__).order_by(Shop.__table__.c.key)).mappings().all()
        connection.execute(Shop.__table__.delete())  # type: ignore[attr-defined]
    return [{name: value for name, value in row.items() if name != "id"} for row in found]


def complete(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With every default, as whoever calls has to give them."""
    defaults = {c.key: c.default.arg for c in Shop.__table__.columns if c.default is not None and not c.default.is_callable}
    made = {c.key: c.default.arg(None) for c in Shop.__table__.columns if c.default is not None and c.default.is_callable}
    return [{**defaults, **made, **row} for row in rows]


def test_rows_are_written_as_sqlalchemy_writes_them(engine: Engine) -> None:
    rows = complete([shop("a"), shop("b", hold=True, settings={}), shop("c", secrets=None)])
    plainly = written(engine, lambda connection, statement, rows: connection.execute(statement, rows), rows)
    assert written(engine, execute_many, rows) == plainly
    assert [row["settings"] for row in plainly] == [{"a": [1, "ñ"]}, {}, {"a": [1, "ñ"]}]


def test_an_update_may_have_values_of_its_own(engine: Engine) -> None:
    rows = [{"name": name, "owner": owner, "fence": 1, "expires_at": AT} for name, owner in (("a", "x"), ("b", "y: kept"))]
    kept = case((Lease.owner.startswith("y:"), Lease.owner), else_="z")
    values = {"fence": Lease.fence + 41, "owner": kept, "expires_at": bindparam("at", type_=Lease.expires_at.type)}
    statement = update(Lease).where(Lease.name == bindparam("which"), Lease.fence == 1).values(values)
    with writing(engine) as connection:
        execute_many(connection, insert(Lease), rows)
        execute_many(connection, statement, [{"which": "a", "at": AT.replace(year=2027)}, {"which": "b", "at": AT}])
        found = connection.execute(
            select(Lease.name, Lease.owner, Lease.fence, Lease.expires_at).where(Lease.name.in_(["a", "b"])).order_by(Lease.name)
        )
        assert [tuple(row) for row in found] == [("a", "z", 42, AT.replace(year=2027)), ("b", "y: kept", 42, AT)]


def test_a_row_that_lacks_what_is_made_in_python_is_refused(engine: Engine) -> None:
    with writing(engine) as connection, pytest.raises(ValueError, match="lack columns"):
        execute_many(connection, insert(Customer), [{"shop_id": 1, "email": "ana@cliente.example", "created_at": AT}])


def test_no_rows_ask_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        execute_many(connection, insert(Lease), [])
