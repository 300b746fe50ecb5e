"""A shop's accounts with carriers: opened with its keys, at a pace that all workers share, and left alone for a while after trouble."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectors.carriers import CARRIERS
from connectors.carriers.base import Account, Carrier, NeedsAccount
from connectors.carriers.karrio.kinds import KINDS
from connectors.errors import ConnectorError, Refused
from connectors.paced import PacedDoor
from jobs.pace import next_turn
from jobs.world import World
from postventa import alarms
from postventa.clock import real_now
from postventa.config import Carriers, KarrioAccount, Settings
from postventa.effects import insert_once
from postventa.models import CarrierAccount
from postventa.models.db import transaction
from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.carriers")

EVERY = timedelta(seconds=0.25)
"""Between two calls: 240 a minute, a quarter of what Sendcloud allows for reading."""
FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
"""How long an account rests after the first trouble, and at most."""
REFUSED_AGAIN = timedelta(hours=1)
"""Keys that were refused are tried this often: somebody may have put them right."""
NOBODYS = "POSTVENTA-TRIES-THE-KEYS"
"""A number that no parcel has."""
REST = 10.0
"""Seconds that one answer may have everybody wait within a call."""


def carrier_called(name: str) -> Carrier:
    """The carrier of that name, without an account. Raises `ValueError` with the names there are."""
    if name not in CARRIERS:
        raise ValueError(f'there is no carrier "{name}": set carrier to one of {", ".join(CARRIERS)}')
    return CARRIERS[name]


def carrier_of(world: World, shop: ConnectedShop, name: str) -> Carrier:
    """The carrier, with the shop's account if it needs one. Raises `ValueError` with what is missing in the shop's settings."""
    carrier = carrier_called(name)
    if not isinstance(carrier, NeedsAccount):
        return carrier
    allowed = world.settings.security.allow_private_hosts
    turn = partial(_turn, world.engine, shop.id, name)
    helper = _helper(world.settings) if isinstance(shop.settings.carriers.account(name), KarrioAccount) else ""
    return carrier.bound(Account(shop.settings.carriers.keys(name), PacedDoor(allowed, tries=1, turn=turn), helper))


def _helper(settings: Settings) -> str:
    """Where the process with karrio listens. That somebody asks for it is what has it started (`postventa.runtime.carriers_helper`)."""
    wanted = settings.carriers_wanted
    wanted.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted.touch()
    return str(settings.carriers_socket)


def try_account(world: World, shop: ConnectedShop, name: str, carriers: Carriers) -> None:
    """Ask the carrier for something that costs nothing, with keys that are not kept yet. Raises `ConnectorError`, `ValueError`."""
    tried = replace(shop, settings=shop.settings.model_copy(update={"carriers": carriers}))
    try:
        carrier_of(world, tried, name).track(NOBODYS)
    except ConnectorError as error:
        if name not in KINDS or is_about_the_account(error):
            raise
        # it let us in, and says in words of its own that it has no such parcel


def _turn(engine: Engine, shop_id: int, name: str) -> float:
    with transaction(engine) as session:
        row = _locked(session, shop_id, name)
        now = real_now()
        turn = next_turn(row.next_call_at, now, EVERY)
        row.next_call_at = turn + EVERY
    return min(max(0.0, (turn - now).total_seconds()), REST)


def resting(session: Session, shop_id: int, name: str) -> bool:
    """Whether it is to be left alone now. Whoever asks after trouble asks for everybody: the others wait for what it hears."""
    row = _locked(session, shop_id, name)
    if row.paused_until is None:
        return False
    if row.paused_until > real_now():
        return True
    row.paused_until = real_now() + FIRST
    return False


def answered(session: Session, shop: ConnectedShop, name: str) -> None:
    """It works (again)."""
    row = session.scalars(select(CarrierAccount).where(CarrierAccount.shop_id == shop.id, CarrierAccount.carrier == name)).first()
    if row is None or row.paused_until is None:
        return
    row.paused_until, row.failures, row.trouble = None, 0, ""
    alarms.clear(session, "carrier-refuses-us", _subject(shop, name))


def failed(session: Session, shop: ConnectedShop, name: str, error: ConnectorError) -> None:
    """It does not: all work with it rests, for as long as it asked for, or twice as long as the last time."""
    row = _locked(session, shop.id, name)
    row.failures += 1
    row.trouble = str(error)[:500]
    if isinstance(error, Refused):
        row.paused_until = real_now() + REFUSED_AGAIN
        alarms.raise_alarm(session, "carrier-refuses-us", _subject(shop, name), "page", f"{shop.settings.name}: {error}")
        return
    doubled = min(FIRST * 2.0 ** min(row.failures - 1, 10), LONGEST)
    asked = timedelta(seconds=error.retry_after or 0)
    row.paused_until = real_now() + max(asked, doubled * random.uniform(0.75, 1.0))  # noqa: S311  (spreads load, guards nothing)


def told(session: Session, shop_id: int, name: str, at: datetime) -> None:
    """A webhook of its arrived."""
    row = _locked(session, shop_id, name)
    row.told_at = max(row.told_at or at, at)


def is_about_the_account(error: ConnectorError) -> bool:
    """Whether the next parcel would meet the same: keys that are refused, or a carrier that is not well."""
    return isinstance(error, Refused) or not error.permanent


def _subject(shop: ConnectedShop, name: str) -> str:
    return f"{shop.settings.name}, {name}"


def _locked(session: Session, shop_id: int, name: str) -> CarrierAccount:
    values = {"shop_id": shop_id, "carrier": name, "failures": 0, "trouble": ""}
    query = select(CarrierAccount).where(CarrierAccount.shop_id == shop_id, CarrierAccount.carrier == name).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).first()
    if row is None:
        session.execute(insert_once(session, CarrierAccount, values, ["shop_id", "carrier"]))
        row = session.scalars(query).one()
    return row
