"""Fills a ledger with the past: orders of a year with lines, parcels, events, deliveries, effects and attempts, in plain SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Integer, SmallInteger, Table, event, inspect, text
from sqlalchemy.types import BigInteger, LargeBinary

from postventa.models import Attempt, Base, Customer, Effect, EventRow, Inbound, Order, OrderLine, Parcel
from postventa.models.types import Flag, Json, Moment, Money

YEAR = 365 * 86400
SHOPS = 10
"""Seeded orders belong to that many shops in turn; the first one is the shop that the benchmark sends for."""
AT_ONCE = 10_000
"""Orders in one transaction."""
HAPPENED = f"((n.i * 7919) % {YEAR} + 20 * 86400)"
"""Seconds ago: scattered over a year that ended twenty days ago."""
SHOP = f"(CASE WHEN n.i % {SHOPS} = 0 THEN 1 ELSE 1001 + n.i % {SHOPS} END)"
REF, MAIL = "'seed-' || n.i", "'seed.' || n.i || '@load.example'"
FOLLOWUPS = ("order_received", "shipped", "delivered", "review_request", "review_reminder")
EVENTS = ("OrderSeen", "OrderPlaced", "OrderPaid", "ShipmentDispatched")


@dataclass(frozen=True)
class Part:
    """Rows of one table for each order. `i` is the order's number, `k` counts within the order; values are SQL."""

    table: Table
    each: int
    values: dict[str, str]


