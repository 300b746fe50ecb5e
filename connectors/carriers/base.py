"""The contract of a carrier: labels for printing, label-less codes, pickups, and what a contract carrier needs besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connectors.http import Door
from postventa.events import Address


class Method(StrEnum):
    """How the goods travel back."""

    PRINTED_LABEL = "printed_label"
    QR = "qr"
    PICKUP = "pickup"


@dataclass(frozen=True)
class Item:
    """One line on the slip."""

    title: str
    quantity: int
    sku: str = ""


@dataclass(frozen=True)
class LabelRequest:
    """Everything that a return label needs. `sender` is the customer, `receiver` the merchant: the direction of a *return*."""

    reference: str
    """Our return number, such as `R-7F3K-2M9Q`: unique, the idempotency key at carriers that have one, the barcode's text."""
    sender: Address
    receiver: Address
    items: tuple[Item, ...]
    order_number: str
    shop_name: str
    language: str
    """One of the shipped languages; the words themselves come in `words`."""
    words: dict[str, str] = field(default_factory=dict)
    """Translated headings and instructions (see carriers/own/README.md for the keys)."""
    instructions: tuple[str, ...] = ()
    """What to do, step by step, in the customer's language."""
    issued_on: date | None = None
    valid_until: date | None = None
    reason: str = ""
    qr_text: str = ""
    """What the QR says: our own code or an address; never personal data."""
    weight_g: int = 0
    accent: str = "#1f5f5b"
    method: Method = Method.PRINTED_LABEL
    parcel: int = 1
    """Which of a return's parcels it is for. How many there will be, nobody knows beforehand."""


@dataclass(frozen=True)
class Label:
    """A label that exists."""

    carrier: str
    reference: str
    pdf: bytes
    """Empty: there is none, since whoever takes the parcel prints it (`qr`)."""
    tracking_number: str = ""
    tracking_url: str = ""
    carrier_ref: str = ""
    """The carrier's own id, needed to void it."""
    cost: str = "0"
    currency: str = "EUR"
    qr: bytes = b""
    """The carrier's own code as a picture (PNG), to be shown where the parcel is handed in; empty: there is none."""


@dataclass(frozen=True)
class Window:
    """Hours of one day, by the clock of the place where the parcel is."""

    day: date
    begin: time
    end: time
    zone: str = "Europe/Madrid"
    """An IANA name."""


class Fetching(StrEnum):
    """How a pickup stands at its carrier, in our words."""

    ASKED = "asked"
    """The carrier has not said yes yet."""
    AGREED = "agreed"
    REFUSED = "refused"
    CALLING_OFF = "calling_off"
    """It has not said yet whether it stays away."""
    CALLED_OFF = "called_off"
    KEPT = "kept"
    """It comes all the same."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Pickup:
    """An appointment at the customer's door. `reference`: the carrier's own number of it."""

    reference: str
    window: Window
    stands: Fetching = Fetching.ASKED


class Status(StrEnum):
    """Where a parcel is, in our words. A carrier's word that stands in no table is `UNKNOWN`, and never taken for anything else."""

    ANNOUNCED = "announced"
    """The carrier knows of it and does not have it."""
    NOT_COLLECTED = "not_collected"
    """It came for it in vain."""
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    ATTEMPTED_DELIVERY = "attempted_delivery"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RETURNED_TO_SENDER = "returned_to_sender"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Scan:
    """One line of a carrier's tracking."""

    at: datetime
    status: str
    """The carrier's own word."""
    place: str = ""
    means: Status = Status.UNKNOWN
    text: str = ""
    """What the carrier says besides, for staff; never shown to customers, as it may name a neighbour."""


@dataclass(frozen=True)
class Tracked:
    """What a carrier tells of one parcel."""

    scans: tuple[Scan, ...] = ()
    """Oldest first."""
    expected_on: date | None = None
    """The day that the carrier gives, if it gives one."""
    known: bool = True
    """False: the carrier has no such parcel (yet)."""
    whole: bool = True
    """False: only what is new, told by itself; what was told before still stands."""


