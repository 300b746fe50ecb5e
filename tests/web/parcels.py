"""Ana's order on its way, for the tracking page: what the shop told of it, and the link in her mails."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from postventa import track_links
from postventa.models import EventRow, Order, OrderLine, Parcel, ReturnCase
from postventa.models.db import transaction
from tests.web.scene import MARAS_KEY, NOW, SECRET, Scene

SEVILLE = {"name": "Ana Ruiz", "street": "Calle Feria 8, 2.º B", "postcode": "41003", "city": "Sevilla", "province": "Sevilla", "country": "ES"}
BOUGHT = NOW - timedelta(days=3)
LEFT = NOW - timedelta(days=2)
BOOTS, SOCKS = ("1042-1", "Botines Triana de piel", "Cuero, 38"), ("1042-2", "Calcetines de algodón", "")


def journey(scene: Scene, *parcels: dict[str, Any], shop: str = MARAS_KEY, number: str = "#1042", **columns: Any) -> str:
    """An order that was placed, paid and prepared, with these parcels; the address of its page. `columns`: of the order."""
    made = {"placed_at": BOUGHT, "paid_at": BOUGHT, "prepared_at": BOUGHT + timedelta(hours=5), "shipping_address": SEVILLE, "locale": "es"}
    known = {"ref": number.strip("#"), "number": number, "email": "ana@correo.example", "first_name": "Ana", "last_name": "Ruiz"}
    with transaction(scene.engine) as session:
        money = {"currency": "EUR", "total": Decimal("121.15")}
        order = Order(**{**made, **known, **money, "shop_id": scene.ids[shop], "timezone": "Europe/Madrid", "seen_at": BOUGHT, **columns})
        session.add(order)
        session.flush()
        for place, (ref, title, variant) in enumerate((BOOTS, SOCKS), start=1):
            about = {"ref": ref, "title": title, "variant_title": variant, "position": place, "quantity": place}
            image = f"https://media.zapateriamara.example/{place}.jpg"
            session.add(OrderLine(**about, shop_id=order.shop_id, order_id=order.id, image_url=image, requires_shipping=True))
        for parcel in parcels:
            session.add(Parcel(**{"shop_id": order.shop_id, "order_id": order.id, "ref": "p1", **parcel}))
        return f"/t/{track_links.token(SECRET, shop, order.ref, order.id)}"


def parcel(ref: str = "p1", lines: tuple[str, ...] = (BOOTS[0], SOCKS[0]), **known: Any) -> dict[str, Any]:
    """One with a carrier that left two days ago; `known`: its columns."""
    held = [[line, 1 if line == BOOTS[0] else 2] for line in lines]
    way = {"carrier": "Correos", "tracking_number": f"PQ{ref}", "tracking_url": f"https://correos.example/{ref}", "dispatched_at": LEFT}
    return {"ref": ref, "lines": held, **way, **known}


def happened(scene: Scene, kind: str, at: datetime, ref: str = "1042", **data: Any) -> None:
    """What the shop told, as the log keeps it."""
    with transaction(scene.engine) as session:
        key = f"{kind}:{ref}:{at.isoformat()}"
        session.add(EventRow(shop_id=scene.ids[MARAS_KEY], order_ref=ref, kind=kind, key=key, at=at, data=data, learned_at=at))


def returned(scene: Scene, state: str, number: str = "R-1042-1", ref: str = "1042") -> None:
    """A return of that order."""
    with transaction(scene.engine) as session:
        own = {"shop_id": scene.ids[MARAS_KEY], "order_id": session.scalars(select(Order.id).where(Order.ref == ref)).one()}
        session.add(ReturnCase(**own, ref=number, number=number, source="api", state=state, created_at=NOW, requested_at=NOW))
