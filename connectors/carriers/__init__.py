"""Carriers: one line each, and a folder with the operations of `base.Carrier`, whose README says what it needs; karrio's stand in one folder."""

from __future__ import annotations

from connectors.carriers import karrio
from connectors.carriers.base import Carrier, Tells
from connectors.carriers.own import OwnCarrier
from connectors.carriers.sendcloud import SendcloudCarrier

CARRIERS: dict[str, Carrier] = {
    "own": OwnCarrier(),
    "sendcloud": SendcloudCarrier(),
    **karrio.CARRIERS,
}
"""Those that need a shop's account (`base.NeedsAccount`) stand here without one: they say what they can, and do nothing until they are bound."""

TELLERS: dict[str, Tells] = {name: carrier for name, carrier in CARRIERS.items() if isinstance(carrier, Tells)}
"""Those that tell of parcels by themselves (`webhooks/reception.py`)."""
