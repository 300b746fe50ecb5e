"""Each shop's account with a carrier: does it tell by itself where parcels are, and does it give codes for returns?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from connectors.carriers import CARRIERS
from connectors.carriers.base import Account, GivesCodes, NeedsAccount
from connectors.errors import ConnectorError
from connectors.http import Door
from jobs.subscriptions import is_reachable
from postventa import migrations
from postventa.config import ConfigError, Settings, ShopSettings
from postventa.doctor.check import PATIENCE, Check
from postventa.models.db import connect, reading
from postventa.secrets import load_secret, secret_path
from postventa.shops import everyone, webhook_url
from postventa.tracking.webhooks import Webhooks, standing

NEVER = Webhooks(None)


def heard(settings: Settings) -> dict[str, Webhooks]:
    """Of each shop's carrier, by the shop's key, how things stand with its webhooks; empty when the database cannot say."""
    url = settings.database_url
    if (url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists()) or not secret_path(settings).exists():
        return {}
    engine = connect(url, patience=PATIENCE)
    try:
        if migrations.pending(engine):
            return {}
        shops = [shop for shop in everyone(engine, settings, load_secret(settings)) if shop.settings.carriers.asked]
        with reading(engine) as session:
            return {shop.key: standing(session, shop.id, shop.settings.carriers.asked[0]) for shop in shops}
    except (SQLAlchemyError, ConfigError):
        return {}  # said by the checks of the database and of the shops
    finally:
        engine.dispose()


def checks(shop: ShopSettings, settings: Settings, told: Webhooks = NEVER, door: Door | None = None) -> Iterator[Check]:
    """One shop. `told`: what is known of its carrier's webhooks. `door`: another than the usual one."""
    for carrier in shop.carriers.asked:
        yield webhooks(shop, settings, carrier, told)
    if shop.carriers.sendcloud.qr_option:
        yield codes(shop, settings, door)


def webhooks(shop: ShopSettings, settings: Settings, carrier: str, told: Webhooks) -> Check:
    """Whether they arrive; parcels are asked about all the same."""
    name, address = f"{shop.name}: webhooks of {carrier}", webhook_url(settings, carrier, shop.key)
    if told.ceased:
        return Check.warn(name, f"none since {told.last:%Y-%m-%d %H:%M} UTC, though parcels moved on: look whether {address} still stands there")
    if told.last is not None:
        return Check.ok(name, f"the last one on {told.last:%Y-%m-%d %H:%M} UTC")
    if not is_reachable(settings):
        return Check.ok(name, "none, parcels are asked about; for webhooks, too, public_url has to be an https address")
    return Check.ok(name, f"none yet, parcels are asked about; to hear of each step at once let it call {address} (docs/connect.md)")


def codes(shop: ShopSettings, settings: Settings, door: Door | None = None) -> Check:
    """Whether customers who choose a code get one."""
    name = f"{shop.name}: returns without a label"
    if not shop.gives_qr:
        return Check.warn(name, 'qr_option has no effect: its labels are made by another carrier, set carrier = "sendcloud"')
    account = Account(shop.carriers.keys(shop.carrier), door or Door(settings.security.allow_private_hosts, tries=1))
    carrier = CARRIERS[shop.carrier]
    bound = carrier.bound(account) if isinstance(carrier, NeedsAccount) else carrier
    try:
        why = bound.why_no_qr() if isinstance(bound, GivesCodes) else f"{shop.carrier} gives none"
    except ConnectorError as error:
        return Check.warn(name, f"not checked: {error}")
    if why:
        return Check.fail(name, f"customers who choose a code get a label to print: {why}. Put the code of such a way into qr_option")
    return Check.ok(name, f"{shop.carriers.sendcloud.qr_option} gives a code for the telephone")
