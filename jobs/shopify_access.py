"""What deliveries say about our access to a Shopify shop: that the app was removed, or may do something else than before.

Nothing is asked here: it is part of reading deliveries.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.reading import moment
from connectors.shops.shopify.subscriptions import missing
from postventa import alarms, shop_tokens
from postventa.models import Inbound, Shop
from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.shopify")

LACKING = "app-lacks-scopes"
"""The alarm of a shop whose merchant did not grant all that we need."""


def forget(session: Session, shop: ConnectedShop) -> None:
    """The merchant removed the app: its tokens are dead, and are thrown away."""
    if shop_tokens.discard(session, shop.id):
        alarms.clear(session, LACKING, session.get_one(Shop, shop.id).name)
        log.info("the app was removed: its tokens are thrown away", extra={"shop": shop.id})


def came_back_since(session: Session, shop_id: int, inbound_id: int) -> bool:
    """Whether the app was installed again after what this delivery tells of, however late it arrives.

    `X-Shopify-Triggered-At` stays the same when a delivery is repeated. It is not signed, so it may save an installation and never end one.
    """
    installed = shop_tokens.installed_at(session, shop_id)
    row = session.get(Inbound, inbound_id)
    if installed is None or row is None:
        return False
    headers = {name.lower(): value for name, value in row.headers.items()}
    triggered = moment(headers.get("x-shopify-triggered-at") or headers.get("shopify-triggered-at"))
    return installed > min(triggered or row.stored_at, row.stored_at)


def scopes_changed(session: Session, shop: ConnectedShop, scopes: tuple[str, ...], at: datetime) -> None:
    """What the app may do changed. Its webhooks are looked at again at once: some may be possible now, or gone."""
    row = session.get_one(Shop, shop.id)
    row.subscriptions_checked_at = None
    if shop_tokens.regrant(session, shop.id, scopes, at):
        judge(session, row, scopes)


def judge(session: Session, row: Shop, scopes: tuple[str, ...]) -> None:
    """Say what the app lacks, if Shopify said what it has."""
    lacking = missing(scopes) if scopes else ()
    if lacking:
        message = f"{row.name}: the app lacks {', '.join(lacking)}, so the shop tells us nothing of that. The merchant grants it by opening the app"
        alarms.raise_alarm(session, "app-lacks-scopes", row.name, "warn", message)
    else:
        alarms.clear(session, LACKING, row.name)
