"""Whether the statements are still what was sent: each against its hash, and the hashes against the audit log, whose own chain `audit` verifies."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import AuditEntry, Withdrawal
from postventa.withdrawal import store
from postventa.withdrawal.statement import digest


def verify(session: Session, secret: bytes | None = None) -> list[str]:
    """What is wrong, in words; empty when all are whole. `secret`: looks into what was locked away, too."""
    return list(_problems(session, secret))


def _problems(session: Session, secret: bytes | None) -> Iterator[str]:
    logged = _logged(session, store.SUBMIT)
    destroyed = _logged(session, store.DESTROY)
    for row in session.scalars(select(Withdrawal).order_by(Withdrawal.id).execution_options(yield_per=200)):
        entry = logged.pop(row.ref, None)
        if entry is None:
            yield f"withdrawal {row.ref} was added behind the service's back: the audit log does not know it"
        elif entry.after.get("sha256") != row.digest:
            yield f"withdrawal {row.ref}: its hash is another one than the audit log tells of"
        content = _content(row, secret)
        if content is not None and digest(content) != row.digest:
            yield f"withdrawal {row.ref} was changed after it was sent"
        if row.content is None and row.sealed is None and row.ref not in destroyed and row.keep_until > now():
            yield f"withdrawal {row.ref}: its content is gone before its time"
    for ref in logged:
        yield f"withdrawal {ref} is missing"


def _logged(session: Session, action: str) -> dict[str, AuditEntry]:
    rows = session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id))
    return {row.subject.removeprefix("withdrawal "): row for row in rows}


def _content(row: Withdrawal, secret: bytes | None) -> str | None:
    """None: there is nothing to look at. What cannot be opened any more counts as changed."""
    if row.content is not None or row.sealed is None or secret is None:
        return row.content
    try:
        return store.opened(row, secret)
    except InvalidTag:
        return ""