@dataclass(frozen=True)
class Told:
    """What a carrier told by itself: something new of one parcel, or nothing that concerns us."""

    number: str = ""
    """The parcel's tracking number."""
    scans: tuple[Scan, ...] = ()
    ignored: str = ""
    """Why there is nothing to do, for a person to read; empty when there is something."""


@runtime_checkable
class Tells(Protocol):
    """A carrier that tells of parcels without being asked, at an address of ours. Pure."""

    name: str

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> int:
        """The index of the secret that signed `body`. Raises `BadSignature`. Does the same work whatever is wrong."""

    def told(self, body: bytes) -> Told:
        """Read one stored delivery. Raises `Unreadable` for what cannot be understood, a kind that nobody knows included."""


@dataclass(frozen=True)
class Account:
    """One shop's account with one carrier."""

    keys: Mapping[str, str]
    """What its README names: keys, codes of contracts."""
    door: Door = field(default_factory=Door)
    helper: str = ""
    """The socket of the process that speaks to it, for carriers that are reached through one (karrio)."""


@runtime_checkable
class NeedsAccount(Protocol):
    """A carrier that does nothing without a shop's account: `CARRIERS` holds it without one."""

    def bound(self, account: Account) -> Carrier:
        """The same carrier for one shop. Raises `ValueError` with what is missing in its settings."""


@runtime_checkable
class GivesCodes(Protocol):
    """A carrier of which some ways give a code for the telephone instead of a label (`Method.QR`)."""

    def why_no_qr(self) -> str:
        """Why the account's way for that gives none, in plain words; empty: it does. Raises `ConnectorError`."""


@runtime_checkable
class Fetches(Protocol):
    """A carrier that comes to the customer's door, if its `methods` say so. The request's reference is the appointment's own."""

    def pickup(self, request: LabelRequest, window: Window) -> Pickup:
        """Order a pickup at the sender's address. Raises as `return_label` does."""

    def find_pickup(self, request: LabelRequest, window: Window) -> Pickup | None:
        """The one that was ordered under the request's reference; None: there is none. Asked after a doubt. Raises `ConnectorError`."""

    def pickup_stands(self, reference: str) -> Fetching:
        """How it stands, by the carrier's number. Raises `ConnectorError`."""

    def call_off_pickup(self, reference: str) -> Fetching:
        """Have nobody come; one that was called off before is no error. Raises `ConnectorError`, permanent when the carrier comes all the same."""


class Carrier(Protocol):
    """What `CARRIERS` holds. Operations that a carrier lacks raise `Unsupported`; `methods` says which it has."""

    name: str
    methods: frozenset[Method]

    def return_label(self, request: LabelRequest) -> Label:
        """Make (buy) one return label. Asking again with the same reference gives the same label.

        Raises `InDoubt` whenever the label may have been made all the same (an answer that never came, or makes no sense), `ConnectorError`
        when it was not, and `ValueError` for a request that cannot be.
        """

    def find(self, request: LabelRequest) -> Label | None:
        """The label that was made under the request's reference; None: there is none. Asked after a doubt, before it is made again.

        Raises `ConnectorError` when that cannot be read, `Unsupported` where a carrier cannot be asked: then a person has to look.
        """

    def void(self, label: Label) -> None:
        """Give back an unused label; one that was given back before is no error. Raises `ConnectorError`, permanent when the carrier keeps it."""

    def track(self, tracking_number: str) -> Tracked:
        """The scans so far. A number that the carrier does not know is an answer, too. Raises `ConnectorError`."""


def check_direction(request: LabelRequest) -> None:
    """Refuse a label that would send the parcel to the customer, or nowhere. Raises `ValueError` with what to mend."""
    if not request.receiver:
        raise ValueError("the shop has no return address: set [shops.return_address] with street, postcode, city and country")
    if not request.sender:
        raise ValueError("the order has no postal address of the customer: a label needs one")
    same = (request.sender.street, request.sender.postcode) == (request.receiver.street, request.receiver.postcode)
    if same:
        raise ValueError("sender and receiver are the same address: the label would send the parcel back to where it is")
