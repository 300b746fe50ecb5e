"""The ledger of side effects: plan, claim, do, tell (promises.md 2).

Every write after a claim carries the claim's fence; a worker whose lease was taken over changes nothing any more (`Stale`). Leases and
retries run on the machine's clock, due times on the product's.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, TextClause, and_, func, not_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from postventa.clock import now, real_now
from postventa.models import Attempt, Effect, Inbound, Order, State, Suppression

BACKOFF = tuple(timedelta(seconds=s) for s in (10, 60, 300, 900, 3600, 3 * 3600, 8 * 3600, 24 * 3600))
"""Waits between tries, with full jitter; after the last one a person has to look (promises.md 1.12)."""


LONGEST = timedelta(hours=36)
"""No pause between tries (35 hours before a full mailbox) and no lease is longer."""

WORTH_KEEPING = ("moved:", "waits:", "quiet hours", "on hold", "repeated")
"""Reasons that staff still want to read when the mail has gone out later than expected."""


KINDS = ("mail", "alert", "label", "fetch")
AT_WORK = (State.CLAIMED, State.SENDING)
OPEN = (State.PLANNED, *AT_WORK, State.UNKNOWN)
"""States that a worker's word may still change. Whoever comes late with the truth about a doubt is heard; what is settled stays settled."""


class Stale(Exception):
    """Somebody else holds this effect now, or it is settled: stop, and touch nothing."""


@dataclass(frozen=True)
class Claim:
    """The right to work on one effect until the lease ends."""

    effect_id: int
    fence: int
    since: float = field(default_factory=time.monotonic, compare=False)
    """When it was taken, by `time.monotonic`: who slept since then for long has perhaps lost it."""


def plan(
    session: Session,
    *,
    key: str,
    shop_id: int,
    order_id: int | None,
    kind: str,
    followup: str,
    recipient: str,
    legal_basis: str,
    at: datetime,
    due_at: datetime,
    subject_ref: str = "",
    parcel_ref: str = "",
    data: Mapping[str, Any] | None = None,
    state: State = State.PLANNED,
    reason: str = "",
) -> Effect | None:
    """Write one effect down; None when its key exists already. A send without a legal basis is refused."""
    if not legal_basis:
        raise ValueError(f"{followup}: no legal basis, no message")
    values = {
        "key": key,
        "shop_id": shop_id,
        "order_id": order_id,
        "kind": kind,
        "followup": followup,
        "recipient": recipient,
        "legal_basis": legal_basis,
        "at": at,
        "due_at": due_at,
        "subject_ref": subject_ref,
        "parcel_ref": parcel_ref,
        "data": dict(data or {}),
        "state": state,
        "reason": reason,
        "planned_at": now(),
        "not_before": real_now(),
        "fence": 0,
        "attempts": 0,
        "message_id": "",
        "maybe_duplicate": False,
    }
    row_id = session.scalar(insert_once(session, Effect, values, ["key"]).returning(Effect.id))
    return session.get(Effect, row_id) if row_id is not None else None


def insert_once(session: Session, table: Any, values: Any, unique: Sequence[str], where: TextClause | None = None) -> Any:
    """`INSERT ... ON CONFLICT DO NOTHING` in the session's dialect. `where`: the condition of a partial unique index."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table).values(values).on_conflict_do_nothing(index_elements=list(unique), index_where=where)


def due(session: Session, limit: int, *, urgent: bool | None = None) -> list[Effect]:
    """Planned effects whose time has come: every shop's oldest, then every shop's second, and so on, so that no shop waits for another's flood.

    `urgent`: only transactional mails, or only the rest.
    """
    ready = [Effect.state == State.PLANNED, Effect.due_at <= now(), Effect.not_before <= real_now()]
    if urgent is not None:
        is_urgent = and_(Effect.kind == "mail", Effect.legal_basis == "transactional")
        ready.append(is_urgent if urgent else not_(is_urgent))
    turn = func.row_number().over(partition_by=Effect.shop_id, order_by=(Effect.due_at, Effect.id))
    ranked = select(Effect.id, turn.label("turn")).where(*ready).subquery()
    query = select(Effect).join(ranked, ranked.c.id == Effect.id).order_by(ranked.c.turn, Effect.due_at, Effect.id).limit(limit)
    return list(session.scalars(query))


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


def done(session: Session, held: Claim, worker: str, detail: str) -> None:
    """The other side said yes. A reason that explains when it went out stays."""
    reason = session.scalar(select(Effect.reason).where(Effect.id == held.effect_id)) or ""
    told = reason if reason.startswith(WORTH_KEEPING) else ""
    _write(session, held, state=State.DONE, done_at=now(), lease_until=None, reason=told)
    _note(session, held, "sent", detail, worker)


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
) -> State:
    """It failed without having happened: planned again after a while, or at its `end` when it failed more than `most` times.

    `kind`: failures of different kinds are counted apart, each against its own `most`.
    """
    effect = session.get_one(Effect, held.effect_id, populate_existing=True)
    failures = int(effect.data.get(kind, 0)) + 1  # type: ignore[call-overload]
    _note(session, held, "retry", detail, worker)
    if failures > most:
        _write(session, held, state=end, done_at=now(), lease_until=None, reason=f"failed {failures} times: {detail}")
        return end
    pause = max(backoff(failures), timedelta(seconds=retry_after or 0))
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
    return effect.kind in ("mail", "alert") and effect.legal_basis in ("transactional", "legal_duty", "operational") and not effect.maybe_duplicate


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


def bring_back(session: Session) -> None:
    """What waits for longer than any rule lets it was written while the machine's clock was wrong: it waits no more."""
    latest = real_now() + LONGEST
    for table in (Effect, Inbound):
        waiting = table.not_before > latest
        session.execute(update(table).where(waiting).values(not_before=real_now()).execution_options(synchronize_session=False))
    held = Effect.lease_until > latest
    session.execute(update(Effect).where(held).values(lease_until=real_now()).execution_options(synchronize_session=False))


def _mend_one(session: Session, effect: Effect, resend_after: float, instant: datetime) -> bool:
    """True when the effect may be claimed again."""
    held = Claim(effect.id, effect.fence)
    if effect.state == State.CLAIMED:
        _write(session, held, state=State.PLANNED, lease_until=None, fence=Effect.fence + 1, not_before=instant, reason="")
        return True
    if effect.kind == "label":
        look_first(session, held, "mend", "the worker died while the carrier was asked")
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
    session.add(Attempt(effect_id=held.effect_id, fence=held.fence, at=real_now(), outcome=outcome, detail=detail[:500], worker=worker))
