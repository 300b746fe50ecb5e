"""What would happen if stored deliveries were read (again) now: it is done in earnest, looked at, and rolled back.

Deliveries of one order are read one after the other in one transaction, so that each finds what those before it would leave. Nothing is written and
nobody is woken; a running service waits for some milliseconds at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connectors.carriers import TELLERS
from connectors.shops import SHOPS
from connectors.shops.base import Reading
from jobs.hear_carriers import learn_of, meant
from jobs.process_inbound import absorb, context_of, outcome
from jobs.world import World
from postventa import failpoints, redact
from postventa.clock import now
from postventa.dossier import load_one
from postventa.events import PrivacyRequested
from postventa.followups.guards import Drop, Wait, judge
from postventa.followups.load import view
from postventa.models import Effect, Inbound, Order, OrderLine, Parcel, ReturnCase, Shop, State
from postventa.models.db import reading
from postventa.shops import ConnectedShop, find

TOGETHER = 20
"""Deliveries that are played in one transaction at most."""
SOON = timedelta(seconds=5)
"""What is due within these counts as due now."""
_OURS = frozenset({"id", "order_id", "shop_id", "customer_id", "revision", "seen_at"})
"""Columns whose change says nothing to anybody."""


@dataclass
class Rehearsal:
    """What became of one delivery. `would`: the state that it would end in; `events` and `changes` in the order in which they come."""

    id: int
    shop: str = ""
    order: str = ""
    would: str = ""
    reason: str = ""
    error: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    effects: list[dict[str, Any]] = field(default_factory=list)


def rehearse(world: World, numbers: Sequence[int]) -> Iterator[Rehearsal]:
    """One rehearsal for each delivery that is there, those of one order together."""
    groups: dict[tuple[int, str], list[int]] = {}
    for number, shop_id, ref in _orders(world, numbers):
        groups.setdefault((shop_id, ref or f"#{number}"), []).append(number)
    for group in groups.values():
        for start in range(0, len(group), TOGETHER):
            yield from _played(world, group[start : start + TOGETHER])


def _orders(world: World, numbers: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """(delivery, shop, order): from the row, or from a first look into the body of one that was never read."""
    for number in numbers:
        with reading(world.engine) as session:
            row = session.get(Inbound, number)
            if row is None:
                continue
            ref = row.order_ref
            if not ref and row.body is not None:
                try:
                    ref = _order_of(_read(session, world, row))
                except Exception:  # noqa: BLE001  (told when it is played)
                    ref = ""
        yield number, row.shop_id, ref


def _played(world: World, numbers: Sequence[int]) -> list[Rehearsal]:
    with Session(world.engine, expire_on_commit=False) as session:
        try:
            return [_one(session, world, number) for number in numbers]
        finally:
            session.rollback()


def _one(session: Session, world: World, number: int) -> Rehearsal:
    found = Rehearsal(number)
    row = session.get_one(Inbound, number)
    found.shop, found.order = session.get_one(Shop, row.shop_id).name, row.order_ref
    if row.body is None:
        found.would, found.error = row.state, "its body was forgotten: there is nothing to read"
        return found
    try:
        with session.begin_nested():
            _read_and_compare(session, world, row, found)
    except OperationalError:
        raise  # the database is busy or away: that says nothing about the delivery
    except Exception as error:  # noqa: BLE001  (this is what the rehearsal is for: it tells why)
        permanent = bool(getattr(error, "permanent", False))
        found.would, found.error = "poison" if permanent else "dead", f"still fails: {type(error).__name__}: {error}"
        found.changes, found.effects = [], []
    return found


def _read_and_compare(session: Session, world: World, row: Inbound, found: Rehearsal) -> None:
    shop = find(session, row.shop_id, world.settings, world.secret)
    if row.platform in TELLERS:
        _hear(session, world, shop, row, found)
        return
    read = _read(session, world, row)
    found.order = _order_of(read) or found.order
    found.events = [{"event": event.kind, "order": event.order_ref, "at": event.at.isoformat()} for event in read.events]
    refs = sorted({event.order_ref for event in read.events if event.order_ref})
    before, effects = _rows(session, shop.id, refs), _effects(session, shop.id, refs)
    _, news = absorb(session, world, shop, read, row.id, imported=row.source == "import")
    session.flush()
    session.expire_all()
    found.would, found.reason = outcome(read, news)
    if any(isinstance(event, PrivacyRequested) for event in read.events):
        found.reason = "a request about personal data: reading it would carry it out"
    found.changes = list(_changes(before, _rows(session, shop.id, refs)))
    found.effects = [_told(session, world, effect, effects.get(effect.id)) for effect in _all_effects(session, shop.id, refs)]


def _hear(session: Session, world: World, shop: ConnectedShop, row: Inbound, found: Rehearsal) -> None:
    """What a carrier told by itself: its scans stand in for events."""
    told = TELLERS[row.platform].told(row.body or b"")
    parcels = [] if told.ignored else meant(session, shop, row.platform, told.number)
    refs = sorted({parcel.order_ref for parcel in parcels})
    before, effects = _rows(session, shop.id, refs), _effects(session, shop.id, refs)
    learn_of(session, world, shop, parcels, told)
    session.flush()
    session.expire_all()
    found.order, found.would, found.reason = next(iter(refs), found.order), "done" if parcels else "ignored", told.ignored if not parcels else ""
    found.events = [{"event": f"{scan.status}: {scan.means}", "order": ref, "at": scan.at.isoformat()} for ref in refs for scan in told.scans]
    found.changes = list(_changes(before, _rows(session, shop.id, refs)))
    found.effects = [_told(session, world, effect, effects.get(effect.id)) for effect in _all_effects(session, shop.id, refs)]


def _read(session: Session, world: World, row: Inbound) -> Reading:
    shop = find(session, row.shop_id, world.settings, world.secret)
    failpoints.hit("read.body", row.body or b"")
    return SHOPS[shop.platform].normalise(row.topic, row.body or b"", context_of(shop, row.received_at))


def _order_of(read: Reading) -> str:
    return next((event.order_ref for event in read.events if event.order_ref), "")


def _ids(session: Session, shop_id: int, refs: Sequence[str]) -> list[int]:
    return list(session.scalars(select(Order.id).where(Order.shop_id == shop_id, Order.ref.in_(refs))))


def _rows(session: Session, shop_id: int, refs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Everything that is known of the orders, by row and column."""
    ids = _ids(session, shop_id, refs)
    known: dict[str, dict[str, Any]] = {}
    rows: list[Order | OrderLine | Parcel | ReturnCase] = [*session.scalars(select(Order).where(Order.id.in_(ids)).order_by(Order.id))]
    for part in (OrderLine, Parcel, ReturnCase):
        rows += session.scalars(select(part).where(part.order_id.in_(ids)).order_by(part.id))
    for row in rows:
        named = f"{row.__tablename__.rstrip('s').replace('_', ' ')} {row.ref}"
        known[named] = {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs if column.key not in _OURS}
    return known


