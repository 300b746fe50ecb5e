"""What a delivery says about the shop itself: uninstallation, and requests to export or erase."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy.orm import Session

from jobs.erase_customer import erase_customer, erase_shop
from postventa import audit
from postventa.events import Event, OrderSeen, PrivacyRequested, ShopDisconnected
from postventa.models import Inbound, Shop
from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.privacy")


def heed(session: Session, shop: ConnectedShop, row: Inbound, events: Iterable[Event]) -> None:
    """Act on it; what a person has to do stands as the delivery's reason in the inbox."""
    for event in events:
        if isinstance(event, ShopDisconnected):
            _disconnect(session, shop, event)
        elif isinstance(event, OrderSeen) and shop.disconnected:
            _reconnect(session, shop, row)
        elif isinstance(event, PrivacyRequested):
            row.reason = _answer(session, shop, event)
            audit.record(session, f"shop:{shop.platform}", event.detail, shop_id=shop.id, subject=f"delivery {row.id}", after={"answer": row.reason})
            log.warning("privacy request %s: %s", event.detail, row.reason, extra={"shop": shop.id})


def _disconnect(session: Session, shop: ConnectedShop, event: ShopDisconnected) -> None:
    stored = session.get_one(Shop, shop.id)
    if event.at >= stored.created_at:  # a late one must not end a new installation
        stored.disconnected_at = event.at
        log.warning("the shop uninstalled the app: its follow-ups wait", extra={"shop": shop.id})


def _reconnect(session: Session, shop: ConnectedShop, row: Inbound) -> None:
    """Orders that the shop sent after the uninstallation prove that it is back."""
    stored = session.get_one(Shop, shop.id)
    if stored.disconnected_at is not None and row.received_at > stored.disconnected_at:
        stored.disconnected_at = None
        log.warning("the shop sends orders again: its follow-ups go on", extra={"shop": shop.id})


def _answer(session: Session, shop: ConnectedShop, event: PrivacyRequested) -> str:
    if event.detail == "shop/redact":
        return f"the shop's customers were erased ({erase_shop(session, shop.id)} orders)"
    if event.detail == "customers/redact":
        return f"the customer was erased ({erase_customer(session, shop.id, event.subject)} orders)"
    return "a customer asks for their data: answer within 30 days (postventa ledger, postventa inbox show)"
