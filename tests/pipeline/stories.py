"""Deliveries as the platforms send them, made from recorded shapes: a builder per platform and the journeys that tests replay."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

NOON = datetime(2026, 11, 3, 11, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """One delivery: what happened, when, and the bytes that tell of it."""

    topic: str
    body: bytes = field(repr=False)
    at: datetime
    delivery_id: str


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


ADDRESS = {
    "first_name": "Ana",
    "last_name": "Peña Núñez",
    "company": "",
    "address_1": "C/ Betis, 12, 3.º B",
    "address_2": "",
    "city": "Sevilla",
    "state": "SE",
    "postcode": "41010",
    "country": "ES",
    "phone": "+34 600 000 000",
}


def woo_line(ref: int, title: str, quantity: int = 1, total: str = "20.66") -> dict[str, Any]:
    return {
        "id": ref,
        "name": title,
        "product_id": ref * 10,
        "variation_id": 0,
        "quantity": quantity,
        "subtotal": total,
        "subtotal_tax": "4.34",
        "total": total,
        "total_tax": "4.34",
        "sku": f"SKU-{ref}",
        "price": 20.66,
        "meta_data": [],
        "image": {"id": "", "src": ""},
        "parent_name": None,
    }


class WooOrder:
    """An order of a WooCommerce 10.5 shop that changes and tells of each change."""

    def __init__(self, ref: int = 4001, at: datetime = NOON, email: str = "ana@cliente.example") -> None:
        self.at = at
        self.sent: list[Sent] = []
        self.body: dict[str, Any] = {
            "id": ref,
            "number": str(ref),
            "status": "processing",
            "currency": "EUR",
            "prices_include_tax": True,
            "total": "50.00",
            "total_tax": "8.68",
            "shipping_total": "0.00",
            "shipping_tax": "0.00",
            "discount_total": "0.00",
            "discount_tax": "0.00",
            "customer_id": 0,
            "billing": {**ADDRESS, "email": email},
            "shipping": dict(ADDRESS),
            "payment_method_title": "Tarjeta",
            "customer_note": "",
            "meta_data": [],
            "line_items": [woo_line(1, "Taza «Alba»"), woo_line(2, "Cuenco pequeño")],
            "shipping_lines": [{"method_title": "Correos", "method_id": "flat_rate", "total": "0.00", "total_tax": "0.00"}],
            "refunds": [],
            "date_created_gmt": stamp(at),
            "date_paid_gmt": stamp(at),
            "date_completed_gmt": None,
        }

    def tell(self, topic: str = "order.updated", *, after: timedelta = timedelta(0), **changes: Any) -> WooOrder:
        """Change the order `after` the last change, and deliver it."""
        self.at += after
        self.body = {**copy.deepcopy(self.body), **changes, "date_modified_gmt": stamp(self.at)}
        if changes.get("status") == "completed":
            self.body["date_completed_gmt"] = stamp(self.at)
        self.sent.append(Sent(topic, json.dumps(self.body).encode(), self.at, f"{len(self.sent):032x}"))
        return self


def tracking(number: str, at: datetime) -> dict[str, Any]:
    return {
        "tracking_provider": "correos-spain",
        "custom_tracking_provider": "",
        "custom_tracking_link": "",
        "tracking_number": number,
        "date_shipped": str(int(at.timestamp())),
        "tracking_id": f"id{number}",
    }


def tracked(*numbers: tuple[str, datetime]) -> list[dict[str, Any]]:
    return [{"id": 62, "key": "_wc_shipment_tracking_items", "value": [tracking(n, at) for n, at in numbers]}]


DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
STATUS_MAP = {"preparando": "prepared", "enviado": "shipped", "entregado": "delivered", "devolucion": "return_requested"}


def woo_journey(day: timedelta = DAY) -> list[Sent]:
    """Placed, packed, sent in two parcels on different days, delivered, partly refunded."""
    order = WooOrder()
    order.tell("order.created").tell().tell(after=MINUTE, status="preparando")
    first = order.at + HOUR
    order.tell(after=HOUR, status="enviado", meta_data=tracked(("PK1", first)))
    second = order.at + day
    order.tell(after=day, meta_data=tracked(("PK1", first), ("PK2", second)))
    order.tell(after=day, status="entregado")
    order.tell(after=HOUR, refunds=[{"id": 71, "reason": "llegó rota", "total": "-12.50"}])
    return order.sent


def woo_cancelled() -> list[Sent]:
    """On hold, never paid, cancelled."""
    order = WooOrder(4002)
    order.tell("order.created", status="on-hold", date_paid_gmt=None).tell(after=HOUR, status="cancelled")
    return order.sent


def woo_block_checkout() -> list[Sent]:
    """The draft of the block checkout, then the update before the creation."""
    order = WooOrder(4003)
    order.tell(status="checkout-draft", date_paid_gmt=None)
    order.tell(after=MINUTE, status="processing", date_paid_gmt=stamp(order.at + MINUTE)).tell("order.created")
    return order.sent


def shopify_line(ref: int, title: str, quantity: int = 1) -> dict[str, Any]:
    return {
        "id": ref,
        "title": title,
        "name": title,
        "quantity": quantity,
        "price": "25.00",
        "sku": f"SKU-{ref}",
        "product_id": ref * 10,
        "variant_id": ref * 100,
        "variant_title": "38",
        "requires_shipping": True,
        "grams": 400,
        "total_discount": "0.00",
        "discount_allocations": [],
        "tax_lines": [],
    }


class ShopifyOrder:
    """An order of a Shopify shop, API 2026-10, that changes and tells of each change."""

    def __init__(self, ref: int = 5001, at: datetime = NOON, email: str = "ana@cliente.example") -> None:
        self.at, self.sent = at, list[Sent]()
        place = {
            "first_name": "Ana",
            "last_name": "Peña",
            "name": "Ana Peña",
            "address1": "C/ Betis, 12",
            "address2": "3.º B",
            "city": "Sevilla",
            "zip": "41010",
            "province": "Sevilla",
            "province_code": "SE",
            "country": "Spain",
            "country_code": "ES",
            "phone": None,
            "company": None,
        }
        self.body: dict[str, Any] = {
            "id": ref,
            "admin_graphql_api_id": f"gid://shopify/Order/{ref}",
            "name": f"#{ref}",
            "order_number": ref,
            "email": email,
            "contact_email": email,
            "created_at": at.isoformat(),
            "processed_at": at.isoformat(),
            "currency": "EUR",
            "presentment_currency": "EUR",
            "total_price": "50.00",
            "current_total_price": "50.00",
            "subtotal_price": "50.00",
            "total_tax": "0.00",
            "total_discounts": "0.00",
            "taxes_included": True,
            "customer_locale": "es-ES",
            "financial_status": "paid",
            "fulfillment_status": None,
            "cancelled_at": None,
            "cancel_reason": None,
            "test": False,
            "buyer_accepts_marketing": False,
            "customer": {"id": 777, "email": email, "first_name": "Ana", "last_name": "Peña"},
            "shipping_address": place,
            "billing_address": place,
            "line_items": [shopify_line(11, "Zapato Nerja"), shopify_line(12, "Sandalia Tarifa")],
            "shipping_lines": [],
            "fulfillments": [],
            "refunds": [],
            "payment_gateway_names": ["shopify_payments"],
            "total_shipping_price_set": {"shop_money": {"amount": "0.00", "currency_code": "EUR"}},
            "order_status_url": "https://zapateria-lola.example/o/1",
        }

    def _send(self, topic: str, body: dict[str, Any]) -> None:
        self.sent.append(Sent(topic, json.dumps(body).encode(), self.at, f"wh-{self.body['id']}-{len(self.sent)}"))

    def tell(self, topic: str, *, after: timedelta = timedelta(0), **changes: Any) -> ShopifyOrder:
        self.at += after
        self.body = {**copy.deepcopy(self.body), **changes, "updated_at": self.at.isoformat()}
        self._send(topic, self.body)
        return self

    def fulfil(self, ref: int, line: int, *, after: timedelta) -> ShopifyOrder:
        self.at += after
        line_item = next(item for item in self.body["line_items"] if item["id"] == line)
        self._send(
            "fulfillments/create",
            {
                "id": ref,
                "order_id": self.body["id"],
                "status": "success",
                "created_at": self.at.isoformat(),
                "updated_at": self.at.isoformat(),
                "tracking_company": "Correos",
                "tracking_number": f"PK{ref}",
                "tracking_numbers": [f"PK{ref}"],
                "tracking_url": None,
                "tracking_urls": [],
                "shipment_status": None,
                "email": self.body["email"],
                "line_items": [line_item],
                "name": f"{self.body['name']}.1",
            },
        )
        return self

    def scan(self, ref: int, status: str, *, after: timedelta, by: timedelta | None = None) -> ShopifyOrder:
        """`by`: in how long it should be there, if the carrier says so."""
        self.at += after
        self._send(
            "fulfillment_events/create",
            {
                "id": ref * 100 + len(self.sent),
                "fulfillment_id": ref,
                "order_id": self.body["id"],
                "status": status,
                "message": status,
                "happened_at": self.at.isoformat(),
                "created_at": self.at.isoformat(),
                "updated_at": self.at.isoformat(),
                "estimated_delivery_at": (self.at + by).isoformat() if by is not None else None,
                "shop_id": 1,
            },
        )
        return self


def shopify_journey(day: timedelta = DAY) -> list[Sent]:
    """Two fulfilments, delivered on different days."""
    order = ShopifyOrder()
    order.tell("orders/create").tell("orders/paid")
    order.fulfil(901, 11, after=HOUR).scan(901, "in_transit", after=HOUR, by=2 * DAY)
    order.fulfil(902, 12, after=day).scan(901, "out_for_delivery", after=HOUR, by=3 * HOUR).scan(901, "delivered", after=HOUR)
    order.scan(902, "out_for_delivery", after=day).scan(902, "delivered", after=2 * HOUR)
    return order.sent
