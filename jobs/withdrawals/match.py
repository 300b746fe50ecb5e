"""A statement finds its order: by the mail's link, or by number and address together; else it is a case for staff. Its return is opened with it."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from jobs import at_once
from jobs.open_return import open_return
from jobs.world import current
from postventa import audit
from postventa.clock import now
from postventa.config import Settings
from postventa.models import Effect, Order, Parcel, ReturnCase, Shop, Withdrawal
from postventa.models.db import transaction
from postventa.shops import ConnectedShop, connected, still_known
from postventa.withdrawal.statement import Statement, read

ARRIVED = "withdrawal_arrived"
ACTOR = "service"
NO_ORDER, SEVERAL, NOT_SENT, GONE, ERASED, NO_RETURN = "no-order", "several", "not-sent", "shop-gone", "erased", "no-return"
"""What a person has to look at; `postventa.withdrawal.words.TROUBLES` says it in words."""
MANY = 8
"""Words of what was typed that are taken for numbers."""
MOST_TOLD = 20
"""Mails of one kind in a day to a merchant about statements without an order; beyond it the alarm and the page tell: no flood hides a mail."""

log = logging.getLogger("postventa.withdrawals")


class House(Protocol):
    """What is needed of a worker's world, or of the web's services."""

    @property
    def settings(self) -> Settings: ...
    @property
    def secret(self) -> bytes: ...


def match(withdrawal_id: int) -> None:
    """Look for the order, once, and tell the merchant. Whatever goes wrong leaves it for a person, with the reason."""
    world = current()
    with transaction(world.engine) as session:
        row = session.get_one(Withdrawal, withdrawal_id, with_for_update=True, populate_existing=True)
        if row.tried_at is not None:
            return
        row.tried_at = now()
        found = _order(session, row)
        shop = still_known(session.get_one(Shop, row.shop_id), world.settings)
        if row.content is None:
            row.trouble = ERASED
        elif isinstance(found, Order):
            join(session, world, row, found, "link" if found.id == row.order_hint else "number", ACTOR)
        else:
            row.trouble = found
        tell(session, shop, world.settings.public_url, row, ARRIVED, row.ref)
    log.info("statement of withdrawal %s", "matched" if row.order_id else "not matched", extra={"shop": row.shop_id, "withdrawal": row.ref})


def join(session: Session, world: House, row: Withdrawal, order: Order, how: str, actor: str) -> None:
    """This is the order. What left the shop comes back with a label; what did not must stay there. `row` is locked."""
    locked = session.get_one(Order, order.id, with_for_update=True, populate_existing=True)
    row.order_id, row.matched_at, row.matched_how, row.matched_by, row.trouble = locked.id, now(), how, actor, ""
    row.refunded_before = f"{locked.refunded_total:f}"
    audit.record(session, actor, "withdrawal.match", shop_id=row.shop_id, subject=f"withdrawal {row.ref}", after={"order": locked.ref, "how": how})
    if not _has_left(session, locked):
        row.released_at, row.released_how = now(), "not_sent"
        row.trouble = NOT_SENT
        return
    row.trouble = _open(session, world, row, locked, actor)


def _open(session: Session, world: House, row: Withdrawal, order: Order, actor: str) -> str:
    """Open the return; why a person has to, empty if it is open. What was in a return already keeps that one."""
    shop = connected(session.get_one(Shop, row.shop_id), world.settings, world.secret)
    if shop is None or shop.disconnected:
        return GONE
    statement, _ = read(row.content or "")
    try:
        case = open_return(session, world.settings, shop, order, wanted(statement), "", "withdrawal", row.ref, actor=actor)
    except ValueError as error:
        known = select(ReturnCase.id).where(ReturnCase.order_id == order.id).order_by(ReturnCase.id.desc()).limit(1)
        row.return_case_id = session.scalar(known)
        log.warning("no return was opened for %s: %s", row.ref, error, extra={"shop": row.shop_id})
        return NO_RETURN
    row.return_case_id = case.id
    return ""


def wanted(statement: Statement) -> Sequence[tuple[str, int]]:
    """Which lines; empty for everything."""
    return tuple((item.ref, item.quantity) for item in statement.items)


def tell(session: Session, shop: ConnectedShop, home: str, row: Withdrawal, followup: str, reason: str, mark: str = "") -> None:
    """A mail to the merchant about it, once for each `mark`."""
    if row.order_id is None and _told_today(session, shop, followup) >= MOST_TOLD:
        log.warning("no more mails today about statements without an order", extra={"shop": shop.id, "withdrawal": row.ref})
        return
    key, page = f"{shop.key}:{followup}:{row.ref}{mark}", f"{home}/withdrawals/{row.ref}"
    at_once.alert(session, shop, key, followup, row.order_id, row.ref, reason=reason, page=page)


def _told_today(session: Session, shop: ConnectedShop, followup: str) -> int:
    mine = (Effect.shop_id == shop.id, Effect.recipient == shop.alert_address, Effect.followup == followup, Effect.order_id.is_(None))
    return session.scalar(select(func.count()).select_from(Effect).where(*mine, Effect.planned_at > now() - timedelta(days=1))) or 0


def _order(session: Session, row: Withdrawal) -> Order | str:
    """The order that is meant, or why a person has to look."""
    if row.content is None:
        return NO_ORDER
    statement, _ = read(row.content)
    hinted = session.get(Order, row.order_hint) if row.order_hint is not None else None
    if hinted is not None and hinted.shop_id == row.shop_id and bare(hinted.number or hinted.ref) in numbers_in(statement.contract):
        return hinted
    names = numbers_in(statement.contract)
    spelt = [*names, *(f"#{name}" for name in names)]
    mine = (Order.shop_id == row.shop_id, func.lower(Order.email) == statement.email.lower(), or_(Order.number.in_(spelt), Order.ref.in_(names)))
    found = session.scalars(select(Order).where(*mine).order_by(Order.id)).all()
    exact = [order for order in found if bare(order.number) == names[0]] or list(found)
    return exact[0] if len(exact) == 1 else SEVERAL if exact else NO_ORDER


def numbers_in(typed: str) -> list[str]:
    """What of the typed words could be an order's number: all of it first, then each word with a digit."""
    words = [bare(word) for word in re.split(r"[\s,;:()]+", typed) if re.search(r"\d", word)]
    return list(dict.fromkeys([bare(typed), *words[:MANY]]))


def bare(number: str) -> str:
    """`#1042` and `Nº 1042.` as `1042`."""
    return re.sub(r"^(?:#|n\.?º|nº|no\.)\s*", "", number.strip(), flags=re.IGNORECASE).strip(" .#")


def _has_left(session: Session, order: Order) -> bool:
    sent = (Parcel.order_id == order.id, Parcel.cancelled == False, or_(Parcel.dispatched_at.is_not(None), Parcel.delivered_at.is_not(None)))  # noqa: E712
    return session.scalar(select(Parcel.id).where(*sent).limit(1)) is not None or order.completed_at is not None
