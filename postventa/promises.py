"""Until which day, at the latest, a shop promises an order: cut-off, days to hand over, days on the way. Pure.

It is reckoned once, when the order is placed, and written down as an event of its own: what is set otherwise afterwards moves no promise. An order of
which one learns late, or whose money is waited for, was promised nothing by us: her shop told her something, but nobody knows what.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from postventa.config import Delivery, ShopSettings
from postventa.config.delivery import ELSEWHERE, FAR, UNION
from postventa.events import DeliveryPromised, Event, OrderPlaced, OrderSeen, OrderSnapshot
from postventa.holidays import SATURDAY, holidays
from postventa.locale.formats import zone_of
from postventa.national_holidays import FIXED
from postventa.regional_holidays import region_of, regional_holidays

FRESH = timedelta(days=1)
"""A description that is younger than its order by more than this was not what the customer saw when she bought."""
WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}


def among(told: Sequence[Event], shop: ShopSettings) -> Sequence[Event]:
    """The same events, with what the shop promises of an order that they say was placed."""
    made = promise(told, shop) if shop.delivery.days else None
    return told if made is None else (*told, made)


def promise(told: Sequence[Event], shop: ShopSettings) -> DeliveryPromised | None:
    """What holds for the order which these describe; None: nothing was promised."""
    seen = next((event.order for event in told if isinstance(event, OrderSeen)), None)
    placed = next((event.at for event in told if isinstance(event, OrderPlaced)), None)
    if seen is None or placed is None or seen.updated_at - placed > FRESH or not _is_brought(seen):
        return None
    place = seen.shipping_address
    by = last_day(shop, placed, place.country, place.postcode)
    return DeliveryPromised(seen.ref, placed, by.isoformat()) if by is not None else None


def last_day(shop: ShopSettings, at: datetime, country: str, postcode: str) -> date | None:
    """The day by which an order of that moment is there (ISO 3166-1 country); None: the shop promises nothing to that place."""
    wishes = shop.delivery
    destination = destination_of(wishes, country, postcode)
    if not destination:
        return None
    local = at.astimezone(zone_of(shop.timezone))
    origin, home = shop.return_address.country or shop.country, shop.return_address.postcode
    leaves = _leaves(wishes, origin, home)
    heard = local.date() if leaves(local.date()) and local.time() < wishes.hour else _after(local.date(), 1, leaves)
    left = _after(heard, wishes.handover, leaves)
    return _after(left, wishes.days[destination], lambda day: _is_working(day, country, postcode))


def destination_of(wishes: Delivery, country: str, postcode: str) -> str:
    """The key of `days` that means the place, the narrowest one; empty: none does."""
    land, region = country.upper(), region_of(country, postcode)
    near = () if region in FAR else (land, UNION if land in FIXED else "")
    return next((name for name in (region, *near, ELSEWHERE if land else "") if name and name in wishes.days), "")


def _is_brought(order: OrderSnapshot) -> bool:
    """Somebody carries it to an address, and may do so now."""
    travels = any(line.requires_shipping for line in order.lines)
    return travels and bool(order.shipping_address) and not (order.awaits_payment or order.collected or order.test or order.trashed)


def _leaves(wishes: Delivery, country: str, postcode: str) -> Callable[[date], bool]:
    """Whether parcels are handed over on a day."""
    works = {WEEKDAYS[name] for name in wishes.workdays}
    return lambda day: day.weekday() in works and day not in wishes.days_off and day not in _free(day, country, postcode)


def _is_working(day: date, country: str, postcode: str) -> bool:
    """Whether a day counts on the way, and somebody may come on it."""
    return day.weekday() < SATURDAY and day not in _free(day, country, postcode)


def _free(day: date, country: str, postcode: str) -> frozenset[date]:
    return holidays(country.upper(), day.year) | regional_holidays(country, postcode, day.year)


def _after(start: date, count: int, works: Callable[[date], bool]) -> date:
    """The day `count` days that work after `start`; 0 is `start` itself if it works, else the next one that does."""
    day, left = start, count
    while left > 0 or not works(day):
        day += timedelta(days=1)
        left -= works(day)
    return day
