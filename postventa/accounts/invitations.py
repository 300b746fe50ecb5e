"""One-time links: the first owner's, a colleague's, and the one for whoever lost everything. A link works once, for an hour or some days."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session

from postventa.accounts.roles import Role
from postventa.accounts.tokens import draw, fingerprint, well_formed
from postventa.models import Account, Invitation

HOUR, DAYS = timedelta(hours=1), timedelta(days=3)
LOCK = 7033
"""PostgreSQL's advisory lock for whoever makes an account, so that there is one first owner. SQLite lets one transaction write at a time anyway."""


class Purpose(StrEnum):
    """What a link is for."""

    FIRST_OWNER = "first_owner"
    INVITE = "invite"
    RECOVERY = "recovery"


class Taken(ValueError):
    """There is an account already: for that address, or any when it would be the first."""


def nobody(session: Session) -> bool:
    """Whether there is no account yet."""
    return session.scalar(select(func.count()).select_from(Account)) == 0


def first_owner(session: Session, now: datetime) -> str:
    """The token that makes the owner's account; earlier ones are over. Raises `Taken`."""
    if not nobody(session):
        raise Taken("there is an account already")
    session.execute(update(Invitation).where(Invitation.purpose == Purpose.FIRST_OWNER, Invitation.used_at.is_(None)).values(used_at=now))
    return _issue(session, now, HOUR, purpose=Purpose.FIRST_OWNER, role=Role.OWNER)


def invite(session: Session, email: str, role: Role, by: int, now: datetime) -> str:
    """The token for a colleague; one for the same address that was not used is over. Raises `Taken`."""
    if session.scalar(select(Account.id).where(Account.email == email)) is not None:
        raise Taken("there is an account for that address already")
    session.execute(update(Invitation).where(Invitation.email == email, Invitation.used_at.is_(None)).values(used_at=now))
    return _issue(session, now, DAYS, purpose=Purpose.INVITE, role=role, email=email, created_by=by)


def recover(session: Session, account: Account, now: datetime, by: int | None = None) -> str:
    """The token by which somebody who lost everything chooses anew how to sign in."""
    session.execute(update(Invitation).where(Invitation.account_id == account.id, Invitation.used_at.is_(None)).values(used_at=now))
    return _issue(session, now, HOUR, purpose=Purpose.RECOVERY, role=account.role, email=account.email, account_id=account.id, created_by=by)


def address(public_url: str, token: str) -> str:
    """The link itself. On this machine it says `localhost`: browsers know no passkeys for a number."""
    for number in ("//127.0.0.1", "//0.0.0.0"):
        public_url = public_url.replace(number, "//localhost", 1)
    return f"{public_url}/account/welcome/{token}"


def open_one(session: Session, token: str, now: datetime) -> Invitation | None:
    """The link behind the token while it works; looking uses nothing up."""
    if not well_formed(token):
        return None
    found = session.scalar(select(Invitation).where(Invitation.token_hash == fingerprint(token)))
    if found is None or found.used_at is not None or now >= found.expires_at:
        return None
    return None if found.purpose == Purpose.FIRST_OWNER and not nobody(session) else found


def use(session: Session, invitation: Invitation, now: datetime) -> bool:
    """Use it up; False for whoever was second."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    mine = (Invitation.id == invitation.id, Invitation.used_at.is_(None), Invitation.expires_at > now)
    used = session.execute(update(Invitation).where(*mine).values(used_at=now).returning(Invitation.id)).first()
    return used is not None and (invitation.purpose != Purpose.FIRST_OWNER or nobody(session))


def withdraw(session: Session, invitation_id: int, now: datetime) -> Invitation | None:
    """Call off one that was not used."""
    found = session.get(Invitation, invitation_id)
    if found is None or found.used_at is not None or found.purpose != Purpose.INVITE:
        return None
    found.used_at = now
    return found


def call_off(session: Session, account_id: int, now: datetime) -> None:
    """Whoever may no more, or other things than before, gets nobody in by links of before: neither themselves nor others."""
    theirs = or_(Invitation.account_id == account_id, Invitation.created_by == account_id)
    session.execute(update(Invitation).where(theirs, Invitation.used_at.is_(None)).values(used_at=now))


def waiting(session: Session, now: datetime) -> list[Invitation]:
    """Invitations that nobody used yet."""
    query = select(Invitation).where(Invitation.purpose == Purpose.INVITE, Invitation.used_at.is_(None), Invitation.expires_at > now)
    return list(session.scalars(query.order_by(Invitation.id)))


def _issue(session: Session, now: datetime, life: timedelta, **values: object) -> str:
    token = draw()
    session.add(Invitation(token_hash=fingerprint(token), created_at=now, expires_at=now + life, **values))
    session.flush()
    return token
