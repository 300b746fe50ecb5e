"""Unguessable links in mails: the token is the key, so the ledger keeps only its hash.

A token is derived from the service's secret, not drawn at random: a mail that is rendered again, after a crash say, carries the very same
links. Nobody without the secret can compute one, and a copy of the database opens no page (promises.md 4).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from postventa.models import Link

DOMAIN = b"postventa/link/1"
"""Keeps these HMACs apart from every other use of the same secret."""
MAX_TOKEN = 128
"""Longer than any token of ours: what exceeds it is not even hashed."""


def token(secret: bytes, purpose: str, subject: str) -> str:
    """The 256-bit url-safe token for that `purpose` ("review") and `subject` (what the caller wants one link for)."""
    return base64.urlsafe_b64encode(proof(secret, purpose, subject)).rstrip(b"=").decode()


def proof(secret: bytes, purpose: str, subject: str) -> bytes:
    """The token's 256 bits themselves."""
    return hmac.digest(secret, b"\0".join((DOMAIN, purpose.encode(), subject.encode())), "sha256")


def issue(
    session: Session,
    *,
    secret: bytes,
    shop_id: int,
    purpose: str,
    subject: str,
    order_id: int | None = None,
    effect_id: int | None = None,
    email: str = "",
    data: dict[str, object] | None = None,
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """The token of a link that is alive from now on; the same one, with its row untouched, if it was issued before.

    `data` for purpose "review": `{"lines": [line_ref, ...]}`, what the mail asks about; for "unsubscribe": `{"category": "reviews"}`.
    `expires_at` None: never. Raises `ValueError` if another shop holds that subject.
    """
    made = token(secret, purpose, subject)
    row = Link(
        token_hash=fingerprint(made),
        shop_id=shop_id,
        purpose=purpose,
        order_id=order_id,
        effect_id=effect_id,
        email=email,
        data=data or {},
        created_at=now,
        expires_at=expires_at,
    )
    standing = _row(session, made) or _insert(session, row, made)
    if standing.shop_id != shop_id:
        raise ValueError(f"the {purpose} link for {subject!r} belongs to another shop")
    return made


def find(session: Session, token: str, purpose: str, now: datetime) -> Link | None:
    """The living link behind `token`; None if it is unknown, over, revoked, or meant for something else."""
    link = known(session, token, purpose)
    return link if link is not None and alive(link, now) else None


def known(session: Session, token: str, purpose: str) -> Link | None:
    """The link behind `token` whether it still lives or not, so that its holder can be told kindly that it is over."""
    link = _row(session, token) if 0 < len(token) <= MAX_TOKEN else None
    return link if link is not None and link.purpose == purpose else None


def alive(link: Link, now: datetime) -> bool:
    """Whether the link opens anything at `now`."""
    return link.revoked_at is None and (link.expires_at is None or now < link.expires_at)


def fingerprint(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _row(session: Session, token: str) -> Link | None:
    return session.scalar(select(Link).where(Link.token_hash == fingerprint(token)))


def _insert(session: Session, row: Link, made: str) -> Link:
    """Two workers may render one mail at the same time: the second takes the first one's row."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        standing = _row(session, made)
        if standing is None:
            raise
        return standing
    return row
