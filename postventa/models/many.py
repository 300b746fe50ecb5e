"""One statement for many rows, without what SQLAlchemy works out anew for every value of every row.

`Connection.execute` with a list of rows looks each value up by name in the compiled statement, which takes longer than the database does with it
(`bench/`). Here a statement is compiled once, and a row becomes values through its columns' own types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update
from sqlalchemy.sql.compiler import SQLCompiler

Converter = Callable[[Any], Any]


def execute_many(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]], names: tuple[str, ...] = ()) -> None:
    """`statement`, kept by whoever calls, once for each of `rows`: all with the same names, and all columns that have no default in the database.

    `names`: those that are meant, if rows hold more.
    """
    if rows:
        ready = _compiled(statement, connection.dialect, names or tuple(rows[0]))
        connection.exec_driver_sql(ready.sql, [ready.values(row) for row in rows])


@dataclass(frozen=True)
class _Compiled:
    """The statement as the driver takes it. Values stand in `places` by position, or by name."""

    sql: str
    positional: bool
    places: tuple[tuple[str, str, Converter | None], ...]
    """(place, name in the row, what the driver wants instead of the value)"""
    fixed: Mapping[str, Any]
    """The statement's own values: place -> value for the driver."""

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        if self.fixed:
            named = dict(self.fixed)
            named.update((place, row[name] if turn is None else turn(row[name])) for place, name, turn in self.places if name)
            return tuple([named[place] for place, _, _ in self.places]) if self.positional else named
        if self.positional:
            return tuple([row[name] if turn is None else turn(row[name]) for _, name, turn in self.places])
        return {place: row[name] if turn is None else turn(row[name]) for place, name, turn in self.places}


@lru_cache(maxsize=256)
def _compiled(statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    assert isinstance(compiled, SQLCompiler)
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise ValueError(f"rows lack columns whose defaults are made in Python: {[column.key for column in compiled.insert_prefetch]}")
    turns = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()}
    places = (compiled.positiontup or []) if compiled.positional else list(turns)
    own = {place: compiled.params[place] for place in places if place not in names}
    return _Compiled(
        str(compiled),
        bool(compiled.positional),
        tuple((place, "" if place in own else place, turns[place]) for place in places),
        {place: value if (turn := turns[place]) is None else turn(value) for place, value in own.items()},
    )
