"""A one-time link becomes an account, or gives one back: in one transaction with the proof that its holder chose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from postventa import audit
from postventa.accounts import invitations, sessions, store
from postventa.accounts.invitations import Purpose
from postventa.accounts.passkeys import Made
from postventa.models import Account, Invitation

ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f\"(),:;<>\[\\\]]+@[^@\s\x00-\x1f\x7f\"(),:;<>\[\\\]]+")
LONGEST_ADDRESS, LONGEST_NAME = 254, 80


class Over(ValueError):
    """The link was used, or is too old."""


class Known(ValueError):
    """There is an account for that address, or that passkey is somebody's already."""


@dataclass(frozen=True)
class Proof:
    """How somebody will sign in: a passkey, or a password's hash with a TOTP secret and the step of the code that showed it."""

    passkey: Made | None = None
    passkey_name: str = ""
    password_hash: str = ""
    totp: str = ""
    step: int = 0


def is_address(email: str) -> bool:
    """Whether it looks like an e-mail address."""
    return len(email) <= LONGEST_ADDRESS and ADDRESS.fullmatch(email) is not None


def accept(
    session: Session, secret: bytes, link: Invitation, email: str, name: str, handle: bytes, proof: Proof, now: datetime
) -> tuple[Account, list[str]]:
    """The account, and its recovery codes if it has a password. Raises `Over`, `Known`."""
    if not invitations.use(session, link, now):
        raise Over
    account = _given_back(session, link, now) if link.purpose == Purpose.RECOVERY else _new(session, link, email, name, handle, now)
    codes = prove(session, secret, account, proof, now)
    after = {"role": account.role, "way": "passkey" if proof.passkey else "password", "link": f"link {link.id}"}
    action = "account.recovered" if link.purpose == Purpose.RECOVERY else "account.made"
    audit.record(session, f"account:{account.id}", action, subject=f"account {account.id}", after=after)
    return account, codes


def prove(session: Session, secret: bytes, account: Account, proof: Proof, now: datetime) -> list[str]:
    """Keep the proof; recovery codes if it is a password. Raises `Known`."""
    if proof.passkey is None:
        return store.set_password_and_totp(session, secret, account, proof.password_hash, proof.totp, proof.step, now)
    if store.add_passkey(session, account, proof.passkey, proof.passkey_name, now) is None:
        raise Known
    return []


def _new(session: Session, link: Invitation, email: str, name: str, handle: bytes, now: datetime) -> Account:
    address = (link.email or email).strip().lower()
    if store.by_email(session, address) is not None:
        raise Known
    return store.make(session, address, name, link.role, handle, now)


def _given_back(session: Session, link: Invitation, now: datetime) -> Account:
    """What they had may be in other hands: it ends, and so does every session."""
    account = session.get_one(Account, link.account_id)
    store.forget_proofs(session, account)
    sessions.end_all(session, account.id, now)
    account.disabled_at = None
    return account
