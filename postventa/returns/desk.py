"""Returns as the shop's people ask for them: by where they stand, and by what a scanner reads off a parcel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import DispatchProof, LabelRow, ReturnCase, Shop
from postventa.models.types import word
from postventa.returns.numbers import read_number
from postventa.returns.wish import RefundWhen

PAGE = 25
DECIDE_WITHIN = timedelta(days=2)
"""A customer who waits longer for a yes or no asks again, or somebody else."""
PAY_WITHIN = timedelta(days=3)
"""From the day on which the goods arrived."""
SYMBOLOGY = re.compile(r"^\][A-Za-z]\d")
"""What a hand scanner may put before the code that it read (ISO/IEC 15424)."""
NUMBER = re.compile(r"R-?[0-9A-Z]{4}-?[0-9A-Z]{4}(?![0-9A-Z])")
LONGEST = 200
DECIDE, PROOF, WAY, ARRIVED, INSPECT, REFUND = "decide", "proof", "way", "arrived", "inspect", "refund"
LATE, SETTLED, ALL = "late", "settled", "all"
COUNTED = (DECIDE, PROOF, INSPECT, REFUND, LATE)
"""Where somebody has to do something."""


COMES = ReturnCase.pickup_on != literal_column("''", Text())
"""Somebody comes for it, in the words of the index."""
MOST_COMING = 300


@dataclass(frozen=True)
class Found:
    """One page, the newest first. `before`: what the next page begins below; 0: there is none."""

    cases: Sequence[ReturnCase]
    before: int


def standing(at: datetime) -> dict[str, tuple[ColumnElement[bool], ...]]:
    """What each list holds. All but the last two hold what is open, which is little, and is found by its state."""
    state, ours = ReturnCase.state, ReturnCase.resolution != ""
    unpaid = and_(ReturnCase.settled_at.is_(None), ours)
    seen = or_(ReturnCase.inspected_at.is_not(None), ReturnCase.refund_when != RefundWhen.AFTER_INSPECTION.value)
    undecided = and_(state == "requested", func.coalesce(ReturnCase.requested_at, ReturnCase.created_at) < at - DECIDE_WITHIN)
    proofs = select(DispatchProof.return_case_id).where(DispatchProof.state == word("open"))
    unseen = and_(state == "approved", ReturnCase.id.in_(proofs))
    return {
        DECIDE: (state == "requested",),
        PROOF: (unseen,),
        WAY: (state == "approved", ReturnCase.received_at.is_(None)),
        ARRIVED: (state == "received",),
        INSPECT: (state == "received", ReturnCase.inspected_at.is_(None)),
        REFUND: (state == "received", unpaid, seen),
        LATE: (state.in_(("requested", "received")), or_(undecided, and_(unpaid, ReturnCase.received_at < at - PAY_WITHIN))),
        SETTLED: (ReturnCase.settled_at.is_not(None),),
        ALL: (),
    }


def page(session: Session, what: str, shop_id: int = 0, before: int = 0) -> Found:
    """One of the lists, of all shops or one. An unknown one is all of them."""
    query = select(ReturnCase).where(*standing(now()).get(what, ())).order_by(ReturnCase.id.desc()).limit(PAGE + 1)
    if shop_id:
        query = query.where(ReturnCase.shop_id == shop_id)
    if before:
        query = query.where(ReturnCase.id < before)
    rows = session.scalars(query).all()
    return Found(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else 0)


def counts(session: Session, shop_id: int = 0) -> dict[str, int]:
    """How many wait for somebody."""
    lists, of_shop = standing(now()), (ReturnCase.shop_id == shop_id,) if shop_id else ()
    return {name: session.scalar(select(func.count()).select_from(ReturnCase).where(*lists[name], *of_shop)) or 0 for name in COUNTED}


def is_late(case: ReturnCase, at: datetime) -> bool:
    """Whether somebody waits longer for it than she should."""
    if case.state == "requested":
        return (case.requested_at or case.created_at) < at - DECIDE_WITHIN
    unpaid = case.state == "received" and case.settled_at is None and bool(case.resolution)
    return unpaid and case.received_at is not None and case.received_at < at - PAY_WITHIN


def coming(session: Session, shop_id: int = 0) -> Sequence[ReturnCase]:
    """Agreed returns that somebody is to come for and nobody has, by day; those of past days first."""
    of_shop = (ReturnCase.shop_id == shop_id,) if shop_id else ()
    query = select(ReturnCase).where(COMES, ReturnCase.state == "approved", ReturnCase.scanned_at.is_(None), *of_shop)
    return session.scalars(query.order_by(ReturnCase.pickup_on, ReturnCase.id).limit(MOST_COMING)).all()


def scanned(session: Session, code: str) -> list[ReturnCase]:
    """The returns that a code means: a return's number, wherever in it that stands, or what its label is called by us or its carrier."""
    read = SYMBOLOGY.sub("", code.strip()[:LONGEST]).strip()
    if not read:
        return []
    shops, together = session.scalars(select(Shop.id)).all(), re.sub(r"[\s-]", "", read)
    numbers = {number for part in (read, *NUMBER.findall(read.upper())) if (number := read_number(part))}
    labels = select(LabelRow.return_case_id)
    ids = {
        *_all(session, select(ReturnCase.id).where(ReturnCase.shop_id.in_(shops), ReturnCase.number.in_(numbers))),
        *_all(session, labels.where(LabelRow.shop_id.in_(shops), LabelRow.reference.in_({read, read.upper()}))),
        *_all(session, labels.where(LabelRow.tracking_number.in_({read, read.upper(), together, together.upper()}))),
    }
    return list(session.scalars(select(ReturnCase).where(ReturnCase.id.in_(ids)).order_by(ReturnCase.id.desc()).limit(PAGE)))


def _all(session: Session, query: Any) -> Iterable[int]:
    found: Iterable[int] = session.scalars(query.limit(PAGE))
    return found