class Filler:
    """For one database; it can go on where it ended, beyond whatever others have written meanwhile."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._sqlite = engine, engine.dialect.name == "sqlite"
        self.orders = 0

    def fill(self, rows: int) -> None:
        """Until there are about so many rows in all tables together; quick, and not safe against a machine that stops meanwhile."""
        wanted = rows // sum(part.each for part in self._parts())
        if not self.orders:
            self._shops()
        connect = _unsafe if self._sqlite else None
        if connect:
            self._engine.dispose()
            event.listen(self._engine, "connect", connect)
        begin = self._free()
        while self.orders < wanted:
            more = min(AT_ONCE, wanted - self.orders)
            with self._engine.begin() as connection:
                for part in self._parts():
                    connection.execute(text(self._insert(part, begin, begin + more - 1)))
            self.orders, begin = self.orders + more, begin + more
        if connect:
            event.remove(self._engine, "connect", connect)
            self._engine.dispose()
        self._afterwards()

    def counts(self) -> dict[str, int]:
        """Rows by table."""
        with self._engine.connect() as connection:
            return {part.table.name: int(connection.execute(text(f"SELECT count(*) FROM {part.table.name}")).scalar_one()) for part in self._parts()}

    def _free(self) -> int:
        """The first order's number from which on all ids are free."""
        with self._engine.connect() as connection:
            highest = [connection.execute(text(f"SELECT coalesce(max(id), 0) / {part.each} FROM {part.table.name}")) for part in self._parts()]
            return max(int(found.scalar_one()) for found in highest) + 1

    def _shops(self) -> None:
        """Those besides the first; they have left the configuration, as shops do."""
        shop = Base.metadata.tables["shop"]
        first = {"id": "1000 + n.i", "key": "'seed-shop-' || n.i", "platform": "'shopify'", "name": "'Shop ' || n.i"}
        with self._engine.begin() as connection:
            connection.execute(text(self._insert(Part(shop, 1, first), 2, SHOPS)))

    def _insert(self, part: Part, begin: int, end: int) -> str:
        values = {column.name: part.values.get(column.name) or self._plain(column) for column in part.table.columns}
        series = f"n(i) AS (SELECT CAST({begin} AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < {end})"
        within = f"m(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM m WHERE k < {part.each})"
        columns = ", ".join(f'"{name}"' for name in values)
        chosen = f"SELECT {', '.join(values.values())} FROM n CROSS JOIN m ORDER BY n.i, m.k"
        return f"WITH RECURSIVE {series}, {within} INSERT INTO {part.table.name} ({columns}) {chosen}"

    def _plain(self, column: Any) -> str:
        """What stands in a column that nobody cares about: nothing, or what is like nothing."""
        kind = column.type
        if column.nullable or isinstance(kind, LargeBinary):
            return "NULL"
        if isinstance(kind, Moment):
            return self._ago("0")
        if isinstance(kind, Json):
            return "'{}'" if self._sqlite else "CAST('{}' AS jsonb)"
        if isinstance(kind, Money):
            return "'0'" if self._sqlite else "0"
        return "0" if isinstance(kind, (Flag, Integer, SmallInteger, BigInteger)) else "''"

    def _ago(self, seconds: str) -> str:
        """A time so many seconds ago, as the database keeps it; negative: still to come."""
        if self._sqlite:
            return f"strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now', (-({seconds})) || ' seconds')"
        return f"(now() - ({seconds}) * interval '1 second')"

    def _parts(self) -> list[Part]:
        """25 rows for each order, in an order that foreign keys bear."""
        at, done = self._ago(HAPPENED), self._ago(f"{HAPPENED} - m.k * 86400")
        mine = {"shop_id": SHOP, "order_id": "n.i"}
        parcel = {**mine, "id": "n.i", "ref": "'p1'", "tracking_number": "'PQ' || n.i", "dispatched_at": at, "delivered_at": done}
        told = {"id": "n.i * 4 + m.k", "shop_id": SHOP, "key": "'seed:' || n.i || ':' || m.k", "order_ref": REF, "inbound_id": "n.i * 3 + 1"}
        came = {"id": "n.i * 3 + m.k", "shop_id": SHOP, "platform": "'shopify'", "topic": "'orders/updated'", "order_ref": REF}
        stored = {"dedupe": "'seed:' || n.i || ':' || m.k", "source": "'webhook'", "state": "'done'", "received_at": at, "stored_at": at}
        tried = {"id": "n.i * 8 + m.k", "effect_id": "n.i * 5 + 1 + (m.k - 1) / 2", "fence": "1", "at": done, "detail": "'250 2.0.0 taken'"}
        return [
            Part(table(Customer), 1, {"id": "n.i", "shop_id": SHOP, "email": MAIL, "ref": REF, "locale": "'es'", "created_at": at}),
            Part(table(Order), 1, self._order(at)),
            Part(table(OrderLine), 2, {**mine, "id": "n.i * 2 + m.k", "ref": "'l' || m.k", "title": "'Botín Triana de piel'", "quantity": "1"}),
            Part(table(Parcel), 1, parcel),
            Part(table(EventRow), 4, {**told, "kind": _case(EVENTS), "at": at, "learned_at": at}),
            Part(table(Inbound), 3, {**came, **stored, "not_before": at, "done_at": at}),
            Part(table(Effect), 5, self._effect(at, done)),
            Part(table(Attempt), 8, {**tried, "outcome": "CASE WHEN m.k % 2 = 1 THEN 'sending' ELSE 'sent' END"}),
        ]

    def _order(self, at: str) -> dict[str, str]:
        who = {"email": MAIL, "customer_id": "n.i", "locale": "'es'", "timezone": "'Europe/Madrid'", "first_name": "'Ana'"}
        times = dict.fromkeys(("placed_at", "created_at", "updated_at", "paid_at", "seen_at"), at)
        return {"id": "n.i", "shop_id": SHOP, "ref": REF, "number": "'#S' || n.i", "currency": "'EUR'", "step": "'delivered'", **who, **times}

    def _effect(self, at: str, done: str) -> dict[str, str]:
        """Five mails for each order, all sent but for the last one of every twentieth order, which waits for its day."""
        waits, soon = "m.k = 5 AND n.i % 20 = 0", self._ago("-86400 - (n.i % 500000)")
        return {
            "id": "n.i * 5 + m.k",
            "shop_id": SHOP,
            "order_id": "n.i",
            "key": f"'seed:' || n.i || ':' || {_case(FOLLOWUPS)}",
            "kind": "'mail'",
            "followup": _case(FOLLOWUPS),
            "recipient": MAIL,
            "legal_basis": "CASE WHEN m.k > 3 THEN 'soft_optin' ELSE 'transactional' END",
            "state": f"CASE WHEN {waits} THEN 'planned' ELSE 'done' END",
            "at": at,
            "planned_at": at,
            "due_at": f"CASE WHEN {waits} THEN {soon} ELSE {done} END",
            "done_at": f"CASE WHEN {waits} THEN NULL ELSE {done} END",
            "fence": "1",
            "attempts": "1",
            "message_id": "'<seed-' || n.i || '-' || m.k || '@zapaterialola.example>'",
        }

    def _afterwards(self) -> None:
        """PostgreSQL counts its own ids, and would have looked at what is in the tables by itself after a minute."""
        if self._sqlite:
            with self._engine.connect() as connection:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        with self._engine.begin() as connection:
            for name in inspect(self._engine).get_table_names():
                if "id" in Base.metadata.tables.get(name, Base.metadata.tables["lease"]).columns:
                    highest = f"(SELECT coalesce(max(id), 0) + 1 FROM {name})"
                    connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {highest}, false)"))
            connection.execute(text("ANALYZE"))


def _case(words: tuple[str, ...]) -> str:
    """The k-th word."""
    return "(CASE m.k " + " ".join(f"WHEN {k} THEN '{word}'" for k, word in enumerate(words, 1)) + " END)"


def table(model: Any) -> Table:
    """Its table."""
    found: Table = model.__table__
    return found


def _unsafe(connection: Any, _record: Any) -> None:
    """While filling: whatever is lost is filled again."""
    for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
        connection.execute(f"PRAGMA {pragma}")
