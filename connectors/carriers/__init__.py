"""Carriers: one line each. A folder with the operations of `base.Carrier`, whose README says what it needs."""

from __future__ import annotations

from connectors.carriers.base import Carrier
from connectors.carriers.own import OwnCarrier

CARRIERS: dict[str, Carrier] = {
    "own": OwnCarrier(),
}
