"""Carriers with which a shop has a contract of its own: DHL, UPS, FedEx, DPD and GLS, through karrio's packages.

karrio is a large library that turns the check of certificates off wherever it is loaded, so it has a process of its own (`helper/`), which the
service starts when a shop needs it. Here is everything else: what is asked, and what the answers mean. See README.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from connectors.carriers.base import Account, Label, LabelRequest, Method, Pickup, Tracked, check_direction
from connectors.carriers.karrio import verdict, wanted
from connectors.carriers.karrio.asking import ask
from connectors.carriers.karrio.kinds import KINDS, Kind
from connectors.errors import Unsupported
from connectors.reading import Part

ZONE = "Europe/Madrid"


@dataclass
class KarrioCarrier:
    """One of `KINDS`. Without an account it only says what it can."""

    kind: Kind
    account: Account | None = None
    name: str = field(init=False)
    methods: frozenset[Method] = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.kind.name
        self.methods = frozenset({Method.PRINTED_LABEL} if self.kind.makes_labels else ())

    def bound(self, account: Account) -> KarrioCarrier:
        """For one shop. Raises `ValueError` for keys that are missing."""
        missing = [key for key in self.kind.keys if not account.keys.get(key)]
        if missing:
            raise ValueError(f"{self.kind.title} needs {' and '.join(missing)} in [shops.carriers.{self.name}]")
        return KarrioCarrier(self.kind, account)

    def return_label(self, request: LabelRequest) -> Label:
        """Buy one. None of these carriers can be asked for it under our number, so a doubt is left to a person (`find`)."""
        if request.method not in self.methods:
            raise Unsupported(f"make a return label through karrio ({request.method.value})", self.kind.title)
        check_direction(request)
        document = wanted.shipment(self.kind, request, self._keys)
        return verdict.labelled(self.kind, self._ask("label", document), request)

    def find(self, request: LabelRequest) -> Label | None:
        """Raises `Unsupported`: karrio's packages have no question for that."""
        raise Unsupported(f"be asked for the label {request.reference}: look in its own panel", self.kind.title)

    def pickup(self, request: LabelRequest, day: date) -> Pickup:
        """Raises `Unsupported`: left out."""
        raise Unsupported("order a pickup here", self.kind.title)

    def void(self, label: Label) -> None:
        """Only UPS takes its labels back; it does so until they are used."""
        if not self.kind.takes_back:
            raise Unsupported("take a label back through karrio: cancel it in its own panel, if it costs anything unused", self.kind.title)
        verdict.taken_back(self.kind, self._ask("void", {"shipment_identifier": label.carrier_ref or label.tracking_number}))

    def track(self, tracking_number: str) -> Tracked:
        """Times without a zone are read in that of the account."""
        zone = ZoneInfo(self._keys.get("timezone") or ZONE)
        return verdict.tracked(self.kind, self._ask("track", {"tracking_numbers": [tracking_number]}), zone)

    @property
    def _keys(self) -> dict[str, str]:
        if self.account is None:
            raise ValueError(f"{self.kind.title} works with a shop's own account: fill in [shops.carriers.{self.name}]")
        return dict(self.account.keys)

    def _ask(self, operation: str, document: dict[str, Any]) -> Part:
        """The keys travel with each question, and are kept by nobody."""
        keys = self._keys
        assert self.account is not None
        door = self.account.door
        door.take_turn()
        passed = {name: keys[name] for name in (*self.kind.keys, *self.kind.label_keys, *self.kind.besides) if keys.get(name)}
        question = {
            "carrier": self.name,
            "operation": operation,
            "document": document,
            "keys": passed,
            "trial": keys.get("test_mode") == "True",
            "url": keys.get("url", ""),
            "allowed": list(door.allow_private_hosts),
            "authorities": door.authorities,
        }
        return ask(self.account.helper, question)


CARRIERS: dict[str, KarrioCarrier] = {name: KarrioCarrier(kind) for name, kind in KINDS.items()}
