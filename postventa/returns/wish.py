"""What a customer asks for: all that a page may send. Everything else is worked out here. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Resolution(StrEnum):
    """What a return is to come to."""

    REFUND = "refund"
    EXCHANGE = "exchange"
    STORE_CREDIT = "store_credit"
    REPAIR = "repair"
    KEEP_ITEM = "keep_item"
    """She keeps it, and part of the price goes back."""


class Method(StrEnum):
    """How the goods come back."""

    PRINTED_LABEL = "printed_label"
    QR = "qr"
    """A code on the telephone; whoever takes the parcel prints the label."""
    PICKUP = "pickup"
    DROP_OFF = "drop_off"
    """Brought to a shop of the merchant's."""
    OWN_CARRIER = "own_carrier"
    """Sent by whomever the customer likes."""

    @property
    def needs_label(self) -> bool:
        """Whether we make one."""
        return self in (Method.PRINTED_LABEL, Method.QR, Method.PICKUP)


class ExchangeFor(StrEnum):
    """What may come instead, the narrowest first."""

    VARIANT = "variant"
    """Another kind of the same product."""
    PRODUCT = "product"
    """Anything that the shop sells."""


class RefundWhen(StrEnum):
    """The moment from which the money is owed, the earliest first."""

    AT_FIRST_SCAN = "at_first_scan"
    AT_ARRIVAL = "at_arrival"
    AFTER_INSPECTION = "after_inspection"


@dataclass(frozen=True)
class WishLine:
    """Some pieces of a line, and why (`reasons.py`; empty: she does not say)."""

    ref: str
    quantity: int
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Swap:
    """What comes instead of a line, by the references of the shop. `product_ref`: of another product than the one that goes back; empty: the same.

    `title`: what the shop called it when it was chosen.
    """

    ref: str
    variant_ref: str
    quantity: int
    product_ref: str = ""
    title: str = ""


@dataclass(frozen=True)
class Wish:
    """One return as a customer wants it."""

    lines: tuple[WishLine, ...] = ()
    resolution: str = Resolution.REFUND
    method: str = ""
    """Empty: she has not chosen yet."""
    note: str = ""
    exchange: tuple[Swap, ...] = ()
    photos: Mapping[str, int] = field(default_factory=dict)
    """line_ref -> how many she has sent of it; the empty reference: of the return as a whole, as older ones have them."""
    slot: str = ""
    """When it is to be fetched (`slots.Slot.code`); empty: that is agreed on later."""


def pictured(wish: Wish) -> Wish:
    """As if a photo of each piece had come: for whoever reckons before she can send any."""
    return replace(wish, photos={line.ref: 1 for line in wish.lines})


def cut(wish: Wish, pieces: Mapping[str, int]) -> Wish:
    """Only these pieces of it, and no more in exchange than them."""
    lines = tuple(replace(line, quantity=min(line.quantity, pieces[line.ref])) for line in wish.lines if line.ref in pieces)
    room, swaps = dict(pieces), []
    for swap in wish.exchange:
        if taken := min(swap.quantity, room.get(swap.ref, 0)):
            swaps.append(replace(swap, quantity=taken))
            room[swap.ref] -= taken
    return replace(wish, lines=lines, exchange=tuple(swaps))
