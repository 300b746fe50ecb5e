"""The only writer of statements: they are added, matched and settled here; nothing takes one back.

Each statement's hash stands in the audit log, whose chain and guards so prove the statements, too: `proofs.py` compares. The content has a salt,
so that nobody can find out from the hash what somebody said once it is destroyed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from postventa import audit, vault
from postventa.accounts.limits import network
from postventa.clock import now
from postventa.effects import insert_once
from postventa.models import Withdrawal
from postventa.withdrawal import numbers
from postventa.withdrawal.statement import Statement, canonical, digest

YEARS = timedelta(days=5 * 365.25)
"""How long a statement is kept as evidence: as long as anybody can claim something from the sale (TRLGDCU, art. 124)."""
SUBMIT, DESTROY = "withdrawal.submit", "withdrawal.destroy"
WINDOW, FEW = timedelta(minutes=15), 10
"""So many statements of one network in that time are answered at once; the mails of more than that wait."""
DAY, FEW_A_DAY = timedelta(days=1), 5
"""The same for mails to one address."""
MANY, MANY_A_DAY = 200, 400
"""Statements of one network in `WINDOW` and in a day beyond which its next ones are refused: so many sends no customer."""
REFERENCE = re.compile(r"W-[0-9A-Z]{4}-[0-9A-Z]{4}")


@dataclass(frozen=True)
class Submission:
    """How a statement reached us. `form_key`: what makes two the same; `order_hint`: the order whose mail's link led to the form."""

    form_key: str
    channel: str = "page"
    submitted_at: datetime | None = None
    ip: str = ""
    order_hint: int | None = None
    actor: str = "customer"


def submit(session: Session, secret: bytes, shop_id: int, shop_key: str, zone: str, statement: Statement, how: Submission) -> tuple[Withdrawal, bool]:
    """Keep a statement; whether it is new. The same form sent again, also at the same moment, gives the same one.

    Call it last: the audit log keeps others who write into it waiting until the transaction ends.
    """
    ref, moment = numbers.reference(secret, shop_key, how.form_key), now()
    sent = how.submitted_at or moment
    more: dict[str, Any] = {"ref": ref, "submitted_at": sent, "recorded_at": moment, "zone": zone, "channel": how.channel}
    content = canonical(statement, **more, salt=secrets.token_hex(16))
    values: dict[str, Any] = {
        "shop_id": shop_id,
        "ref": ref,
        "form_key": how.form_key,
        "channel": how.channel,
        "submitted_at": sent,
        "created_at": moment,
        "digest": digest(content),
        "content": content,
        "keep_until": sent + YEARS,
        "email": statement.email.lower(),
        "ip_hash": _network(secret, how.ip),
        "order_hint": how.order_hint,
        **dict.fromkeys(("refunded_before", "matched_how", "matched_by", "trouble", "receipt_how", "receipt_trouble", "released_how"), ""),
        **dict.fromkeys(("settled_by", "ground", "note"), ""),
        "state": "open",
        "told": 0,
    }
    new = session.scalar(insert_once(session, Withdrawal, values, ["shop_id", "form_key"]).returning(Withdrawal.id)) is not None
    row = session.scalars(select(Withdrawal).where(Withdrawal.shop_id == shop_id, Withdrawal.form_key == how.form_key)).one()
    if new:
        told = {"sha256": row.digest, "channel": row.channel}
        audit.record(session, how.actor, SUBMIT, shop_id=shop_id, subject=f"withdrawal {row.ref}", after=told)
    return row, new


def by_ref(session: Session, ref: str, *, lock: bool = False) -> Withdrawal | None:
    """The statement of that reference, however it was typed."""
    typed = ref.strip().upper().replace("O", "0").replace("I", "1").replace("L", "1")
    if not REFERENCE.fullmatch(typed):  # anybody may write anything into an address, also what no database takes
        return None
    query = select(Withdrawal).where(Withdrawal.ref == typed)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()


def of_shops(session: Session, shop_ids: Sequence[int], *, settled: bool = False, limit: int = 200) -> Sequence[Withdrawal]:
    """The open ones, the oldest first; or those that are settled, the newest first. Of too many, those whose order is known: no flood hides them."""
    query = select(Withdrawal).where(Withdrawal.shop_id.in_(shop_ids))
    if settled:
        return session.scalars(query.where(Withdrawal.state != "open").order_by(Withdrawal.id.desc()).limit(limit)).all()
    known_first = (Withdrawal.order_id.is_(None), Withdrawal.submitted_at, Withdrawal.id)
    rows = session.scalars(query.where(Withdrawal.state == "open").order_by(*known_first).limit(limit)).all()
    return sorted(rows, key=lambda row: (row.submitted_at, row.id))


