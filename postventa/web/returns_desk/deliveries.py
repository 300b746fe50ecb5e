"""/returns-desk/deliveries: how punctual a shop's parcels are, by carrier and country, and how long the ways take that they taught us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request
from flask.wrappers import Response
from sqlalchemy import select

from connectors.tracking import known
from postventa import shops as directory
from postventa.accounts.roles import Right
from postventa.clock import now
from postventa.locale import formats
from postventa.models import Shop
from postventa.models.db import reading
from postventa.tracking.figures import Figures, figures
from postventa.tracking.journeys import arrived
from postventa.tracking.lane import Lane
from postventa.tracking.learnt import lanes_of
from postventa.tracking.ways import LEAST, Way
from postventa.web.portal.page import services
from postventa.web.returns_desk.page import render
from postventa.web.staff.guard import require
from postventa.web.staff.page import language, t

PERIODS = (30, 90, 365)
"""Days, back from today; of parcels that left within them."""
USUAL = 90
MOST = 25
"""Ways that are shown: a shop has thousands, and those that nobody takes say little."""


@dataclass(frozen=True)
class Row:
    """A line of a table. `days`: business days within which half, and nine of ten, are there."""

    name: str
    detail: str
    parcels: int
    days: str
    share: str = ""
    """In percent; empty: nothing can be said."""
    judged: int = 0


@require(Right.ORDERS_READ)
def show() -> Response:
    """Of one shop; without its number, of the first."""
    typed, period = request.args.get("shop", ""), _period(request.args.get("days", ""))
    with reading(services().engine) as session:
        rows = session.scalars(select(Shop).order_by(Shop.name, Shop.id)).all()
        row = next((row for row in rows if str(row.id) == typed), next(iter(rows), None))
        shop = directory.connected(row, services().settings, services().secret) if row is not None else None
        found = figures(arrived(session, shop, now() - timedelta(days=period))) if shop is not None else []
        learnt = lanes_of(session, shop.id) if shop is not None else {}
    about: dict[str, Any] = {"row": row, "rows": rows, "days": period, "periods": PERIODS, "least": LEAST}
    return render("deliveries.html", **about, whole=found[0] if found else None, ways=[_way(one) for one in found], learnt=list(_learnt(learnt)))


def _period(typed: str) -> int:
    return next((days for days in PERIODS if str(days) == typed), USUAL)


def _way(one: Figures) -> Row:
    name = t("Todos") if not one.carrier and not one.destination else _named(one.carrier, one.destination)
    share = f"{round(100 * one.share)} %" if one.share is not None else ""
    return Row(name, "", one.parcels, _days(one.p50, one.p90), share, one.judged)


def _learnt(learnt: Mapping[Way, Lane]) -> Iterator[Row]:
    """The busiest first."""
    ranked = sorted(learnt.items(), key=lambda found: (-found[1].n, found[0].carrier, found[0].service, found[0].area, found[0].weekday))
    for way, lane in ranked[:MOST]:
        day = formats.day_name(way.weekday, language()) if way.weekday >= 0 else ""
        area = t("código postal {area}…", area=way.area) if way.area else ""
        detail = " · ".join(filter(None, (way.service, area, t("salida: {day}", day=day) if day else "")))
        yield Row(_named(way.carrier, way.destination), detail, lane.n, _days(lane.p50, lane.p90))


def _named(carrier: str, destination: str) -> str:
    page = known(carrier)
    name = page.name if page is not None else carrier[:1].upper() + carrier[1:]
    name = name or t("Cualquier transportista")
    return f"{name} → {formats.country_name(destination, language()) or '?'}"


def _days(half: int, nine: int) -> str:
    return f"{half}" if half == nine else f"{half} – {nine}"
