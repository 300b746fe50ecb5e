"""Labels that nobody used, or whose return was called off, go back to their carrier, so that they cost nothing; the label ledger says so."""

from __future__ import annotations

import logging
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from connectors.carriers.base import Carrier, Label, Scan
from connectors.errors import ConnectorError, Unsupported
from jobs import queue, return_goods
from jobs.carrier_accounts import carrier_of
from jobs.follow_returns import first_move
from jobs.labels import BACK, FOR_GOOD, UNUSED
from jobs.world import World, current
from postventa import alarms
from postventa.clock import now, real_now
from postventa.models import LabelRow, Order, ReturnCase
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.labels")

MOST = 100
AGAIN, PATIENCE = timedelta(hours=1), timedelta(days=3)
"""A carrier that does not answer is asked every hour, for so long; then a person has to look."""
EXPIRED = "nobody used it"


def look_all(world: World) -> None:
    """Find labels that are to go back, one job each."""
    with reading(world.engine) as session:
        ids = list(session.scalars(_wanted().limit(MOST)))
    try:
        queue.enqueue(world.redis, queue.LATER, "give_back_labels.give_back", ids)
    except RedisError as error:
        log.warning("Redis is away (%s): labels are given back at the next look", type(error).__name__)


def _wanted() -> Select[int]:
    """Expired ones that are not back, and those that were called off and whose carrier does not know it. `own` bought nothing."""
    expired = and_(LabelRow.state.in_(UNUSED), LabelRow.expires_at < now())
    called_off = and_(LabelRow.state == "voided", LabelRow.carrier != "own")
    waiting = or_(LabelRow.give_back_at.is_(None), LabelRow.give_back_at <= real_now())
    open_ = (LabelRow.given_back_at.is_(None), LabelRow.give_back_trouble.not_like(f"{FOR_GOOD}%"), waiting)
    return select(LabelRow.id).where(or_(expired, called_off), *open_).order_by(LabelRow.id)


def give_back(label_id: int) -> None:
    """One label. A carrier that says no, or nothing, is no error: the label ledger says so."""
    world = current()
    with transaction(world.engine) as session:
        if session.scalar(_wanted().where(LabelRow.id == label_id)) is None:
            return
        row = session.get_one(LabelRow, label_id, with_for_update=True)
        case = session.get_one(ReturnCase, row.return_case_id)
        if case.state in BACK and not _spare(session, row):
            row.state, row.give_back_trouble = "scanned", f"{FOR_GOOD}the goods are back"
            return
        row.give_back_at = real_now() + AGAIN  # should we die now, it is tried again
        shop, since = find(session, row.shop_id, world.settings, world.secret), row.voided_at or row.expires_at or row.created_at
        number = case.number if session.get_one(Order, case.order_id).erased_at is None else ""
        label = Label(row.carrier, row.reference, b"", row.tracking_number, "", row.carrier_ref, str(row.cost), row.currency)
    try:
        used = _give_back(carrier_of(world, shop, label.carrier), label)
    except (ConnectorError, ValueError) as error:
        lasting = isinstance(error, ValueError) or error.permanent or now() - since > PATIENCE
        with transaction(world.engine) as session:
            _kept(session, shop, label_id, str(error), lasting=lasting)
        log.warning("label not given back: %s", error, extra={"label": label_id})
        return
    with transaction(world.engine) as session:
        if used is not None and number:  # before the label's own row, as everybody locks an order first
            return_goods.scanned(session, world, shop, number, used.at, label_id=label_id)
        _done(session, label_id, used=used is not None)


def _spare(session: Session, row: LabelRow) -> bool:
    """Whether the goods came with another label of the return, as its carrier told: then its own carrier can say that this one was not used."""
    others = (LabelRow.return_case_id == row.return_case_id, LabelRow.id != row.id, LabelRow.state == "scanned")
    return bool(row.tracking_number) and session.scalar(select(LabelRow.id).where(*others).limit(1)) is not None


def _give_back(carrier: Carrier, label: Label) -> Scan | None:
    """The first scan if it turned out to be used: then it stays bought."""
    if label.tracking_number:
        try:
            if (scan := first_move(carrier.track(label.tracking_number).scans)) is not None:
                return scan
        except Unsupported:
            pass  # a carrier without scans decides itself whether it takes the label back
    carrier.void(label)
    return None


def _done(session: Session, label_id: int, *, used: bool) -> None:
    row = session.get_one(LabelRow, label_id, with_for_update=True)
    if used:
        row.state, row.give_back_trouble = "scanned", f"{FOR_GOOD}it travels"
        return
    row.given_back_at, row.give_back_trouble = now(), ""
    if row.state in UNUSED:
        row.state, row.voided_at, row.void_reason = "voided", now(), EXPIRED


def _kept(session: Session, shop: ConnectedShop, label_id: int, why: str, *, lasting: bool) -> None:
    row = session.get_one(LabelRow, label_id, with_for_update=True)
    row.give_back_trouble = f"{FOR_GOOD if lasting else ''}{why}"[:500]
    if not lasting:
        return
    if row.state in UNUSED:
        row.state = "expired"
    told = f"{shop.settings.name}: the unused label {row.reference} could not be given back to {row.carrier}, which may charge it: {why}"
    alarms.raise_alarm(session, "label-not-given-back", f"{shop.settings.name}, {row.reference}", "warn", told)
