"""One statement for many rows, without what SQLAlchemy works out anew for every value of every row.

`Connection.execute` with a list of rows looks each value up by name in the compiled statement, which takes longer than the database does with it
(`bench/`). Here a statement is compiled once, and a row becomes values through its columns' own types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
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
    """The statement as the driver takes it: values by position, or by name."""

    sql: str
    positional: bool
    places: tuple[str, ...]
    """The names of the values, in their places."""
    turns: tuple[tuple[int, Converter], ...]
    """(place, what the driver wants instead of the value)"""
    own: Mapping[str, Any]
    """The statement's own values."""
    pick: Callable[[Mapping[str, Any]], Iterable[Any]]

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        values = list(self.pick({**self.own, **row} if self.own else row))
        for place, turn in self.turns:
            values[place] = turn(values[place])
        return tuple(values) if self.positional else dict(zip(self.places, values, strict=True))


@lru_cache(maxsize=256)
def _compiled(statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    assert isinstance(compiled, SQLCompiler)
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise ValueError(f"rows lack columns whose defaults are made in Python: {[column.key for column in compiled.insert_prefetch]}")
    types = {name: bind.type for bind, name in compiled.bind_names.items()}
    places = tuple((compiled.positiontup or []) if compiled.positional else types)
    turns = [(place, types[name].dialect_impl(dialect).bind_processor(dialect)) for place, name in enumerate(places)]
    return _Compiled(
        str(compiled),
        bool(compiled.positional),
        places,
        tuple((place, turn) for place, turn in turns if turn is not None),
        {name: compiled.params[name] for name in places if name not in names},
        itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],),
    )
