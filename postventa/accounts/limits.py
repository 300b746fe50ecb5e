"""How often anybody may try to sign in: counted in SQL, before anything is looked at. Without the database nobody gets in."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from postventa.accounts.tokens import keyed
from postventa.models import SignInCount

WINDOW = timedelta(minutes=15)
BY_ADDRESS, BY_ACCOUNT = 30, 10
"""Tries in a quarter of an hour: of one network, and for one account, whether there is such an account or not."""


def network(address: str | None) -> str:
    """Who that is: an IPv4 address, or the /64 that one subscriber has of IPv6."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    mapped = known.ipv4_mapped if isinstance(known, ipaddress.IPv6Address) else None
    if mapped is not None or known.version == 4:
        return str(mapped or known)
    return str(ipaddress.ip_network((known, 64), strict=False))


def count(session: Session, secret: bytes, address: str, email: str, now: datetime) -> bool:
    """Count one try; whether it may go on. `email` empty: a passkey, which only its network limits."""
    few = counted(session, keyed(secret, "address", address), now) <= BY_ADDRESS
    if email:
        few = (counted(session, keyed(secret, "account", email), now) <= BY_ACCOUNT) and few
    return few


def forgive(session: Session, secret: bytes, email: str) -> None:
    """Whoever got in begins anew."""
    session.execute(delete(SignInCount).where(SignInCount.subject == keyed(secret, "account", email)))


def counted(session: Session, subject: str, now: datetime, window: timedelta = WINDOW) -> int:
    """Count one try and say how many there were in this window. One statement, so that tries at the same moment all count."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    seconds = int(window.total_seconds())
    began = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
    row = dialect.insert(SignInCount).values(subject=subject, began_at=began, count=1)
    again = row.on_conflict_do_update(index_elements=["subject", "began_at"], set_={"count": SignInCount.count + 1})
    return int(session.scalar(again.returning(SignInCount.count)) or 0)
