"""Where an order is, told from its facts. Pure: no database, no words; the names are those of `track_words`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from postventa.followups.view import OrderView, ParcelFacts
from postventa.tracking.lane import Lane
from postventa.tracking.predict import DateRange, predict
from postventa.web.portal.track_steps import NOTHING, ON_THE_WAY, Step, Told, in_order, with_scans

Quantities = tuple[tuple[str, int], ...]
"""(line_ref, quantity)."""
URGENT = ("failed", "back", "pickup", "out", "delayed", "moving", "delivered", "waiting")
"""Of several parcels, the one in the first of these states is what the page begins with."""
NOT_SENT = ("cancelled", "refunded", "done")
"""Where nothing waits to be sent any more."""
AHEAD = ("placed", "prepared")
"""Where nothing has left yet, and what was promised when she bought is all that can be said of a day."""
DATED = ("moving", "out", "delayed", "failed", "part_moving")
"""Where a day on which it should come is worth the second sentence, if there is one."""


@dataclass(frozen=True)
class Box:
    """One parcel, or what is in none (`facts` None). `state` empty: it is not on any way."""

    facts: ParcelFacts | None
    state: str
    items: Quantities
    steps: tuple[Step, ...] = ()
    expected: DateRange | None = None
    promised: date | None = None
    """The first day that the shop gave or promised, or else its carrier, while it is not there."""


@dataclass(frozen=True)
class Story:
    """`since`: when it came to be so; `several`: the headline is about one of several parcels."""

    where: str
    since: datetime | None
    several: bool
    expected: DateRange | None
    promised: date | None
    boxes: tuple[Box, ...]
    steps: tuple[Step, ...]
    """The order's own, where they stand in no parcel's timeline."""


def tell(
    order: OrderView, paid_at: datetime | None, lanes: Mapping[str, Lane], zone: ZoneInfo, today: date, told: Mapping[str, Told] | None = None
) -> Story:
    """Everything that the page says of the way. `lanes`: parcel -> how long its way takes, `told`: what its carrier said, where that is known."""
    own = tuple(in_order(_of_order(order, paid_at)))
    boxes = [_box(order, parcel, lanes.get(parcel.ref), (told or {}).get(parcel.ref, NOTHING), zone, today) for parcel in order.parcels]
    if left := _in_no_parcel(order):
        boxes.append(Box(None, "waiting", left, promised=order.promised if boxes else None))
    where, chief = _where(order, boxes)
    if where in NOT_SENT:
        boxes = [replace(box, state="") if box.state == "waiting" else box for box in boxes]
    boxes.sort(key=lambda box: box.state in ("waiting", ""))
    if len(boxes) == 1:
        boxes, own = [replace(boxes[0], steps=tuple(in_order((*own, *boxes[0].steps))))], ()
    since = _since(order, where, chief)
    travelling = [box for box in boxes if box.facts is not None]
    expected, promised = (chief.expected, chief.promised) if chief is not None and where in DATED else (None, None)
    if where in AHEAD:
        promised = max((box.promised for box in boxes if box.promised is not None), default=order.promised)
    return Story(where, since, len(travelling) > 1, expected, promised, tuple(boxes), own)


def state_of(parcel: ParcelFacts, steps: Iterable[Step], zone: ZoneInfo, today: date) -> str:
    """The last thing that was told; a delivery stands whatever comes after it, and nobody is out for delivery for days."""
    if parcel.delivered_at:
        return "delivered"
    told = [step for step in steps if step.name not in ON_THE_WAY]
    if not told:
        return "waiting"
    last = told[-1]
    if last.name == "out" and last.at.astimezone(zone).date() < today:
        return "moving"
    return "moving" if last.name == "dispatched" else last.name


def _box(order: OrderView, parcel: ParcelFacts, lane: Lane | None, told: Told, zone: ZoneInfo, today: date) -> Box:
    steps = with_scans(_of_parcel(parcel), told.scans)
    state = state_of(parcel, steps, zone, today)
    expected = _expected(parcel, state, lane, told, zone, today)
    promised = parcel.promised or told.promised
    return Box(parcel, state, order.items_of(parcel), steps, expected, promised if state in (*DATED, "waiting") else None)


def _expected(parcel: ParcelFacts, state: str, lane: Lane | None, told: Told, zone: ZoneInfo, today: date) -> DateRange | None:
    """The carrier's day, else the shop's, which they know better than any lane; after trouble only one that is later than the trouble."""
    if state not in DATED:
        return None
    trouble = max((*parcel.failed, *parcel.delayed), default=None)
    given = told.expected or parcel.estimated
    new = given is not None and given >= today and (trouble is None or given > trouble.astimezone(zone).date())
    if given is not None and new and state != "out":
        return DateRange(given, given)
    return predict(parcel, lane, zone, today) if state in ("moving", "out") else None


def _where(order: OrderView, boxes: list[Box]) -> tuple[str, Box | None]:
    """The headline's name, and the parcel that it is about."""
    if order.cancelled:
        return "cancelled", None
    left = [box for box in boxes if box.state != "waiting"]
    if not left:
        return _before_it_leaves(order), None
    chief = min(left, key=lambda box: (URGENT.index(box.state), box.steps[-1].at))
    waits = len(left) < len(boxes)
    arrived = [box for box in left if box.state == "delivered"]
    if chief.state == "delivered":
        return ("part_delivered" if waits else "delivered"), max(arrived, key=lambda box: box.steps[-1].at)
    if chief.state == "moving":
        return ("part_delivered", arrived[-1]) if arrived else ("part_moving" if waits else "moving", chief)
    return chief.state, chief


