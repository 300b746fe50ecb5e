"""Signing in: counted first, then proven, then written down. Whether there is such an account changes neither words nor time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from postventa import audit
from postventa.accounts import limits, passkeys, passwords, sessions, store
from postventa.models import Account
from postventa.models.db import reading, transaction

log = logging.getLogger("postventa.accounts")
PURPOSE = "sign-in"


class Failed(ValueError):
    """They did not prove who they are; nothing more is said."""


class TooMany(ValueError):
    """Too many tries: come again in a quarter of an hour."""


@dataclass(frozen=True)
class Caller:
    """From where somebody signs in."""

    engine: Engine
    secret: bytes
    address: str
    """Of the network, see `limits.network`."""
    browser: str
    now: datetime


def with_password(caller: Caller, email: str, password: str, code: str) -> str:
    """The token of a new session. Raises `Failed`, `TooMany`, `passwords.Busy`."""
    email = email.strip().lower()[:320]
    _count(caller, email or "-")
    with reading(caller.engine) as session:
        account = store.by_email(session, email)
    stored = account.password_hash if account is not None else None
    right = passwords.verify(stored, password)
    with transaction(caller.engine) as session:
        row = session.get(Account, account.id if account is not None else 0)
        same = row is not None and row.password_hash == stored and row.disabled_at is None
        way = store.take_code(session, caller.secret, row, code, caller.now) if right and same and row is not None else ""
        token = _welcome(session, caller, row, way, email) if way and row is not None else ""
        if not token:
            _refused(session, account)
    if not token or account is None or stored is None:
        raise Failed
    if passwords.outdated(stored):
        _renew_hash(caller, account.id, stored, password)
    return token


def with_passkey(caller: Caller, place: passkeys.Site, browser_token: str, answer: str) -> str:
    """The same with a passkey's answer."""
    _count(caller, "")
    with transaction(caller.engine) as session:
        token, account = "", None
        try:
            asked = passkeys.answered(caller.secret, PURPOSE, browser_token, caller.now, answer)
            found = store.passkey(session, passkeys.credential_of(answer))
            if store.spend(session, asked, caller.now) and found is not None:
                row, account = found
                count = passkeys.signed_in(place, asked, answer, row.public_key, row.sign_count)
                if account.disabled_at is None and store.used_passkey(session, row, count, caller.now):
                    token = _welcome(session, caller, account, "passkey", "")
        except passkeys.Refused as refused:
            log.warning("a passkey was refused: %s", refused)
        if not token:
            _refused(session, account)
    if not token:
        raise Failed
    return token


def _renew_hash(caller: Caller, account_id: int, stored: str, password: str) -> None:
    """Hashing takes a moment in which nobody else could write, so it comes before the transaction. Who is in stays in if there is no turn for it."""
    try:
        renewed = passwords.hashed(password)
    except passwords.Busy:
        return
    with transaction(caller.engine) as session:
        store.rehash(session, account_id, stored, renewed)


def _count(caller: Caller, email: str) -> None:
    """In a transaction of its own: a try counts whatever becomes of it."""
    with transaction(caller.engine) as session:
        few = limits.count(session, caller.secret, caller.address, email, caller.now)
    if not few:
        log.warning("too many tries to sign in", extra={"ip": caller.address})
        raise TooMany


def _welcome(session: Session, caller: Caller, account: Account, way: str, email: str) -> str:
    token = sessions.begin(session, account, caller.now, caller.address, caller.browser)
    if email:
        limits.forgive(session, caller.secret, email)
    audit.record(session, f"account:{account.id}", "account.sign_in", subject=f"account {account.id}", after={"way": way})
    return token


def _refused(session: Session, account: Account | None) -> None:
    """Written down whether there is such an account or not: it takes the same time."""
    audit.record(session, "unknown", "account.sign_in_failed", subject=f"account {account.id}" if account is not None else "")
