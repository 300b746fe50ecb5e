"""What a WooCommerce 10.5 shop does with what is written to it: refunds, notes, coupons and reviews, kept, counted, and refused as the recorded
exchanges are (numbers 7 to 13, 135 to 141)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.peers.shop import Call, Reply

NOT_REFUNDED = "woocommerce_rest_cannot_create_order_refund"
"""With status 500, whatever was wrong."""


def no(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"code": code, "message": message, "data": status if status == 500 else {"status": status}})


@dataclass
class WooBooks:
    """`gateways`: payment method -> whether it can refund. `declines`: what the gateway says instead of paying. `paid`: what gateways paid back.

    `half_way`: the next refund is written down, and the gateway's answer never comes. `products`: those that can be reviewed.
    """

    orders: dict[int, dict[str, Any]]
    gateways: dict[str, bool] = field(default_factory=lambda: {"stripe": True, "bacs": False})
    declines: str = ""
    half_way: bool = False
    refunds: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    notes: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    coupons: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    products: set[int] = field(default_factory=set)
    paid: list[Decimal] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(9001))

    def refund(self, call: Call, order: int) -> Reply:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#order-refunds"""
        listed = self.refunds.setdefault(order, [])
        if call.method == "GET":
            return paged(call, [shown(refund, call) for refund in reversed(listed)])
        asked = json.loads(call.body)
        amount = Decimal(str(asked["amount"]))
        left = Decimal(self.orders[order]["total"]) - sum((Decimal(refund["amount"]) for refund in listed), Decimal(0))
        if not 0 < amount <= left:
            return no(500, NOT_REFUNDED, "Cantidad de reembolso no válida.")
        pays = asked.get("api_refund", True)
        if pays and not self.gateways.get(self.orders[order].get("payment_method", "")):
            return no(500, NOT_REFUNDED, "La pasarela de pago de este pedido no es compatible con reembolsos automáticos.")
        if pays and self.declines:
            return no(500, NOT_REFUNDED, self.declines)
        made = self._refund(order, asked, amount)
        listed.append(made)
        self.orders[order].setdefault("refunds", []).append({"id": made["id"], "reason": made["reason"], "total": f"-{amount}"})
        if pays and self.half_way:
            return Reply(cut=True)
        if pays:
            made["refunded_payment"] = True
            self.paid.append(amount)
        if amount == left:
            self.orders[order]["status"] = "refunded"
        return Reply(201, made)

    def _refund(self, order: int, asked: dict[str, Any], amount: Decimal) -> dict[str, Any]:
        kinds = {kind: {line.get("id") for line in self.orders[order].get(kind, [])} for kind in ("line_items", "shipping_lines")}
        wanted = asked.get("line_items", [])
        return {
            "id": next(self._ids), "amount": f"{amount:.2f}", "reason": asked.get("reason", ""), "refunded_payment": False,
            "meta_data": [{"id": next(self._ids), **entry} for entry in asked.get("meta_data", [])],
            "restocked": asked.get("api_restock", True),
            **{kind: [self._line(item) for item in wanted if item["id"] in known] for kind, known in kinds.items()},
        }  # fmt: skip

    def _line(self, item: dict[str, Any]) -> dict[str, Any]:
        taxes = [{"id": tax["id"], "total": f"-{tax['refund_total']}"} for tax in item["refund_tax"]]
        return {
            "id": next(self._ids), "quantity": -item["quantity"], "total": f"-{item['refund_total']}", "taxes": taxes,
            "meta_data": [{"id": next(self._ids), "key": "_refunded_item_id", "value": str(item["id"])}],
        }  # fmt: skip

    def note(self, call: Call, order: int) -> Reply:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#order-notes"""
        listed = self.notes.setdefault(order, [])
        if call.method == "GET":
            wanted = {"internal": False, "customer": True}.get(call.query.get("type", "any"))
            return paged(call, [note for note in listed if wanted is None or note["customer_note"] is wanted])
        asked = json.loads(call.body)
        if not asked.get("note"):
            return no(400, "rest_missing_callback_param", "Parámetro(s) que falta(n): note")
        made = {"id": next(self._ids), "author": "WooCommerce", "note": asked["note"], "customer_note": bool(asked.get("customer_note"))}
        listed.append(made)
        return Reply(201, made)

    def coupon(self, call: Call) -> Reply:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#coupons"""
        if call.method == "GET":
            code = call.query.get("code")
            return paged(call, [coupon for coupon in self.coupons if code is None or coupon["code"] == code.lower()])
        asked = json.loads(call.body)
        if any(coupon["code"] == asked["code"].lower() for coupon in self.coupons):
            return no(400, "woocommerce_rest_coupon_code_already_exists", "El código del cupón ya existe")
        made = {**asked, "id": next(self._ids), "code": asked["code"].lower(), "amount": f"{Decimal(asked['amount']):.2f}", "usage_count": 0}
        self.coupons.append(made)
        return Reply(201, made)

    def review(self, call: Call) -> Reply:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#product-reviews"""
        if call.method == "GET":
            asked = call.query
            found = [review for review in self.reviews if str(review["product_id"]) == asked.get("product", str(review["product_id"]))]
            return paged(call, [review for review in found if review["reviewer_email"] == asked.get("reviewer_email", review["reviewer_email"])])
        told = json.loads(call.body)
        if told["product_id"] not in self.products:
            return no(404, "woocommerce_rest_product_invalid_id", "ID de producto no válido.")
        if not told.get("review"):
            return no(400, "woocommerce_rest_review_content_invalid", "El contenido de la valoración no es válido.")
        who = ("product_id", "reviewer_email", "review")
        if any(
            all(review[name] == told[name] for name in ("product_id", "reviewer_email")) and plain(review) == told["review"]
            for review in self.reviews
        ):
            return no(409, "woocommerce_rest_comment_duplicate", "Comentario duplicado detectado.")
        made = {"id": next(self._ids), **told, "review": f"<p>{told['review']}</p>\n", "verified": self._bought(*(told[name] for name in who[:2]))}
        self.reviews.append(made)
        return Reply(201, made)

    def _bought(self, product: int, email: str) -> bool:
        theirs = (order for order in self.orders.values() if order["billing"]["email"] == email)
        return any(line["product_id"] == product for order in theirs for line in order["line_items"])

    def gateway(self, call: Call) -> Reply:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#payment-gateways"""
        supports = {True: ["products", "refunds"], False: ["products"]}
        return Reply(document=[{"id": name, "enabled": True, "method_supports": supports[can]} for name, can in self.gateways.items()])


def plain(review: dict[str, Any]) -> str:
    return str(review["review"]).removeprefix("<p>").removesuffix("</p>\n")


def paged(call: Call, listed: list[dict[str, Any]]) -> Reply:
    page, size = int(call.query.get("page", 1)), int(call.query.get("per_page", 10))
    return Reply(document=listed[(page - 1) * size : page * size])


AMOUNTS = frozenset({"total", "total_tax", "subtotal", "subtotal_tax", "shipping_total", "shipping_tax", "discount_total", "discount_tax", "amount"})


def shown(value: Any, call: Call) -> Any:
    """Amounts with as many decimals as `dp` asks for, two unless it does."""
    cent = Decimal(1).scaleb(-int(call.query.get("dp", 2)))
    if isinstance(value, list):
        return [shown(item, call) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: f"{Decimal(item).quantize(cent, ROUND_HALF_UP)}" if name in AMOUNTS and isinstance(item, str) and item else shown(item, call)
        for name, item in value.items()
    }
