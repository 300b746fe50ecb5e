"""How a shop stands, from what the ledger knows: nothing is asked of it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops import SHOPS
from connectors.shops.base import NativeMail
from jobs.subscriptions import is_reachable
from postventa import alarms, imports
from postventa.clock import real_now
from postventa.config import Settings
from postventa.connecting import visits
from postventa.models import Inbound, Shop
from postventa.shops import ConnectedShop, webhook_url
from postventa.tracking.webhooks import standing as carriers_webhooks
from postventa.web.shops.page import Found
from postventa.web.shops.words import STATES, TELLING, WEBHOOKS

PLATFORMS = {"woocommerce": "WooCommerce", "shopify": "Shopify"}
CARRIERS = {"sendcloud": "Sendcloud"}


@dataclass(frozen=True)
class Telling:
    """A carrier's webhooks. `state`: a name of `TELLING`; `address`: where they come in; `last`: when one did."""

    name: str
    state: str
    address: str
    last: datetime | None

    @property
    def mark(self) -> str:
        return TELLING[self.state][0]

    @property
    def words(self) -> str:
        return TELLING[self.state][1]


@dataclass(frozen=True)
class Standing:
    """`state`, `webhooks`: names of `STATES` and `WEBHOOKS`. `last`: when its last delivery was stored. `doubles`: its own mails to switch off.
    `past`: how far its orders of before are read; None: nobody began."""

    row: Shop
    shop: ConnectedShop | None
    state: str
    webhooks: str
    last: datetime | None
    doubles: tuple[NativeMail, ...]
    past: imports.Progress | None = None
    telling: Telling | None = None
    """How things stand with the webhooks of the carrier that is asked about its parcels; None: none is."""
    asked: bool = False
    """Whether the shop said which of its mails are on, when it was looked at last."""

    @property
    def mark(self) -> str:
        return STATES[self.state][0]

    @property
    def words(self) -> tuple[str, str]:
        return STATES[self.state][1:]

    @property
    def webhooks_mark(self) -> str:
        return WEBHOOKS[self.webhooks][0]

    @property
    def webhooks_words(self) -> str:
        return WEBHOOKS[self.webhooks][1]

    @property
    def platform(self) -> str:
        return PLATFORMS.get(self.row.platform, self.row.platform)

    @property
    def host(self) -> str:
        """Its address without what goes without saying."""
        parts = urlsplit(self.row.domain)
        return f"{parts.netloc}{parts.path.rstrip('/')}" if parts.scheme else self.row.domain

    @property
    def ours_to_change(self) -> bool:
        """Whether these pages may: not what the configuration file says, nor what is an app's."""
        return self.shop is not None and not self.row.from_file and not self.shop.settings.through_app


def standing(session: Session, found: Found, settings: Settings) -> Standing:
    """The shop as it stands now."""
    row, shop = found
    webhooks = _webhooks(session, row, shop, settings)
    known, past = _mails(session, row.id), imports.progress(session, row.id)
    twice = doubles(shop, settings, known) if shop else ()
    told = _telling(session, shop, settings) if shop is not None and shop.settings.carriers.asked and row.disconnected_at is None else None
    return Standing(row, shop, _state(row, shop), webhooks, _last_delivery(session, row), twice, past, told, asked=bool(known))


def _mails(session: Session, shop_id: int) -> Mapping[str, bool]:
    """By their ids, whether they are on; empty: the shop did not say."""
    seen = visits.newest(session, shop_id)
    found = seen.result.get("mails") if seen is not None else None
    return found if isinstance(found, dict) else {}


def doubles(shop: ConnectedShop, settings: Settings, known: Mapping[str, bool]) -> tuple[NativeMail, ...]:
    """The shop's own mails that say what ours say, and can be switched off there. `known`: those that the shop says to be on or off."""
    own = shop.settings
    off = {*own.off, *settings.journey.off} - set(own.on)
    wanted = [mail for mail in SHOPS[shop.platform].native_mails if mail.followup not in off and (mail.ours_by_default or mail.followup in own.on)]
    return tuple(mail for mail in wanted if mail.where and known.get(mail.id, True))


def _state(row: Shop, shop: ConnectedShop | None) -> str:
    if row.disconnected_at is not None:
        return "disconnected" if shop is None else "uninstalled"
    if shop is None:
        return "gone"
    if row.api_refused_at is not None:
        return "refused"
    if shop.hold:
        return "held"
    if row.api_paused_until is not None and row.api_paused_until > real_now():
        return "paused"
    return "fine" if shop.settings.has_api_keys else "no-keys"


def _webhooks(session: Session, row: Shop, shop: ConnectedShop | None, settings: Settings) -> str:
    if shop is None or row.disconnected_at is not None:
        return "off"
    if shop.settings.through_app or shop.settings.webhooks == "leave":
        return "app" if shop.settings.through_app else "leave"
    if not shop.settings.has_api_keys:
        return "no-keys"
    if not is_reachable(settings):
        return "unreachable"
    if alarms.find(session, "webhooks-not-restored", row.name) is not None:
        return "trouble"
    return "well" if row.subscriptions_well_at is not None else "soon"


def _telling(session: Session, shop: ConnectedShop, settings: Settings) -> Telling:
    carrier = shop.settings.carriers.asked[0]
    known = carriers_webhooks(session, shop.id, carrier)
    state = known.state if known.last is not None or is_reachable(settings) else "unreachable"
    return Telling(CARRIERS[carrier], state, webhook_url(settings, carrier, shop.key), known.last)


def _last_delivery(session: Session, row: Shop) -> datetime | None:
    """By the shop itself: what its carriers tell is no sign of life of it."""
    its = (Inbound.shop_id == row.id, Inbound.source == "webhook", Inbound.platform == row.platform)
    return session.scalar(select(Inbound.stored_at).where(*its).order_by(Inbound.id.desc()).limit(1))
