"""What a delivery says about the shop itself: uninstallation, what the app may do, and requests to export or erase."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from jobs import shopify_access, tell_merchant
from jobs.erase_customer import Erased, Lock, erase_customer, erase_shop
from jobs.world import World
from postventa import alarms, audit
from postventa.events import Event, OrderSeen, PrivacyRequested, ScopesChanged, ShopDisconnected
from postventa.models import Inbound, PrivacyCase, Shop
from postventa.privacy import cases
from postventa.privacy.cases import Kind
from postventa.privacy.people import Person
from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.privacy")

KINDS: dict[str, Kind] = {
    "customers/data_request": "export",
    "customers/redact": "erase",
    "shop/redact": "erase_shop",
    "postventa.privacy_export": "export",
    "postventa.privacy_erase": "erase",
}
"""Topic -> what it asks for."""


def about_the_shop(events: Iterable[Event]) -> bool:
    """Whether it may change more than the orders that it names."""
    return any(isinstance(event, ShopDisconnected | ScopesChanged | PrivacyRequested) for event in events)


def heed(session: Session, world: World, shop: ConnectedShop, inbound_id: int, received_at: datetime, events: Iterable[Event]) -> str:
    """Act on it. What a person has to do, to stand as the delivery's reason in the inbox; empty: nothing."""
    reason = ""
    for event in events:
        if isinstance(event, ShopDisconnected):
            _disconnect(session, shop, event, inbound_id)
        elif isinstance(event, ScopesChanged):
            shopify_access.scopes_changed(session, shop, tuple(filter(None, event.detail.split(","))), event.at)
        elif isinstance(event, OrderSeen) and shop.disconnected:
            _reconnect(session, shop, received_at)
        elif isinstance(event, PrivacyRequested):
            reason = _answer(session, world, shop, inbound_id, event)
            subject = f"delivery {inbound_id}"
            audit.record(session, f"shop:{shop.platform}", event.detail, shop_id=shop.id, subject=subject, after={"answer": reason})
            log.warning("privacy request %s: %s", event.detail, reason, extra={"shop": shop.id})
    return reason


def _disconnect(session: Session, shop: ConnectedShop, event: ShopDisconnected, inbound_id: int) -> None:
    stored = session.get_one(Shop, shop.id)
    late = event.at < stored.created_at or shopify_access.came_back_since(session, shop.id, inbound_id)
    if not late:  # which must not end a new installation
        shopify_access.forget(session, shop)
        if stored.disconnected_at is None:
            tell_merchant.raise_alarm(session, "app-uninstalled", shop, "warn", f"{stored.name}: the merchant uninstalled the app")
        stored.disconnected_at = event.at
        log.warning("the shop uninstalled the app: its follow-ups wait", extra={"shop": shop.id})


def _reconnect(session: Session, shop: ConnectedShop, received_at: datetime) -> None:
    """Orders that the shop sent after the uninstallation prove that it is back. Not so for a shop of our app, which is back when it has tokens again
    (`shopify_install.connect`): what comes without them is late."""
    if shop.settings.through_app:
        return
    stored = session.get_one(Shop, shop.id)
    if stored.disconnected_at is not None and received_at > stored.disconnected_at:
        stored.disconnected_at = None
        alarms.clear(session, "app-uninstalled", stored.name)
        log.warning("the shop sends orders again: its follow-ups go on", extra={"shop": shop.id})


def _answer(session: Session, world: World, shop: ConnectedShop, inbound_id: int, event: PrivacyRequested) -> str:
    """Erase at once, since nothing has to be asked for it; an export is made by a job of its own (`jobs/answer_privacy.py`)."""
    kind = KINDS[event.detail]
    person = Person(event.subject if "@" not in event.subject else "", event.email or (event.subject if "@" in event.subject else ""), event.orders)
    if kind == "erase_shop":
        person = Person()
    name = event.request or f"delivery-{inbound_id}"
    case = cases.open_case(session, world.secret, shop.id, kind, shop.platform, name, person, event.at)
    if kind == "export":
        until = f"{case.due_at:%Y-%m-%d}"
        return f"case {case.id}: a customer asks for their data; the export is made now, hand it on before {until} (postventa privacy list)"
    if case.state != "open":
        forget_request(session, inbound_id)
        return f"case {case.id}: it was done before"
    done = erase(session, world, shop, case, person)
    forget_request(session, inbound_id)
    whose = "the shop's customers were" if kind == "erase_shop" else "the customer was"
    return f"case {case.id}: {whose} erased ({done.orders} orders, {done.blocked} of them blocked for as long as the law says{done.at_carriers})"


def erase(session: Session, world: World, shop: ConnectedShop, case: PrivacyCase, person: Person) -> Erased:
    """What the case asks for, and its end."""
    if case.kind == "erase_shop":
        done = erase_shop(session, shop.id)
    else:
        done = erase_customer(session, shop.id, person, Lock(world.secret, world.settings.privacy.block_years, case.id))
    cases.erased(case, done.counts)
    return done


def forget_request(session: Session, inbound_id: int) -> None:
    """The request names the person, too."""
    session.execute(update(Inbound).where(Inbound.id == inbound_id).values(body=None, headers={}).execution_options(synchronize_session=False))
