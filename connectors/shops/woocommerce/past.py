"""A piece of a WooCommerce shop's past: how it is asked for, and what its list of whole orders says. Pure.

A piece begins at a moment and not at a page, so that orders that are deleted meanwhile make nobody skip others; orders of that very second that
were read already are passed over by their number.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.errors import ConnectorError, Unreadable
from connectors.reading import Part, moment, parse
from connectors.shops.base import Past, Refetch, ShopContext
from connectors.shops.woocommerce import status as st
from connectors.shops.woocommerce.orders import order_reading
from postventa.events import Event

PIECE = 25
"""Orders in one answer: whole ones have tens of kilobytes each where plugins add theirs."""
_MARK = b"\xef\xbb\xbf"


def question(since: datetime, until: datetime, place: str, share: float) -> dict[str, str]:
    """https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders : `after` and `before` leave out the moment itself."""
    begin, seen = _place(place)
    return {
        "after": _gmt((begin or since) - timedelta(seconds=1)),
        "before": _gmt(until),
        "dates_are_gmt": "true",
        "orderby": "date",
        "order": "asc",
        "per_page": str(_size(share)),
        "offset": str(seen),
    }


def answer(body: bytes, place: str, share: float, context: ShopContext) -> Past:
    """Raises `ConnectorError` for anything but a list of orders."""
    entries = _entries(body)
    told, refetch, unreadable = dict[str, tuple[Event, ...]](), list[Refetch](), 0
    for entry in entries:
        if not st.is_order(entry.text("status"), context):
            continue
        try:
            reading = order_reading(entry, context)
        except Unreadable:
            unreadable += 1
            continue
        told[entry.ref("id")] = reading.events
        refetch += reading.refetch
    following = _next(entries, place) if len(entries) >= _size(share) else ""
    return Past(tuple(told), told, tuple(refetch), len(entries), unreadable, following)


def _entries(body: bytes) -> list[Part]:
    try:
        listed = parse(b'{"orders":' + body.removeprefix(_MARK) + b"}")["orders"]
    except Unreadable as error:
        raise ConnectorError(f"it answered with something else than a list of orders: {error}") from None
    if not isinstance(listed, list):
        raise ConnectorError("it answered with something else than a list of orders")
    return [Part(entry) for entry in listed]


def _next(entries: list[Part], place: str) -> str:
    dates = [entry.time("date_created_gmt") for entry in entries]
    last = dates[-1]
    if last is None:
        raise ConnectorError("it lists an order without a date")
    begin, seen = _place(place)
    same = sum(date == last for date in dates)
    return f"{_gmt(last)}+{same + (seen if begin == last else 0)}"


def _place(place: str) -> tuple[datetime | None, int]:
    at, _, seen = place.partition("+")
    return (moment(at), int(seen)) if place else (None, 0)


def _size(share: float) -> int:
    return max(1, int(PIECE * share))


def _gmt(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