def _changes(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for named, columns in after.items():
        known = before.get(named)
        for column, value in columns.items():
            old = known[column] if known is not None else None
            if value != old and (known is not None or value not in (None, "", 0, [], {}, False)):
                yield {"what": named, "field": column, "before": _shown(column, old), "after": _shown(column, value)}


def _shown(column: str, value: Any) -> Any:
    if value is None or value == "" or isinstance(value, bool):
        return value
    if redact.is_about_a_person(column) and not column.endswith("_at"):
        return redact.HIDDEN
    return value if isinstance(value, str | int) else value.isoformat() if hasattr(value, "isoformat") else str(value)


def _effects(session: Session, shop_id: int, refs: Sequence[str]) -> dict[int, tuple[Any, ...]]:
    return {effect.id: _seen(effect) for effect in _all_effects(session, shop_id, refs)}


def _all_effects(session: Session, shop_id: int, refs: Sequence[str]) -> Iterable[Effect]:
    return session.scalars(select(Effect).where(Effect.order_id.in_(_ids(session, shop_id, refs))).order_by(Effect.due_at, Effect.id)).all()


def _seen(effect: Effect) -> tuple[Any, ...]:
    return effect.state, effect.due_at, effect.reason, effect.recipient


def _told(session: Session, world: World, effect: Effect, before: tuple[Any, ...] | None) -> dict[str, Any]:
    """One mail or label, and what the reading would mean for it."""
    said = {"followup": effect.followup, "kind": effect.kind, "subject": effect.subject_ref, "recipient": redact.address(effect.recipient)}
    known = {"id": effect.id} if before is not None else {}
    changed = "new" if before is None else "changed" if before != _seen(effect) else ""
    return {**known, **said, "change": changed, **_fate(session, world, effect)}


def _fate(session: Session, world: World, effect: Effect) -> dict[str, Any]:
    """What would become of it, in one word and a reason."""
    if effect.state == State.DONE:
        return {"would": "nothing", "reason": f"it went out on {effect.done_at:%Y-%m-%d %H:%M} UTC and does not go out again"}
    if effect.state != State.PLANNED:
        return {"would": "nothing", "reason": f"{effect.state}: {effect.reason}"}
    due = {"due_at": effect.due_at.isoformat()}
    if effect.due_at > now() + SOON + timedelta(seconds=world.settings.journey.settle):
        return {"would": "wait", "reason": effect.reason or "it is due later", **due}
    if effect.kind != "mail" or effect.order_id is None:
        return {"would": "make" if effect.kind == "label" else "send", "reason": effect.reason, **due}
    shop = find(session, effect.shop_id, world.settings, world.secret)
    dossier = load_one(session, session.get_one(Order, effect.order_id), recipients=True)
    verdict = judge(session, effect, dossier, view(dossier, shop.settings), shop, world.settings.journey)
    if isinstance(verdict, Drop):
        return {"would": "nothing", "reason": f"{verdict.state}: {verdict.reason}", **due}
    if isinstance(verdict, Wait):
        return {"would": "wait", "reason": verdict.reason, "due_at": verdict.until.isoformat()}
    return {"would": "send", "reason": effect.reason, **due}
