"""Alarms that concern one shop and that its merchant can put right: an alarm for whoever runs the service, and one mail to the merchant.

The mail is an effect like any other (`jobs/alerts.py` composes it), written in the transaction that opens the alarm. Its key carries the alarm's
number: however often the trouble is seen while the alarm is open, it is told once, and again only if it was over and came back.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jobs import at_once
from postventa import alarms
from postventa.alarms import Level
from postventa.models import Alarm, Effect, Shop
from postventa.shops import ConnectedShop

MAILS = {
    "import-stuck": "import_stuck",
    "shop-refuses-us": "keys_refused",
    "app-uninstalled": "app_uninstalled",
    "webhooks-not-restored": "webhooks_not_restored",
    "webhooks-restored": "webhooks_restored",
    "privacy-deadline": "privacy_waiting",
    "weak-secret": "weak_secret",
}
"""Alarm -> the mail's wording in `postventa/followups/`."""


def raise_alarm(session: Session, name: str, shop: ConnectedShop, level: Level, message: str, reason: str = "") -> bool:
    """Open the alarm, or say that it is still so, and have the merchant told; whether it is new. `reason`: what the mail's `{{ reason }}` says."""
    subject = session.get_one(Shop, shop.id).name
    new = alarms.raise_alarm(session, name, subject, level, message)
    alarm = alarms.find(session, name, subject)
    if alarm is not None:
        at_once.alert(session, shop, _key(shop.key, alarm), MAILS[name], reason=reason)
    return new


def told(session: Session, alarm: Alarm, address: str) -> bool:
    """Whether the mail about this alarm goes to that address: nobody needs to read the same twice."""
    if alarm.name not in MAILS:
        return False
    keys = [_key(key, alarm) for key in session.scalars(select(Shop.key).where(Shop.name == alarm.subject))]
    same = (Effect.key.in_(keys), func.lower(Effect.recipient) == address.lower())
    return session.scalar(select(Effect.id).where(*same).limit(1)) is not None


def open_for(session: Session, shop: ConnectedShop) -> list[Alarm]:
    """The open alarms that this shop's merchant was told of. Two shops may bear one name, so the ledger says whose they are."""
    named = select(Alarm).where(Alarm.closed_at.is_(None), Alarm.name.in_(MAILS), Alarm.subject == session.get_one(Shop, shop.id).name)
    by_key = {_key(shop.key, alarm): alarm for alarm in session.scalars(named.order_by(Alarm.opened_at, Alarm.id))}
    own = set(session.scalars(select(Effect.key).where(Effect.key.in_(by_key))))
    return [alarm for key, alarm in by_key.items() if key in own]


def _key(shop_key: str, alarm: Alarm) -> str:
    return f"{shop_key}:{MAILS[alarm.name]}:alarm-{alarm.id}"
