"""I6: no row of one shop points at a row of another, in any table that there is."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine, ForeignKey, Table, select

from postventa.models import Base
from tests.checker.account import Account


def bonds() -> Iterator[tuple[Table, ForeignKey]]:
    """Tables with a shop, and their references to others with a shop."""
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda k: k.parent.name):
            if "shop_id" in table.c and "shop_id" in key.column.table.c:
                yield table, key


def tenant_violations(engine: Engine) -> Iterator[str]:
    """Every row that belongs to another shop than the row it refers to."""
    with engine.connect() as connection:
        for table, key in bonds():
            other = key.column.table.alias()
            query = select(table.c.id, table.c.shop_id, key.parent, other.c.shop_id.label("other"))
            query = query.join(other, key.parent == other.c[key.column.name]).where(table.c.shop_id != other.c.shop_id)
            for row in connection.execute(query):
                yield f"{table.name} {row[0]} of shop {row[1]} refers to {key.column.table.name} {row[2]} of shop {row[3]}"


def no_row_refers_to_another_shops(account: Account) -> Iterator[str]:
    """I6."""
    yield from tenant_violations(account.engine)
