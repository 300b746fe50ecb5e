"""The ledger of side effects: plan, claim, do, tell (promises.md 2).

Every write after a claim carries the claim's fence; a worker whose lease was taken over changes nothing any more (`Stale`). Leases and
retries run on the machine's clock, due times on the product's.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Required, TypedDict, Unpack

from sqlalchemy import CTE, BindParameter, ColumnElement, Integer, Select, TextClause, and_, bindparam, case, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from postventa.clock import now, real_now
from postventa.models import Attempt, Effect, Inbound, Order, State, Suppression, fresh
from postventa.models.many import execute_many
from postventa.models.types import word
from postventa.value import value

BACKOFF = tuple(timedelta(seconds=s) for s in (10, 60, 300, 900, 3600, 3 * 3600, 8 * 3600, 24 * 3600))
"""Waits between tries, with full jitter; after the last one a person has to look (promises.md 1.12)."""


LONGEST = timedelta(hours=36)
"""No pause between tries (35 hours before a full mailbox) and no lease is longer."""

WORTH_KEEPING = ("moved:", "waits:", "quiet hours", "on hold", "repeated")
"""Reasons that staff still want to read when the mail has gone out later than expected."""


KINDS = ("mail", "alert", "receipt", "label", "pickup", "fetch", "write")
LOOKED_FOR = {"label": "the carrier", "pickup": "the carrier", "write": "the shop"}
"""Kinds whose doubt is ended by looking, and where."""
AT_WORK = (State.CLAIMED, State.SENDING)
OPEN = (State.PLANNED, *AT_WORK, State.UNKNOWN)
"""States that a worker's word may still change. Whoever comes late with the truth about a doubt is heard; what is settled stays settled."""


class Stale(Exception):
    """Somebody else holds this effect now, or it is settled: stop, and touch nothing."""


@value
class Claim:
    """The right to work on one effect until the lease ends."""

    effect_id: int
    fence: int
    since: float = field(default_factory=time.monotonic, compare=False)
    """When it was taken, by `time.monotonic`: who slept since then for long has perhaps lost it."""
    order_id: int | None = field(default=None, compare=False)
    """Which order it is about, as far as whoever took it was told."""


@value
class Beginning:
    """A claimed mail that is about to be handed over. `revision`: its order's, when it was judged."""

    held: Claim
    order_id: int
    revision: int
    message_id: str


class Plan(TypedDict, total=False):
    """What a new effect says of itself."""

    key: Required[str]
    shop_id: Required[int]
    order_id: Required[int | None]
    kind: Required[str]
    followup: Required[str]
    recipient: Required[str]
    legal_basis: Required[str]
    at: Required[datetime]
    due_at: Required[datetime]
    subject_ref: str
    parcel_ref: str
    data: dict[str, Any]
    state: State
    reason: str


def new(**told: Unpack[Plan]) -> Effect:
    """An effect that is not written yet; for whoever holds its order's lock and knows that its key is free. None goes without a legal basis."""
    return fresh(Effect, **_values(told))


def plan(session: Session, **told: Unpack[Plan]) -> Effect | None:
    """Write one effect down; None when its key exists already. A send without a legal basis is refused."""
    row_id = session.scalar(insert_once(session, Effect, _values(told), ["key"]).returning(Effect.id))
    return session.get(Effect, row_id) if row_id is not None else None


def _values(told: Plan) -> dict[str, Any]:
    if not told["legal_basis"]:
        raise ValueError(f"{told['followup']}: no legal basis, no message")
    return {**told, "data": dict(told.get("data", {})), "planned_at": now(), "not_before": real_now()}


