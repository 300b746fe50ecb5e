"""Codes as rows: made, tried, over. A try is counted before anything is compared, so that no race gives one more than there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from postventa.models import OneTimeCode
from postventa.step_up import codes
from postventa.step_up.scope import Purpose, Scope

LIVES = timedelta(minutes=10)
TRIES = 5
"""Of all browsers together; then the code is burnt (promises.md 4.1, S7)."""
KEPT = timedelta(days=1)
"""How long rows stand that nobody needs any more."""


class Standing(StrEnum):
    """Where the newest code of a scope is."""

    NONE = "none"
    OPEN = "open"
    BURNT = "burnt"
    EXPIRED = "expired"
    USED = "used"


class Answer(StrEnum):
    """What came of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"
    """There was no code that could be tried."""


@dataclass(frozen=True)
class Tried:
    """`left`: how many tries there are still."""

    answer: Answer
    left: int = 0


@dataclass(frozen=True)
class Mailed:
    """A code, and what it is for."""

    code: str
    purpose: Purpose


def add(session: Session, scope: Scope, effect_id: int, salt: str, now: datetime) -> OneTimeCode:
    """A new code; from now on those before it are good for nothing."""
    row = OneTimeCode(
        shop_id=scope.shop_id,
        order_id=scope.order_id,
        effect_id=effect_id,
        purpose=scope.purpose,
        salt=salt,
        tries=0,
        created_at=now,
        expires_at=now + LIVES,
    )
    session.add(row)
    return row


def newest(session: Session, scope: Scope) -> OneTimeCode | None:
    """The only one that may count."""
    mine = select(OneTimeCode).where(OneTimeCode.order_id == scope.order_id, OneTimeCode.purpose == scope.purpose)
    return session.scalars(mine.order_by(OneTimeCode.id.desc()).limit(1)).first()


def standing(row: OneTimeCode | None, now: datetime) -> Standing:
    """How it is with a code."""
    if row is None:
        return Standing.NONE
    if row.used_at is not None:
        return Standing.USED
    if row.tries >= TRIES:
        return Standing.BURNT
    return Standing.OPEN if now < row.expires_at else Standing.EXPIRED


def attempt(session: Session, secret: bytes, scope: Scope, code: str, now: datetime) -> Tried:
    """Try a code, as `codes.tidy` gave it. Commit what this wrote, whatever the answer is."""
    row = newest(session, scope)
    if row is None:
        return Tried(Answer.OVER)
    tries = _count(session, row.id, now)
    if tries is None:
        return Tried(Answer.OVER)
    if not codes.same(code, codes.derived(secret, row.salt, scope)):
        return Tried(Answer.WRONG, TRIES - tries)
    return Tried(Answer.RIGHT if _use(session, row.id, now) else Answer.OVER)


def of_mail(session: Session, secret: bytes, effect_id: int, email: str) -> Mailed:
    """What a mail to that address brings. Raises `LookupError` if its code is no more."""
    row = session.scalars(select(OneTimeCode).where(OneTimeCode.effect_id == effect_id)).first()
    if row is None:
        raise LookupError(f"effect {effect_id} has no code to bring")
    purpose = Purpose(row.purpose)
    return Mailed(codes.derived(secret, row.salt, Scope(row.shop_id, row.order_id, email.strip().lower(), purpose)), purpose)


def purge(session: Session, now: datetime) -> None:
    """Forget what is long over."""
    session.execute(delete(OneTimeCode).where(OneTimeCode.created_at < now - KEPT).execution_options(synchronize_session=False))


def _count(session: Session, row_id: int, now: datetime) -> int | None:
    """Which try this is; None if there is none left. The row is locked by it, so the next one waits for what comes of this one."""
    open_ = (OneTimeCode.id == row_id, OneTimeCode.used_at.is_(None), OneTimeCode.tries < TRIES, OneTimeCode.expires_at > now)
    counted = update(OneTimeCode).where(*open_).values(tries=OneTimeCode.tries + 1).returning(OneTimeCode.tries)
    return session.scalar(counted.execution_options(synchronize_session=False))


def _use(session: Session, row_id: int, now: datetime) -> bool:
    """Once."""
    used = update(OneTimeCode).where(OneTimeCode.id == row_id, OneTimeCode.used_at.is_(None)).values(used_at=now).returning(OneTimeCode.id)
    return session.scalar(used.execution_options(synchronize_session=False)) is not None