def _before_it_leaves(order: OrderView) -> str:
    if order.fully_refunded:
        return "refunded"
    if order.completed_at and not any(line.requires_shipping for line in order.lines):
        return "done"
    return "prepared" if order.prepared_at else "placed"


def _since(order: OrderView, where: str, chief: Box | None) -> datetime | None:
    if where == "cancelled":
        return order.cancelled_at
    if where == "refunded":
        return max((refund.at for refund in order.refunds), default=None)
    if chief is None or chief.facts is None:
        return order.placed_at
    names = {"moving": "dispatched", "part_moving": "dispatched", "part_delivered": "delivered"}
    told = [step.at for step in chief.steps if step.name == names.get(where, where)]
    return max(told, default=None)


def _of_order(order: OrderView, paid_at: datetime | None) -> Iterable[Step]:
    moments = {"placed": order.placed_at, "paid": paid_at, "prepared": order.prepared_at}
    yield from (Step(at, name) for name, at in moments.items() if at)
    if order.cancelled and order.cancelled_at:
        yield Step(order.cancelled_at, "cancelled")


def _of_parcel(parcel: ParcelFacts) -> Iterable[Step]:
    moments = {
        "dispatched": parcel.dispatched_at,
        "out": parcel.out_for_delivery_at,
        "pickup": parcel.ready_for_pickup_at,
        "delivered": parcel.delivered_at,
    }
    yield from (Step(at, name) for name, at in moments.items() if at)
    yield from (Step(at, "delayed") for at in parcel.delayed)
    yield from (Step(at, "failed") for at in parcel.failed)


def _in_no_parcel(order: OrderView) -> Quantities:
    """What still has to leave; what was refunded does not. Where nothing is sent, everything that was bought."""
    if any(not parcel.lines for parcel in order.parcels):
        return ()  # that parcel holds all the rest
    gone: Counter[str] = Counter()
    off = order.cancelled or order.fully_refunded
    for quantities in (*(parcel.lines for parcel in order.parcels), *(refund.lines for refund in order.refunds if not off)):
        for ref, quantity in quantities:
            gone[ref] += quantity
    if order.fully_refunded and order.parcels:
        return ()
    sent = [line for line in order.lines if line.requires_shipping] or list(order.lines)
    return tuple((line.ref, line.quantity - gone[line.ref]) for line in sent if line.quantity > gone[line.ref])