def insert_once(session: Session, table: Any, values: Any, unique: Sequence[str], where: TextClause | None = None) -> Any:
    """`INSERT ... ON CONFLICT DO NOTHING` in the session's dialect. `where`: the condition of a partial unique index."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table).values(values).on_conflict_do_nothing(index_elements=list(unique), index_where=where)


def _of_urgency(effect: Any, urgent: bool | None) -> tuple[ColumnElement[bool], ...]:
    """Mails that somebody waits for, or everything else: each has a queue, and an index in these very words, of its own."""
    if urgent is None:
        return ()
    if urgent:
        return effect.kind == word("mail"), effect.legal_basis == word("transactional")
    return (or_(effect.kind != word("mail"), effect.legal_basis != word("transactional")),)


def due(session: Session, limit: int, *, urgent: bool | None = None) -> list[Effect]:
    """Planned effects whose time has come: every shop's oldest, then every shop's second, and so on, so that no shop waits for another's flood.

    `urgent`: only transactional mails, or only the rest.
    """
    turns = _in_turn(limit, urgent).subquery()
    query = select(turns.c.id).order_by(turns.c.turn, turns.c.due_at, turns.c.id).limit(limit)
    ids = session.scalars(query, {"now": now(), "instant": real_now()}).all()
    if not ids:
        return []
    # Joined to those ids in one statement, SQLite would rather go through the whole ledger and look whether each is among them.
    found = {effect.id: effect for effect in session.scalars(select(Effect).where(Effect.id.in_(ids)))}
    return [found[effect_id] for effect_id in ids if effect_id in found]


_READY = (
    Effect.state == word(State.PLANNED),
    Effect.due_at <= bindparam("now", type_=Effect.due_at.type),
    Effect.not_before <= bindparam("instant", type_=Effect.not_before.type),
)


def _in_turn(limit: int | BindParameter[int], urgent: bool | None) -> Select[Any]:
    """(effect, its place among its shop's, when it is due): of each shop the first `limit` only, so that the length of a backlog costs nothing."""
    which = _of_urgency(Effect, urgent)
    shops = _shops_with_work(urgent)
    first = select(Effect.id).where(Effect.shop_id == shops.c.id, *_READY, *which).order_by(Effect.due_at, Effect.id).limit(limit).correlate(shops)
    turn = func.row_number().over(partition_by=Effect.shop_id, order_by=(Effect.due_at, Effect.id))
    return select(Effect.id, turn.label("turn"), Effect.due_at).select_from(shops).join(Effect, Effect.id.in_(first.scalar_subquery()))


def _shops_with_work(urgent: bool | None) -> CTE:
    """Shops with something planned, each by one look into the index (https://wiki.postgresql.org/wiki/Loose_indexscan): others cost nothing."""

    def planned(table: Any) -> tuple[ColumnElement[bool], ...]:
        return table.state == word(State.PLANNED), *_of_urgency(table, urgent)

    shops = select(func.min(Effect.shop_id).label("id")).where(*planned(Effect)).cte("shops", recursive=True)
    another = aliased(Effect)
    following = select(func.min(another.shop_id)).where(*planned(another), another.shop_id > shops.c.id)
    return shops.union_all(select(following.correlate(shops).scalar_subquery()).where(shops.c.id.is_not(None)))


@cache
def _claim_due(dialect: str) -> Any:
    """One statement for any number of mails: how many are taken changes with the mail server's pace, and making it takes a while."""
    limit, looked_at = bindparam("most", type_=Integer()), bindparam("looked_at", type_=Integer())
    turns = _in_turn(looked_at, urgent=True).subquery()
    chosen = select(turns.c.id).order_by(turns.c.turn, turns.c.due_at, turns.c.id).limit(limit)
    if dialect == "postgresql":  # what another worker is just taking is passed over; that is why more are looked at
        chosen = select(Effect.id).join(turns, turns.c.id == Effect.id).where(Effect.state == word(State.PLANNED))
        chosen = chosen.order_by(turns.c.turn, turns.c.due_at, turns.c.id).limit(limit)
        chosen = chosen.with_for_update(skip_locked=True, of=Effect)
    lease = {"lease_until": bindparam("lease", type_=Effect.lease_until.type), "owner": bindparam("by")}
    claimed = update(Effect).where(Effect.id.in_(chosen.scalar_subquery())).values(state=State.CLAIMED, fence=Effect.fence + 1, **lease)
    return claimed.returning(Effect.id, Effect.fence, Effect.order_id).execution_options(synchronize_session=False)


def claim_due(session: Session, limit: int, lease: float, owner: str) -> list[Claim]:
    """Take up to `limit` transactional mails whose time has come, all shops in turn, for `lease` seconds."""
    instant = real_now()
    dialect = session.get_bind().dialect.name
    which = {"now": now(), "instant": instant, "lease": instant + timedelta(seconds=lease), "by": owner}
    which |= {"most": limit, "looked_at": limit * 4 if dialect == "postgresql" else limit}
    taken = session.connection().execute(_claim_due(dialect), which)
    return [Claim(effect_id, fence, order_id=order_id) for effect_id, fence, order_id in sorted(taken)]


def locked_order(session: Session, effect_id: int) -> Order:
    """The effect's order, locked before the effect itself: whoever plans takes them in that order too, so that nobody waits in a circle.

    Raises `NoResultFound` for an effect that is about no order.
    """
    return session.scalars(_order_of(effect_id)).one()


def locked_order_if_any(session: Session, effect_id: int) -> Order | None:
    """The same for effects that may be about the shop as a whole."""
    return session.scalars(_order_of(effect_id)).one_or_none()


def _order_of(effect_id: int) -> Select[Order]:
    of_effect = select(Effect.order_id).where(Effect.id == effect_id).scalar_subquery()
    return select(Order).where(Order.id == of_effect).with_for_update()


def claim(session: Session, effect_id: int, lease: float, owner: str = "", kinds: Collection[str] = KINDS) -> Claim | None:
    """Take an effect for `lease` seconds; None when it is not due, done, in somebody else's hands, or of another kind than `kinds`."""
    instant = real_now()
    mine = (
        update(Effect)
        .where(
            Effect.id == effect_id,
            Effect.kind.in_(kinds),
            or_(
                and_(Effect.state == State.PLANNED, Effect.due_at <= now(), Effect.not_before <= instant),
                and_(Effect.state == State.CLAIMED, Effect.lease_until < instant),
            ),
        )
        .values(state=State.CLAIMED, fence=Effect.fence + 1, lease_until=instant + timedelta(seconds=lease), owner=owner)
        .returning(Effect.fence)
    )
    fence = session.scalar(mine)
    return None if fence is None else Claim(effect_id, fence)


def hold_on(session: Session, held: Claim, lease: float) -> None:
    """Lengthen the lease (heartbeat). One that comes late, when the work is done, is `Stale` and changes nothing."""
    _write(session, held, only=AT_WORK, lease_until=real_now() + timedelta(seconds=lease))


def begin(session: Session, held: Claim, worker: str, message_id: str) -> None:
    """Commit this before the irreversible call: from now on a crash leaves a doubt, not a repetition."""
    _write(session, held, only=(State.CLAIMED,), state=State.SENDING, attempts=Effect.attempts + 1, message_id=message_id)
    _note(session, held, "sending", "", worker)


_REVISIONS = select(Order.id, Order.revision).where(Order.id.in_(bindparam("ids", expanding=True))).order_by(Order.id).with_for_update()
_FENCES = select(Effect.id, Effect.fence, Effect.state).where(Effect.id.in_(bindparam("ids", expanding=True))).order_by(Effect.id).with_for_update()
_ATTEMPTS = insert(Attempt)
_BEGUN = (
    update(Effect)
    .where(Effect.id == bindparam("row"))
    .values(state=State.SENDING, attempts=Effect.attempts + 1, message_id=bindparam("as_message"))
    .execution_options(synchronize_session=False)
)
_DONE = (
    update(Effect)
    .where(Effect.id == bindparam("row"))
    .values(
        state=State.DONE,
        done_at=bindparam("as_of", type_=Effect.done_at.type),
        lease_until=None,
        reason=case((or_(*(Effect.reason.startswith(word) for word in WORTH_KEEPING)), Effect.reason), else_=""),
    )
    .execution_options(synchronize_session=False)
)


def begin_all(session: Session, wanted: Sequence[Beginning], worker: str) -> set[int]:
    """`begin` for several at once, if they are still ours and their orders still stand as they were judged; the ids of those that are `sending` now.

    One whose order has changed meanwhile is planned again, and judged anew.
    """
    revisions = dict(session.execute(_REVISIONS, {"ids": [one.order_id for one in wanted]}).all())
    ours = _ours(session, [one.held for one in wanted], (State.CLAIMED,))
    good = [one for one in wanted if one.held.effect_id in ours and revisions.get(one.order_id) == one.revision]
    changed = [one.held for one in wanted if one.held.effect_id in ours and revisions.get(one.order_id) != one.revision]
    if good:
        execute_many(session.connection(), _BEGUN, [{"row": one.held.effect_id, "as_message": one.message_id} for one in good])
        _note_all(session, [one.held for one in good], "sending", "", worker)
    for held in changed:
        _write(session, held, only=(State.CLAIMED,), state=State.PLANNED, lease_until=None, not_before=real_now())
    return {one.held.effect_id for one in good}


def done_all(session: Session, answers: Mapping[Claim, str], worker: str) -> set[int]:
    """`done` for several at once; the ids of those that were still ours."""
    ours = _ours(session, list(answers), OPEN)
    mine = {held: answer for held, answer in answers.items() if held.effect_id in ours}
    if mine:
        execute_many(session.connection(), _DONE, [{"row": held.effect_id, "as_of": now()} for held in mine])
        execute_many(session.connection(), _ATTEMPTS, [_attempt(held, "sent", answer, worker) for held, answer in mine.items()])
    return {held.effect_id for held in mine}


def put_back(session: Session, claims: Sequence[Claim], worker: str, why: str) -> None:
    """Planned again: nothing was said about these to anybody, and somebody else may do them sooner."""
    states = {row.id: row.state for row in session.execute(_FENCES, {"ids": [held.effect_id for held in claims]})}
    for held in claims:
        with suppress(Stale):
            _write(session, held, only=AT_WORK, state=State.PLANNED, lease_until=None, not_before=real_now())
            if states.get(held.effect_id) == State.SENDING:
                _note(session, held, "retry", why, worker)


def _ours(session: Session, claims: Sequence[Claim], only: Collection[State]) -> set[int]:
    """Which of them are still ours; locked, so that it stays so until the end of the transaction."""
    rows = session.execute(_FENCES, {"ids": [held.effect_id for held in claims]})
    standing = {effect_id: (fence, state) for effect_id, fence, state in rows}
    return {held.effect_id for held in claims if (known := standing.get(held.effect_id)) and known[0] == held.fence and known[1] in only}


def _note_all(session: Session, claims: Sequence[Claim], outcome: str, detail: str, worker: str) -> None:
    execute_many(session.connection(), _ATTEMPTS, [_attempt(held, outcome, detail, worker) for held in claims])


def _attempt(held: Claim, outcome: str, detail: str, worker: str) -> dict[str, Any]:
    return {"effect_id": held.effect_id, "fence": held.fence, "at": real_now(), "outcome": outcome, "detail": detail[:500], "worker": worker}


def done(session: Session, held: Claim, worker: str, detail: str) -> None:
    """The other side said yes. A reason that explains when it went out stays."""
    if not done_all(session, {held: detail}, worker):
        raise Stale(f"effect {held.effect_id}")


def wait(session: Session, held: Claim, until: datetime, reason: str) -> None:
    """Not now: the rules say later."""
    _write(session, held, state=State.PLANNED, due_at=until, lease_until=None, reason=reason)


def rest(session: Session, held: Claim, until: datetime, reason: str) -> None:
    """Not now: whom we need for it is in trouble until then, by the machine's clock. No try is lost."""
    _write(session, held, state=State.PLANNED, not_before=until, lease_until=None, reason=reason)


def drop(session: Session, held: Claim, state: State, reason: str, *, undo: bool = False) -> None:
    """Not at all: the rules say no. `undo`: later facts may call for it again."""
    values: dict[str, Any] = {"data": {"skipped": True}} if undo else {}
    _write(session, held, state=state, done_at=now(), lease_until=None, reason=reason, **values)


def refused(session: Session, held: Claim, worker: str, state: State, reason: str) -> None:
    """The other side said no, for good."""
    drop(session, held, state, reason)
    _note(session, held, "refused", reason, worker)


def retry(
    session: Session,
    held: Claim,
    worker: str,
    detail: str,
    retry_after: float | None = None,
    *,
    most: int = len(BACKOFF),
    kind: str = "failures",
    end: State = State.DEAD,
    longest: timedelta = LONGEST,
) -> State:
    """It failed without having happened: planned again after a while, or at its `end` when it failed more than `most` times.

    `kind`: failures of different kinds are counted apart, each against its own `most`. `longest`: no pause is longer.
    """
    effect = session.get_one(Effect, held.effect_id, populate_existing=True)
    failures = int(effect.data.get(kind, 0)) + 1  # type: ignore[call-overload]
    _note(session, held, "retry", detail, worker)
    if failures > most:
        _write(session, held, state=end, done_at=now(), lease_until=None, reason=f"failed {failures} times: {detail}")
        return end
    pause = min(max(backoff(failures), timedelta(seconds=retry_after or 0)), longest)
    data = {**effect.data, kind: failures}
    _write(session, held, state=State.PLANNED, lease_until=None, not_before=real_now() + pause, reason=f"will be tried again: {detail}", data=data)
    return State.PLANNED


def backoff(failures: int) -> timedelta:
    """The wait after that many failures: a random part (at least half) of the schedule's step."""
    step = BACKOFF[min(failures, len(BACKOFF)) - 1]
    return step * random.uniform(0.5, 1.0)  # noqa: S311  (spreads load, guards nothing)


def doubt(session: Session, held: Claim, worker: str, detail: str, resend_after: float) -> None:
    """It may have happened. Transactional mail is repeated once after `resend_after` seconds; anything else never."""
    effect = session.get_one(Effect, held.effect_id, populate_existing=True)
    once_more = repeatable(effect)
    reason = f"in doubt: {detail}" + ("; goes out once more with the same Message-ID" if once_more else "; not repeated, please look")
    until = real_now() + timedelta(seconds=resend_after)
    _write(session, held, state=State.UNKNOWN, lease_until=until if once_more else None, done_at=None if once_more else now(), reason=reason)
    _note(session, held, "in_doubt", detail, worker)


def look_first(session: Session, held: Claim, worker: str, detail: str, pause: float = 0.0) -> None:
    """It may have happened, and the other side can be asked: due again after `pause` seconds, for whoever looks before doing (`doubted`)."""
    effect = session.get_one(Effect, held.effect_id, populate_existing=True)
    data = {**effect.data, "doubt": real_now().isoformat()}
    again = real_now() + timedelta(seconds=pause)
    _write(session, held, state=State.PLANNED, lease_until=None, not_before=again, reason=f"in doubt: {detail}; looks first", data=data)
    _note(session, held, "in_doubt", detail, worker)


def doubted(effect: Effect) -> datetime | None:
    """Since when nobody knows whether it happened already."""
    since = effect.data.get("doubt")
    return datetime.fromisoformat(str(since)) if since else None


def repeatable(effect: Effect) -> bool:
    """Whether a doubt about it ends with one more try (promises.md 2.1)."""
    owed = effect.legal_basis in ("transactional", "legal_duty", "operational")
    return effect.kind in ("mail", "alert", "receipt") and owed and not effect.maybe_duplicate


def mend(session: Session, resend_after: float, owner_lives: Callable[[str], bool], limit: int = 200) -> list[int]:
    """Repair what a dead worker left: claims, sendings without an answer, doubts whose time has come. Returns ids that are due again.

    `owner_lives` tells of an owner whether it may still be at work; what belongs to a dead one is taken before its lease ends.
    """
    instant = real_now()
    waiting = (Effect.lease_until.is_not(None), Effect.state.in_((*AT_WORK, State.UNKNOWN)))
    held = select(Effect).where(*waiting).order_by(Effect.lease_until).limit(limit)
    again = []
    for effect in session.scalars(held.with_for_update(skip_locked=True)):
        over = effect.lease_until is not None and effect.lease_until < instant
        orphaned = effect.state in AT_WORK and not owner_lives(effect.owner)
        if (over or orphaned) and _mend_one(session, effect, resend_after, instant):
            again.append(effect.id)
    return again


def astray(session: Session) -> bool:
    """Whether anything waits for longer than any rule lets it: that was written while the machine's clock was wrong."""
    return any(session.scalar(select(table.id).where(*conditions).limit(1)) is not None for table, _, conditions in _astray())


def bring_back(session: Session) -> None:
    """It waits no more."""
    for table, column, conditions in _astray():
        session.execute(update(table).where(*conditions).values({column: real_now()}).execution_options(synchronize_session=False))


def _astray() -> Iterator[tuple[Any, str, tuple[ColumnElement[bool], ...]]]:
    latest = real_now() + LONGEST
    yield Effect, "not_before", (Effect.state == word(State.PLANNED), Effect.not_before > latest)
    yield Inbound, "not_before", (Inbound.state == word("new"), Inbound.not_before > latest)
    yield Effect, "lease_until", (Effect.lease_until > latest,)


def _mend_one(session: Session, effect: Effect, resend_after: float, instant: datetime) -> bool:
    """True when the effect may be claimed again."""
    held = Claim(effect.id, effect.fence)
    if effect.state == State.CLAIMED:
        _write(session, held, state=State.PLANNED, lease_until=None, fence=Effect.fence + 1, not_before=instant, reason="")
        return True
    if effect.kind in LOOKED_FOR:
        look_first(session, held, "mend", f"the worker died while {LOOKED_FOR[effect.kind]} was asked")
        return True
    if effect.state == State.SENDING:
        began = session.scalar(select(func.max(Attempt.at)).where(Attempt.effect_id == effect.id, Attempt.outcome == "sending")) or instant
        doubt(session, held, "mend", "the worker died while sending", resend_after - (instant - began).total_seconds())
        return False
    _note(session, held, "resumed", "", "mend")
    _write(session, held, state=State.PLANNED, lease_until=None, maybe_duplicate=True, not_before=instant, reason="repeated after a doubt")
    return True


def suppress_address(session: Session, shop_id: int, email: str, category: str, reason: str) -> int | None:
    """This address gets no more of that kind (`marketing`, `reviews` or `all`). The new row's id; None if that was so already."""
    values = {"shop_id": shop_id, "email": email.lower(), "category": category, "reason": reason, "at": now()}
    new: int | None = session.scalar(insert_once(session, Suppression, values, ["shop_id", "email", "category"]).returning(Suppression.id))
    return new


def message_id(key: str, domain: str) -> str:
    """The same for every try of one effect, so that a repetition is seen as one message."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _write(session: Session, held: Claim, only: Sequence[State] = OPEN, **values: Any) -> None:
    query = update(Effect).where(Effect.id == held.effect_id, Effect.fence == held.fence, Effect.state.in_(only))
    result = session.execute(query.values(**values).returning(Effect.id).execution_options(synchronize_session=False))
    if result.first() is None:
        raise Stale(f"effect {held.effect_id}: fence {held.fence} is no longer valid")


def _note(session: Session, held: Claim, outcome: str, detail: str, worker: str) -> None:
    session.add(Attempt(**_attempt(held, outcome, detail, worker)))
