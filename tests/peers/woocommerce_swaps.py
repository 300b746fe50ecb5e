"""What a WooCommerce 10.5 shop makes of orders that are written to it: prices, taxes of each line, stock and payment links, as the recorded exchanges
4, 9, 74 and 130 show them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.peers.shop import Call

ZERO, CENT, FINEST = Decimal(0), Decimal("0.01"), Decimal("0.000001")
RATES = {"": (3, "0.21"), "iva-reducido": (8, "0.10"), "iva-superreducido": (9, "0.04")}
PAID = ("processing", "completed", "on-hold")
"""Statuses in which goods are taken out of stock."""


@dataclass
class WooSwaps:
    """`products`, `variations`: what there is. `rates`: tax class -> (the rate's number, what it is). `taxed`: whether prices have the tax in them.

    `at`: when orders are made. `links`: whether they say where they can be paid.
    """

    orders: dict[int, dict[str, Any]]
    products: dict[int, dict[str, Any]]
    variations: dict[int, list[dict[str, Any]]]
    rates: Mapping[str, tuple[int, str]] = field(default_factory=lambda: RATES)
    taxed: bool = True
    links: bool = True
    at: str = "2026-11-03T12:00:00"
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(7001))

    def goods(self, ref: int) -> dict[str, Any] | None:
        """A variation is a product too, where it is asked for by its number."""
        kinds = ({**kind, "parent_id": parent, "type": "variation"} for parent, listed in self.variations.items() for kind in listed)
        return self.products.get(ref) or next((kind for kind in kinds if kind["id"] == ref), None)

    def create(self, call: Call) -> dict[str, Any]:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#create-an-order : what is no product becomes a line without a name."""
        asked, ref = json.loads(call.body), next(self._ids)
        key = f"wc_order_{ref:013x}"
        made = {
            **asked, "id": ref, "number": str(ref), "prices_include_tax": self.taxed, "order_key": key, "date_paid": None,
            "date_created_gmt": self.at, "date_modified_gmt": self.at, "date_completed_gmt": None, "refunds": [],
            "meta_data": [{"id": next(self._ids), **entry} for entry in asked.get("meta_data", [])],
            "line_items": [self._line(line) for line in asked["line_items"]],
            "shipping_lines": [{"id": next(self._ids), "total_tax": "0.00", "taxes": [], **way} for way in asked.get("shipping_lines", [])],
        }  # fmt: skip
        if self.links:
            made["payment_url"] = f"https://ceramica-alba.example/finalizar-compra/order-pay/{ref}/?pay_for_order=true&key={key}"
        self.orders[ref] = made
        self._reckon(made)
        self._move(made, "", made["status"])
        return made

    def change(self, call: Call, ref: int) -> dict[str, Any]:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#update-an-order : what is not named stays."""
        asked, order = json.loads(call.body), self.orders[ref]
        for line in asked.get("line_items", []):
            known = next(one for one in order["line_items"] if one["id"] == line["id"])
            known.update(self._sums(known["rate"], Decimal(line["total"])))
        for entry in asked.get("meta_data", []):
            order["meta_data"] = [one for one in order["meta_data"] if one["key"] != entry["key"]] + [{"id": next(self._ids), **entry}]
        if asked.get("line_items"):
            self._reckon(order)
        before, order["status"] = order["status"], asked.get("status", order["status"])
        self._move(order, before, order["status"])
        return order

    def pay(self, ref: int) -> None:
        """The customer pays under the link."""
        order = self.orders[ref]
        before, order["status"], order["date_paid"] = order["status"], "processing", self.at
        self._move(order, before, "processing")

    def _line(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = self.goods(asked.get("variation_id") or asked["product_id"]) or {"name": "", "price": "0"}
        rate = found.get("tax_class", "")
        whole = Decimal(found["price"]) * asked["quantity"]
        net = whole / (1 + Decimal(self.rates[rate][1])) if self.taxed else whole
        ids = {"id": next(self._ids), "product_id": asked["product_id"], "variation_id": asked.get("variation_id", 0)}
        return {**ids, "name": found.get("name", ""), "quantity": asked["quantity"], "rate": rate, "subtotal": f"{net:.6f}", **self._sums(rate, net)}

    def _sums(self, rate: str, net: Decimal) -> dict[str, Any]:
        number, part = self.rates[rate]
        net = net.quantize(FINEST, ROUND_HALF_UP)
        tax = (net * Decimal(part)).quantize(FINEST, ROUND_HALF_UP)
        return {"total": f"{net}", "total_tax": f"{tax}", "taxes": [{"id": number, "total": f"{tax}"}]}

    def _reckon(self, order: dict[str, Any]) -> None:
        """Goods and taxes are rounded line by line and apart, as WooCommerce does unless it is told to round subtotals."""
        taxes = sum((Decimal(line["total_tax"]).quantize(CENT, ROUND_HALF_UP) for line in order["line_items"]), ZERO)
        goods = sum((Decimal(line["total"]).quantize(CENT, ROUND_HALF_UP) for line in order["line_items"]), ZERO)
        order["total_tax"], order["total"] = f"{taxes:.2f}", f"{goods + taxes:.2f}"

    def _move(self, order: dict[str, Any], before: str, after: str) -> None:
        """Goods leave the stock when an order is let go, and come back when it is cancelled."""
        step = (after in PAID) - (before in PAID)
        if step > 0 and not order["date_paid"]:
            order["date_paid"] = self.at
        for line in order["line_items"] if step else ():
            kind = next((kind for kinds in self.variations.values() for kind in kinds if kind["id"] == line["variation_id"]), None)
            goods = kind or self.products.get(line["product_id"])
            if goods and goods.get("manage_stock") is True:
                goods["stock_quantity"] -= step * line["quantity"]


def plain(order: dict[str, Any]) -> dict[str, Any]:
    """Without what only we keep of it."""
    lines = [{name: value for name, value in line.items() if name != "rate"} for line in order.get("line_items", [])]
    return {**order, "line_items": lines} if lines else order
