"""Two shops in one service: Mara's, whose keys the attacker has, and Otto's, whose rows they want."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from postventa import addresses, links, track_links
from postventa.clock import now
from postventa.models import Base, LabelRow, Order, OrderLine, ReturnCase, Review, ReviewPhoto, Shop
from postventa.models.db import reading, transaction
from tests.service.shops import HOME

OTTOS = ("Ottos Lampen", "ottos-lampen", "Geheimrat", "Nachttischlampe", "otilie@kunde.example", "Lampenfieber", "K-geheim-otto", "%PDF-otto")
"""What must be seen nowhere: names, the customer, what she bought, why she sends it back, the key, the label."""


@dataclass
class Tenant:
    """One shop, what opens its doors, and what its rows are called."""

    name: str
    domain: str
    key: str
    secret: str
    api_key: str
    order: str
    number: str
    ids: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    public_name: str = ""

    @property
    def config(self) -> dict[str, Any]:
        proofs = {"webhook_secrets": [self.secret], "api_keys": [self.api_key]}
        return {"key": self.key, "platform": "shopify", "name": self.name, "domain": self.domain, "return_address": HOME, **proofs}

    def signed(self, body: bytes, domain: str = "") -> dict[str, str]:
        """The headers of a delivery that this shop signs."""
        signature = base64.b64encode(hmac.digest(self.secret.encode(), body, hashlib.sha256)).decode()
        names = {"Topic": "orders/create", "Webhook-Id": "w-1", "Hmac-Sha256": signature, "Shop-Domain": domain or self.domain}
        return {"Content-Type": "application/json", **{f"X-Shopify-{name}": value for name, value in names.items()}}

    def settle(self, app: Flask, customer: str, email: str, title: str, reason: str, pdf: bytes) -> None:
        """An order with its review, return, label and links."""
        service = app.extensions["postventa"]
        with transaction(service.engine) as session:
            shop = session.scalars(select(Shop).where(Shop.key == self.key)).one()
            own = {"shop_id": shop.id}
            order = _kept(session, Order(**own, ref=self.order, number=f"#{self.order}", email=email, first_name=customer, seen_at=now(), total=50))
            line = {"ref": f"{self.order}-1", "position": 1, "title": title, "sku": f"SKU-{self.order}", "quantity": 1}
            session.add(OrderLine(**own, order_id=order.id, **line))
            case = ReturnCase(**own, order_id=order.id, ref=f"ref-{self.order}", number=self.number, source="api", state="approved", created_at=now())
            case.reason = reason
            case = _kept(session, case)
            label = {"carrier": "own", "reference": self.number, "tracking_number": f"TN{self.order}", "state": "made", "pdf": pdf}
            row = _kept(session, LabelRow(**own, return_case_id=case.id, created_at=now(), **label))
            moments = {"created_at": now(), "updated_at": now()}
            review = _kept(session, Review(**own, order_id=order.id, line_ref=line["ref"], rating=2, body=reason, author=customer, **moments))
            photo = {"name": f"random{self.order}", "jpeg": b"\xff\xd8", "width": 1, "height": 1, "created_at": now()}
            session.add(ReviewPhoto(**own, review_id=review.id, **photo))
            self.ids = {"shop": shop.id, "order": order.id, "case": case.id, "review": review.id}
            for purpose in ("review", "unsubscribe", "label"):
                common = {"secret": service.secret, "shop_id": shop.id, "order_id": order.id, "email": email, "now": now()}
                subject, end = f"{purpose} {order.id}", now() + timedelta(days=30)
                data: dict[str, object] = {"category": "reviews", "label": row.id}
                self.tokens[purpose] = links.issue(session, **common, purpose=purpose, subject=subject, data=data, expires_at=end)
            for purpose in track_links.PURPOSES:
                self.tokens[purpose] = track_links.token(service.secret, self.key, order.ref, order.id, purpose)
            self.public_name = addresses.public_name(service.secret, shop.id, shop.name)


def _kept(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def mara() -> Tenant:
    return Tenant(
        "Cerámica Alba", "ceramica-alba.myshopify.com", "alba-4f0c6de1b7a94c1e8d20", "de-alba", "K-alba-00000000000000000001", "1042", "RM-1042"
    )


def otto() -> Tenant:
    return Tenant(
        "Ottos Lampen", "ottos-lampen.myshopify.com", "o-1b2c3d4e5f60718293a4", "von-otto", "K-geheim-otto-0000000000001", "9001", "RO-9001"
    )


def everything(engine: Engine) -> dict[str, list[Any]]:
    """All rows of all tables; an alarm may tell of an attack."""
    with reading(engine) as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name != "alarm"]
        return {table.name: [tuple(row) for row in session.execute(table.select().order_by(*table.primary_key))] for table in tables}
