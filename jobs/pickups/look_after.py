"""Pickups that nobody needs any more, of returns that were called off elsewhere or came in another way; and those of returns agreed to elsewhere."""

from __future__ import annotations

import logging

from sqlalchemy import select

from jobs.customer_return import OPEN, locked
from jobs.pickups import book
from jobs.world import World
from postventa.clock import now
from postventa.models import ReturnCase
from postventa.models.db import reading, transaction
from postventa.returns import appointment
from postventa.returns.appointment import Stage
from postventa.returns.desk import COMES
from postventa.shops import find

log = logging.getLogger("postventa.pickups")

CAME = ("received", "closed")
"""States of a return whose goods are back: fetched, if somebody was to come before that."""


def look_all(world: World) -> None:
    """One transaction for each."""
    with reading(world.engine) as session:
        ids = [case.id for case in session.scalars(select(ReturnCase).where(COMES).order_by(ReturnCase.id)) if _calls_for_it(case)]
    for case_id in ids:
        with transaction(world.engine) as session:
            order = locked(session, session.get_one(ReturnCase, case_id).order_id)
            case = session.get_one(ReturnCase, case_id, populate_existing=True)
            try:
                shop = find(session, case.shop_id, world.settings, world.secret)
            except LookupError as gone:  # the others' pickups do not wait for it
                log.warning("a pickup waits: %s", gone, extra={"return": case.id})
                continue
            if case.scanned_at is not None:
                book.gone(session, shop, order, case, case.scanned_at)
            elif case.state in CAME and _had_begun(case):
                book.fetched(case)
            elif case.state not in OPEN:
                book.call_off(session, shop, order, case, f"the return was {case.state}")
            else:
                book.agree(session, world, shop, order, case)


def _had_begun(case: ReturnCase) -> bool:
    it = appointment.of(case)
    return it is not None and book.has_begun(it, now())


def _calls_for_it(case: ReturnCase) -> bool:
    it = appointment.of(case)
    agreed = case.state == "approved" and it is not None and it.stage is Stage.WANTED
    return case.scanned_at is not None or case.state not in OPEN or agreed