def excess(session: Session, secret: bytes, ip: str, email: str) -> int:
    """How many statements more than usual this network sent, or this address got, lately: the form takes all, and its mails are put off."""
    known = _network(secret, ip)
    of_network = _count(session, Withdrawal.ip_hash == known, now() - WINDOW) if known else 0
    of_address = _count(session, Withdrawal.email == email.lower(), now() - DAY)
    return max(of_network - FEW, of_address - FEW_A_DAY, 0)


def is_flood(session: Session, secret: bytes, ip: str) -> bool:
    """Whether a network has sent more than any customer does."""
    known = _network(secret, ip)
    mine = Withdrawal.ip_hash == known
    return bool(known) and (_count(session, mine, now() - WINDOW) >= MANY or _count(session, mine, now() - DAY) >= MANY_A_DAY)


def _network(secret: bytes, ip: str) -> str:
    """The /64 of an IPv6 address: one subscriber has so many of them. Empty for what came by another way than the page."""
    return numbers.hashed(secret, "ip", network(ip)) if ip else ""


def _count(session: Session, whose: Any, since: datetime) -> int:
    return session.scalar(select(func.count()).select_from(Withdrawal).where(whose, Withdrawal.created_at > since)) or 0


def lock_away(session: Session, secret: bytes, shop_id: int, emails: Sequence[str], order_ids: Sequence[int], *, keep: bool = True) -> int:
    """After an erasure: used for nothing any more, and shown by one command only, until its time is over. `keep` False: destroyed now."""
    theirs = or_(Withdrawal.email.in_([email for email in emails if email]), Withdrawal.order_id.in_(order_ids))
    rows = session.scalars(select(Withdrawal).where(Withdrawal.shop_id == shop_id, theirs, Withdrawal.content.is_not(None))).all()
    for row in rows:
        sealed = vault.seal_bytes(secret, (row.content or "").encode("utf-8", "surrogatepass"), _where(row)) if keep else None
        _take(row, sealed)
        if not keep:
            audit.record(session, "service", DESTROY, shop_id=row.shop_id, subject=f"withdrawal {row.ref}")
    session.flush()
    return len(rows)


def destroy(session: Session) -> int:
    """What its five years are over for is gone for good; that there was something, and its hash, stays."""
    over = (Withdrawal.keep_until <= now(), or_(Withdrawal.content.is_not(None), Withdrawal.sealed.is_not(None)))
    rows = session.scalars(select(Withdrawal).where(*over).with_for_update()).all()
    for row in rows:
        _take(row, None)
        audit.record(session, "service", DESTROY, shop_id=row.shop_id, subject=f"withdrawal {row.ref}")
    return len(rows)


def destroy_of(session: Session, shop_id: int) -> int:
    """All of one shop's, with the contract: whoever keeps data for a merchant gives them up (GDPR, art. 28(3)(g))."""
    session.execute(update(Withdrawal).where(Withdrawal.shop_id == shop_id, Withdrawal.sealed.is_not(None)).values(sealed=None))
    everyone = session.scalars(select(Withdrawal.email).where(Withdrawal.shop_id == shop_id, Withdrawal.content.is_not(None)).distinct()).all()
    return lock_away(session, b"", shop_id, everyone, (), keep=False)


def opened(row: Withdrawal, secret: bytes) -> str:
    """What was locked away, for a court or an authority; whoever calls this writes into the audit log who that was. Raises `LookupError`."""
    if row.sealed is None:
        raise LookupError(f"nothing is locked away of {row.ref}")
    return vault.unseal_bytes(secret, row.sealed, _where(row)).decode("utf-8", "surrogatepass")


def _take(row: Withdrawal, sealed: bytes | None) -> None:
    row.content, row.sealed, row.blocked_at = None, sealed, row.blocked_at or now()
    row.email = row.ip_hash = row.note = row.trouble = row.receipt_trouble = ""


def _where(row: Withdrawal) -> str:
    return f"withdrawal:{row.ref}"
