"""Who did what to the ledger, when and why: the only writer of the `audit` table (promises.md 4, I9).

Each row carries a SHA-256 over its own words and the hash of the row before, and rows are numbered without a gap. So a row that was changed, taken
out or put in between is seen by `verify`; the database refuses it besides (`postventa/models/append_only.py`). What the chain alone cannot prove:
that its end was not cut off, or that somebody who may do anything on the database has not written all of it anew. For that the newest number and
hash are told to places that the database does not reach: to the service's log (`jobs/tell_audit.py`) and with every backup; `verify` compares.

No personal data stands in it, since it can never be erased: subjects are numbers of ours, `before` and `after` are states and counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postventa.clock import real_now
from postventa.models import AuditEntry

CHAIN = 7032
"""PostgreSQL's advisory lock for whoever adds a row. SQLite lets one transaction write at a time anyway."""
TEXT = 2000
"""The longest text that one field keeps."""


class Anchor(NamedTuple):
    """The newest row at some moment, written down elsewhere: `17:9f86d081...`."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """Raises `ValueError` with what was expected; the hash may be shortened to its first 8 digits or more."""
        number, mark, digest = text.strip().partition(":")
        if not mark or not number.isdecimal() or len(digest) < 8 or not set(digest) <= set("0123456789abcdef"):
            raise ValueError(f"{text}: expected NUMBER:HASH, as the log and `postventa audit verify` say it")
        return cls(int(number), digest)


def record(
    session: Session,
    actor: str,
    action: str,
    *,
    shop_id: int | None = None,
    subject: str = "",
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add one row, in the transaction of what it tells about: both are committed, or neither is.

    Call it last: until the transaction ends everybody else who adds a row waits. Raises `TypeError` for values that are no plain JSON.
    """
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(CHAIN)))
    last = newest(session)
    entry = AuditEntry(
        id=last.number + 1 if last else 1,
        at=real_now(),
        actor=_clean(actor),
        action=action,
        shop_id=shop_id,
        subject=_clean(subject),
        reason=_clean(reason),
        before=_plain(before or {}),
        after=_plain(after or {}),
        previous=last.hash if last else "",
    )
    entry.hash = digest(entry)
    session.add(entry)
    session.flush()
    return entry


def newest(session: Session) -> Anchor | None:
    """The end of the chain; None while nothing was recorded."""
    row = session.execute(select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    return Anchor(*row) if row is not None else None


def digest(entry: AuditEntry) -> str:
    """SHA-256 over everything that the row says and the hash before it, in one canonical form on both databases."""
    said = {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "actor": entry.actor,
        "action": entry.action,
        "shop_id": entry.shop_id,
        "subject": entry.subject,
        "reason": entry.reason,
        "before": entry.before,
        "after": entry.after,
        "previous": entry.previous,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")).hexdigest()


def verify(session: Session, anchor: Anchor | None = None) -> list[str]:
    """What is wrong with the chain, in words; empty when it is whole and, with an `anchor`, reaches it."""
    return list(_problems(session, anchor))


def _problems(session: Session, anchor: Anchor | None) -> Iterator[str]:
    number, previous, seen = 0, "", False
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=500)):
        if entry.id != number + 1:
            yield f"{_rows(number + 1, entry.id - 1)} missing"
        elif entry.previous != previous:
            yield f"row {entry.id} does not follow row {number}: one of them was put there later"
        if digest(entry) != entry.hash:
            yield f"row {entry.id} ({entry.action}) was changed after it was written"
        if anchor is not None and entry.id == anchor.number:
            seen = entry.hash.startswith(anchor.hash)
            if not seen:
                yield f"row {entry.id} is another one than the anchor tells of: the log was written anew"
                seen = True
        number, previous = entry.id, entry.hash
    if anchor is not None and not seen:
        yield f"the log ends with row {number}, but row {anchor.number} was there: its end was cut off"


def _rows(first: int, last: int) -> str:
    return f"row {first} is" if first == last else f"rows {first} to {last} are"


def _clean(text: str) -> str:
    """As every database can keep it: no NUL, no halves of characters, no end of the world."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()[:TEXT]


def _plain(value: Any) -> Any:
    """JSON without fractions, which the databases would give back in other digits."""
    if isinstance(value, Mapping):
        return {_clean(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, str):
        return _clean(value)
    if value is None or isinstance(value, bool | int):
        return value
    raise TypeError(f"{value!r} cannot stand in the audit log: use text or whole numbers")


__all__ = ["Anchor", "digest", "newest", "record", "verify"]
