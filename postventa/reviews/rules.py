"""Which items may be rated, and what counts as unhappy. Pure: no database, no clock. (When to ask is the follow-up's business.)

Nothing here looks at a rating before somebody gave it, and nothing hides a public link from anybody: asking only the happy ones is what
Google and the law against unfair practices forbid (LCD 27.7 and 27.8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(days=30)
"""Reviews count while the experience is fresh: art. 20.4 TRLGDCU, 30 days; counted from the item's delivery."""
LOW_RATING = 2
"""Up to that many stars, a person of the shop is told at once."""
ANSWER_WITHIN = timedelta(hours=24)
"""How soon the shop should have answered an unhappy customer."""
MAX_PHOTOS = 5
"""Per item."""
MAX_TEXT = 5_000
"""Characters of one opinion."""
MAX_NAME = 60
"""Characters of the name that is shown."""


@dataclass(frozen=True)
class Bought:
    """One line of an order, as far as reviews care."""

    ref: str
    title: str = ""
    variant: str = ""
    sku: str = ""
    product_ref: str = ""
    quantity: int = 1
    shipped: bool = True
    """False for what needs no parcel: a download, a voucher."""


@dataclass(frozen=True)
class Box:
    """One parcel; empty `lines`: whatever no other parcel holds."""

    lines: tuple[str, ...] = ()
    delivered_at: datetime | None = None


@dataclass(frozen=True)
class Purchase:
    """What of an order decides about its reviews."""

    lines: tuple[Bought, ...]
    boxes: tuple[Box, ...] = ()
    completed_at: datetime | None = None
    """When the shop was done with what needs no parcel."""
    off: bool = False
    """Cancelled, thrown away, erased or a test."""
    gone: Mapping[str, int] = field(default_factory=dict)
    """line_ref -> units refunded or sent back."""


def rateable(purchase: Purchase, now: datetime, asked: Collection[str] = ()) -> tuple[Bought, ...]:
    """The items that the customer may rate now, in the order's own sequence.

    `asked`: line references that a mail already asked about; for these the mail's link is the proof and the limit of time. Neither a return
    nor a refund takes the word from somebody who was asked: what came back is often what others should hear of (LCD 27.8).
    """
    if purchase.off:
        return ()
    since = delivered(purchase)
    return tuple(line for line in purchase.lines if line.ref in asked or (_kept(line, purchase.gone) and _fresh(since.get(line.ref), now)))


def delivered(purchase: Purchase) -> dict[str, datetime]:
    """line_ref -> when the last of its parcels arrived so far; items still on their way are missing."""
    named = {ref for box in purchase.boxes for ref in box.lines}
    rest = tuple(line.ref for line in purchase.lines if line.shipped and line.ref not in named)
    found: dict[str, datetime] = {}
    for box in purchase.boxes:
        if box.delivered_at is not None:
            _later(found, box.lines or rest, box.delivered_at)
    if purchase.completed_at is not None:
        _later(found, (line.ref for line in purchase.lines if not line.shipped and line.ref not in found), purchase.completed_at)
    return found


def is_low(rating: int) -> bool:
    """Whether that many stars call for a person."""
    return rating <= LOW_RATING


def shown_name(first: str, last: str) -> str:
    """How a customer is named in public unless they write something else: "Ana R."."""
    first, last = " ".join(first.split())[: MAX_NAME - 3], last.strip()
    return f"{first} {last[0].upper()}." if first and last else first


def _kept(line: Bought, gone: Mapping[str, int]) -> bool:
    return line.quantity > gone.get(line.ref, 0)


def _fresh(since: datetime | None, now: datetime) -> bool:
    return since is not None and since <= now < since + WINDOW


def _later(found: dict[str, datetime], refs: Iterable[str], at: datetime) -> None:
    for ref in refs:
        found[ref] = max(found.get(ref, at), at)
