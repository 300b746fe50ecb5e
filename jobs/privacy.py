"""What the law and the platform ask of us besides orders: uninstallation, and requests to export or erase."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy.orm import Session

from postventa.events import Event, PrivacyRequested, ShopDisconnected
from postventa.models import Shop
from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.privacy")


def heed(session: Session, shop: ConnectedShop, events: Iterable[Event]) -> None:
    """Act on what a delivery says about the shop itself."""
    for event in events:
        if isinstance(event, ShopDisconnected):
            row = session.get_one(Shop, shop.id)
            if event.at >= row.created_at:  # a late one must not kill a new installation
                row.disconnected_at = event.at
                log.warning("the shop uninstalled the app: its follow-ups wait", extra={"shop": shop.id})
        elif isinstance(event, PrivacyRequested):
            log.warning("privacy request «%s» stands in the event log: to be answered within 30 days", event.detail, extra={"shop": shop.id})
