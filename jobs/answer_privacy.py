"""Makes the exports that people asked for, tells the merchant that one is ready, and forgets what was kept for long enough.

An export is a row that waits; a job makes it, so that a person with a thousand orders keeps no delivery waiting. A job that fails leaves the case
open with its trouble, where `postventa privacy list` and the deadline's alarm show it, and it is tried again.
"""

from __future__ import annotations

import logging
from datetime import datetime

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import at_once, queue, tell_merchant
from jobs.world import World, current
from postventa import alarms, audit
from postventa.clock import now
from postventa.locale import choose, formats
from postventa.models import PrivacyCase, Shop
from postventa.models.db import reading, transaction
from postventa.privacy import blocked, cases
from postventa.privacy.archive import archive
from postventa.privacy.gather import gather
from postventa.privacy.page import About
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.privacy")

ACTOR = "service"
"""Who did it, for the audit log: what happens by itself on its day."""


def look_all(world: World) -> None:
    """Have open exports made, one job each, and see to it that merchants know of deadlines."""
    with reading(world.engine) as session:
        waiting = [(case.id, case.kind) for case in cases.waiting(session) if case.state == "open"]
        known = session.scalar(select(PrivacyCase.id).limit(1)) is not None
    if known:
        with transaction(world.engine) as session:
            _warn(session, world)
    try:
        queue.enqueue(world.redis, queue.LATER, "answer_privacy.answer_privacy", [case_id for case_id, kind in waiting if kind == "export"])
    except RedisError as error:
        log.warning("Redis is away (%s): exports are made at the next turn", type(error).__name__)


def answer_privacy(case_id: int) -> None:
    """Make one export. Whatever goes wrong stands in the case."""
    world = current()
    try:
        with transaction(world.engine) as session:
            case = session.get_one(PrivacyCase, case_id, with_for_update=True)
            if case.state == "open" and case.kind == "export":
                make(session, world, case)
    except Exception as error:
        with transaction(world.engine) as session:
            session.get_one(PrivacyCase, case_id, with_for_update=True).trouble = f"{type(error).__name__}: {error}"[:500]
        raise


def make(session: Session, world: World, case: PrivacyCase) -> None:
    """The export of a case, the word to the merchant and the row in the audit log, in one transaction."""
    shop = find(session, case.shop_id, world.settings, world.secret)
    held = gather(session, case.shop_id, cases.person_of(case, world.secret), world.secret)
    packed = archive(held, about(shop, choose(next(iter(held.languages), shop.settings.locale), shop.settings.locale)))
    cases.exported(case, world.secret, packed, held.counts, world.settings.privacy.export_kept)
    audit.record(session, ACTOR, "privacy.export", shop_id=shop.id, subject=f"case {case.id}", after=held.counts)
    tell(session, shop, case)
    log.info("an export is ready", extra={"shop": shop.id, "case": case.id})


def about(shop: ConnectedShop, language: str) -> About:
    """The head of the page."""
    own = shop.settings
    contact = own.brand.support_email or own.reply_to or own.from_address or shop.alert_address or own.name
    return About(own.name, contact, language, own.timezone, now())


def tell(session: Session, shop: ConnectedShop, case: PrivacyCase) -> None:
    """One mail to the merchant for each case: what lies here, and until when it has to be with whom it is about."""
    until = formats.date(case.due_at, shop.settings.timezone, choose(shop.settings.locale))
    at_once.alert(session, shop, f"{shop.key}:privacy_ready:case-{case.id}", "privacy_waiting", reason=until)


def _warn(session: Session, world: World) -> None:
    """An alarm for each shop with a deadline that is near; it is over when the cases are closed."""
    near: dict[int, list[PrivacyCase]] = {}
    for case in cases.near_the_end(session):
        near.setdefault(case.shop_id, []).append(case)
    names = {shop_id: session.get_one(Shop, shop_id).name for shop_id in near}
    for alarm in alarms.open_alarms(session):
        if alarm.name == "privacy-deadline" and alarm.subject not in names.values():
            alarms.clear(session, alarm.name, alarm.subject)
    for shop_id, waiting in sorted(near.items()):
        first = waiting[0].due_at
        told = f"{names[shop_id]}: {len(waiting)} requests about personal data wait, the first until {first:%Y-%m-%d} (postventa privacy list)"
        _raise(session, world, shop_id, first, told)


def _raise(session: Session, world: World, shop_id: int, first: datetime, message: str) -> None:
    level: alarms.Level = "page" if first <= now() + cases.LAST else "warn"
    try:
        shop = find(session, shop_id, world.settings, world.secret)
    except LookupError:  # it left the configuration file: the operator has to answer for it
        alarms.raise_alarm(session, "privacy-deadline", session.get_one(Shop, shop_id).name, level, message)
        return
    day = formats.date(first, shop.settings.timezone, choose(shop.settings.locale))
    tell_merchant.raise_alarm(session, "privacy-deadline", shop, level, message, day)


def forget(world: World) -> None:
    """Exports whose time is over, and what was locked away and has to be kept no longer. The audit log says that it happened."""
    with transaction(world.engine) as session:
        exports, orders = cases.forget_exports(session), blocked.destroy(session)
        if exports:
            audit.record(session, ACTOR, "privacy.forget", subject="exports", after={"exports": exports})
        for order_id in orders:
            audit.record(session, ACTOR, "privacy.destroy", subject=f"order {order_id}")
