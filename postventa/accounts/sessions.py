"""Sessions: 12 hours at most, 30 minutes without use, over at once when they are ended. A token is drawn at each sign-in and stored as a hash."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from postventa.accounts.tokens import draw, fingerprint, well_formed
from postventa.models import Account, SignedIn

LONGEST, IDLE = timedelta(hours=12), timedelta(minutes=30)
FRESH = timedelta(minutes=15)
"""How long after signing in somebody may change how they sign in; later they prove once more who they are."""
NOTED = timedelta(seconds=30)
"""How often a use is written down."""


class Visitor(NamedTuple):
    """Who asks, and in which session."""

    account: Account
    session: SignedIn


def begin(session: Session, account: Account, now: datetime, address: str = "", browser: str = "") -> str:
    """Sign somebody in; the new token, which nobody knew before."""
    token = draw()
    session.add(
        SignedIn(
            account_id=account.id, token_hash=fingerprint(token), created_at=now, seen_at=now, ends_at=now + LONGEST, address=address, browser=browser
        )
    )
    account.seen_at = now
    session.flush()
    return token


def find(session: Session, token: str, now: datetime) -> Visitor | None:
    """Whose token that is, if the session is not over and the account not disabled."""
    if not well_formed(token):
        return None
    query = select(Account, SignedIn).join(SignedIn, SignedIn.account_id == Account.id).where(SignedIn.token_hash == fingerprint(token))
    row = session.execute(query).first()
    visitor = Visitor(*row) if row is not None else None
    return visitor if visitor is not None and alive(visitor, now) else None


def alive(visitor: Visitor, now: datetime) -> bool:
    """Whether it opens anything at `now`."""
    kept = visitor.session
    return kept.ended_at is None and visitor.account.disabled_at is None and now < kept.ends_at and now - kept.seen_at < IDLE


def fresh(visitor: Visitor, now: datetime) -> bool:
    """Whether they signed in a moment ago."""
    return now - visitor.session.created_at < FRESH


def to_note(visitor: Visitor, now: datetime) -> bool:
    """Whether this use has to be written down."""
    return now - visitor.session.seen_at >= NOTED


def note(session: Session, visitor: Visitor, now: datetime) -> None:
    """It was used; one that was ended meanwhile stays ended."""
    still = (SignedIn.id == visitor.session.id, SignedIn.ended_at.is_(None))
    session.execute(update(SignedIn).where(*still).values(seen_at=now))
    session.execute(update(Account).where(Account.id == visitor.account.id).values(seen_at=now))


def end(session: Session, session_id: int, account_id: int, now: datetime) -> bool:
    """Sign one browser out; whether it was signed in."""
    mine = (SignedIn.id == session_id, SignedIn.account_id == account_id, SignedIn.ended_at.is_(None))
    ended = session.execute(update(SignedIn).where(*mine).values(ended_at=now).returning(SignedIn.id)).first()
    return ended is not None


def end_all(session: Session, account_id: int, now: datetime, but: int | None = None) -> None:
    """Sign somebody out everywhere, or everywhere else."""
    mine = [SignedIn.account_id == account_id, SignedIn.ended_at.is_(None)]
    if but is not None:
        mine.append(SignedIn.id != but)
    session.execute(update(SignedIn).where(*mine).values(ended_at=now))


def standing(session: Session, account_id: int, now: datetime) -> list[SignedIn]:
    """Where somebody is signed in now, the newest first."""
    query = select(SignedIn).where(SignedIn.account_id == account_id, SignedIn.ended_at.is_(None), SignedIn.ends_at > now)
    rows = session.scalars(query.where(SignedIn.seen_at > now - IDLE).order_by(SignedIn.id.desc()))
    return list(rows)
