"""What somebody does to the accounts of others: invite, change a role, disable. Each deed is written down with who did it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from postventa import audit
from postventa.accounts import invitations, sessions, store
from postventa.accounts.roles import Role, may_manage
from postventa.models import Account


class NotAllowed(PermissionError):
    """The role of whoever asks does not reach that far."""


class LastOwner(ValueError):
    """Nobody could do everything any more."""


def invite(session: Session, by: Account, email: str, role: Role, now: datetime) -> str:
    """The token of an invitation. Raises `NotAllowed`, `invitations.Taken`."""
    if not may_manage(by.role, role):
        raise NotAllowed
    token = invitations.invite(session, email.strip().lower(), role, by.id, now)
    audit.record(session, f"account:{by.id}", "account.invite", after={"role": role.value})
    return token


def withdraw(session: Session, by: Account, invitation_id: int, now: datetime) -> bool:
    """Call an invitation off. Raises `NotAllowed`."""
    found = invitations.withdraw(session, invitation_id, now)
    if found is None:
        return False
    if not may_manage(by.role, found.role):
        raise NotAllowed
    audit.record(session, f"account:{by.id}", "account.invitation_withdrawn", subject=f"link {found.id}")
    return True


def change_role(session: Session, by: Account, account: Account, role: Role, now: datetime) -> None:
    """Give somebody another role; they sign in anew, and links that they made for others are over. Raises `NotAllowed`, `LastOwner`."""
    if not (may_manage(by.role, account.role) and may_manage(by.role, role)):
        raise NotAllowed
    if account.role == role:
        return
    if role != Role.OWNER and store.is_last_owner(session, account):
        raise LastOwner
    before, account.role = account.role, role.value
    _shut(session, account, now)
    subject, after = f"account {account.id}", {"role": role.value}
    audit.record(session, f"account:{by.id}", "account.role", subject=subject, before={"role": before}, after=after)


def disable(session: Session, actor: str, account: Account, now: datetime, reason: str = "") -> None:
    """They are signed out and cannot sign in any more, and links of theirs are over. Raises `LastOwner`."""
    if account.disabled_at is not None:
        return
    if store.is_last_owner(session, account):
        raise LastOwner
    account.disabled_at = now
    _shut(session, account, now)
    audit.record(session, actor, "account.disable", subject=f"account {account.id}", reason=reason)


def _shut(session: Session, account: Account, now: datetime) -> None:
    sessions.end_all(session, account.id, now)
    invitations.call_off(session, account.id, now)
