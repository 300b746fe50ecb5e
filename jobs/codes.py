"""A customer asked for a one-time code: it is planned as a mail to the order's own address, unless enough of them went there.

Who asks has the order's link, so nothing is given away by doing it at once. All counts stand in SQL and are taken before anything is planned: without
the database there is no code.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from jobs import at_once
from jobs.customer_return import locked
from postventa.accounts.limits import WINDOW, counted
from postventa.accounts.tokens import keyed
from postventa.clock import now
from postventa.models import Order, Shop
from postventa.step_up import Purpose, Scope, codes, store

NAME = "code"
APART = timedelta(minutes=1)
"""Between two codes for the same."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BY_NETWORK, BY_ORDER, BY_ADDRESS, BY_ORDER_A_DAY = 20, 5, 5, 10
"""Of one network in a quarter of an hour; for an order and to an address of a shop in an hour; for an order in a day.

With five tries each, whoever has somebody's link has one chance in twenty thousand a day, and its owner ten mails that say so.
"""


class Asked(StrEnum):
    """What came of it."""

    MAILED = "mailed"
    SOON = "soon"
    """One is on its way."""
    MANY = "many"
    NOWHERE = "nowhere"
    """The order has no address."""


def ask(session: Session, secret: bytes, order_id: int, purpose: Purpose, network: str) -> Asked:
    """Have a code mailed. `network`: whose wish it is (`accounts.limits.network`). Commit what this wrote, whatever the answer is."""
    if counted(session, keyed(secret, "code network", network), now(), WINDOW) > BY_NETWORK:
        return Asked.MANY  # whoever asks too often spends nobody else's share
    order = locked(session, order_id)
    scope = Scope.of(order, purpose)
    if not scope.email:
        return Asked.NOWHERE
    last = store.newest(session, scope)
    if last is not None and now() - last.created_at < APART:
        return Asked.SOON
    if not _few(session, secret, scope):
        return Asked.MANY
    _plan(session, scope, order)
    return Asked.MAILED


def _few(session: Session, secret: bytes, scope: Scope) -> bool:
    """Whoever has asked too often in an hour does not use up the day as well."""
    of_order, of_address = str(scope.order_id), f"{scope.shop_id}:{scope.email}"
    counts = (
        (keyed(secret, "code order", of_order), HOUR, BY_ORDER),
        (keyed(secret, "code address", of_address), HOUR, BY_ADDRESS),
        (keyed(secret, "code order, a day", of_order), DAY, BY_ORDER_A_DAY),
    )
    return all(counted(session, subject, now(), window) <= most for subject, window, most in counts)


def _plan(session: Session, scope: Scope, order: Order) -> None:
    """The mail, and the row that it takes its code from. It is due at once: the sweep finds it within a second."""
    shop, salt = session.get_one(Shop, scope.shop_id), codes.new_salt()
    effect = at_once.mail(session, order, f"{shop.key}:{order.ref}:{NAME}:{secrets.token_hex(8)}", NAME, scope.purpose)
    if effect is None:
        raise RuntimeError("a key that was drawn at random is taken")
    store.add(session, scope, effect.id, salt, now())
