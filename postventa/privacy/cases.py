"""Requests with their deadline: the only writer of `privacy_case`. Times are the product's.

State: `open` (to be worked on), `ready` (an export lies here and has to be handed on), `closed`. The GDPR gives one month (art. 12(3)), Shopify
thirty days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from postventa import vault
from postventa.clock import now
from postventa.effects import insert_once
from postventa.models import PrivacyCase
from postventa.privacy.people import Person

Kind = Literal["export", "erase", "erase_shop"]
DEADLINE = timedelta(days=30)
SOON, LAST = timedelta(days=7), timedelta(days=2)
"""Before the deadline: somebody should look in working hours; or at once."""


def open_case(session: Session, secret: bytes, shop_id: int, kind: Kind, source: str, key: str, person: Person, asked_at: datetime) -> PrivacyCase:
    """The case of a request, made if it is new. `key`: what makes two tellings the same request."""
    values: dict[str, Any] = {"shop_id": shop_id, "key": key, "kind": kind, "source": source, "state": "open", "asked_at": asked_at}
    values |= {"due_at": asked_at + DEADLINE, "subject": person.seal(secret, _where(shop_id, key, "subject"))}
    session.execute(insert_once(session, PrivacyCase, values, ["shop_id", "key"]))
    return session.scalars(select(PrivacyCase).where(PrivacyCase.shop_id == shop_id, PrivacyCase.key == key).with_for_update()).one()


def person_of(case: PrivacyCase, secret: bytes) -> Person:
    """Whom it is about. Raises `LookupError` when that is forgotten already."""
    if case.subject is None:
        raise LookupError(f"case {case.id} is over: nobody knows any more whom it was about")
    return Person.unseal(secret, case.subject, _where(case.shop_id, case.key, "subject"))


def exported(case: PrivacyCase, secret: bytes, packed: bytes, counts: Mapping[str, int], kept: timedelta) -> None:
    """The export is here; it is forgotten after `kept`."""
    case.export, case.export_until = vault.seal_bytes(secret, packed, _where(case.shop_id, case.key, "export")), now() + kept
    case.state, case.trouble, case.result, case.done_at = "ready", "", dict(counts), now()


def export_of(case: PrivacyCase, secret: bytes) -> bytes:
    """The ZIP. Raises `LookupError` when there is none (any more)."""
    if case.export is None:
        why = "it was kept for a limited time: ask for a new one" if case.done_at else case.trouble or "it is still being made"
        raise LookupError(f"case {case.id} has no export: {why}")
    return vault.unseal_bytes(secret, case.export, _where(case.shop_id, case.key, "export"))


def erased(case: PrivacyCase, counts: Mapping[str, int]) -> None:
    """It is done, and whom it was about is forgotten."""
    case.result, case.done_at, case.trouble = dict(counts), now(), ""
    close(case)


def close(case: PrivacyCase) -> None:
    """Nothing is left to do. An export stays until its time is over."""
    case.state, case.closed_at, case.subject = "closed", now(), None


def waiting(session: Session) -> Sequence[PrivacyCase]:
    """Those that somebody, a person or we, has still to do something about, the most urgent first."""
    query = select(PrivacyCase).where(PrivacyCase.state.in_(("open", "ready")))
    return session.scalars(query.order_by(PrivacyCase.due_at, PrivacyCase.id)).all()


def near_the_end(session: Session) -> Sequence[PrivacyCase]:
    """Those of `waiting` whose deadline is near or over."""
    return [case for case in waiting(session) if case.due_at <= now() + SOON]


def forget_exports(session: Session) -> int:
    """Exports whose time is over are deleted; how many."""
    over = (PrivacyCase.export.is_not(None), or_(PrivacyCase.export_until.is_(None), PrivacyCase.export_until <= now()))
    done = update(PrivacyCase).where(*over).values(export=None).returning(PrivacyCase.id).execution_options(synchronize_session=False)
    return len(session.scalars(done).all())


def _where(shop_id: int, key: str, column: str) -> str:
    return f"privacy_case:{shop_id}:{key}:{column}"
