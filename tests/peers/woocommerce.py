"""A WooCommerce 10.5 shop's `wc/v3`: orders, their fulfilments, and webhooks, shaped as the recorded exchanges are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.peers.shop import Call, Reply, ShopPeer
from tests.peers.woocommerce_books import WooBooks, shown
from tests.peers.woocommerce_swaps import WooSwaps, plain

PREFIX = "/wp-json/wc/v3/"
NOT_FOUND = Reply(404, {"code": "rest_no_route", "message": "No route was found", "data": {"status": 404}})
READ_ONLY = Reply(401, {"code": "woocommerce_rest_authentication_error", "message": "La clave de la API no tiene permisos de escritura."})
NOT_A_MANAGER = Reply(403, {"code": "woocommerce_rest_cannot_view", "message": "Lo siento, no puedes listar recursos.", "data": {"status": 403}})
NO_WEBHOOK = Reply(404, {"code": "woocommerce_rest_shop_webhook_invalid_id", "message": "ID no es válido.", "data": {"status": 404}})
NO_BIN = Reply(501, {"code": "woocommerce_rest_trash_not_supported", "message": "Los webhooks no soportan ser movidos a la papelera."})
NO_PRODUCT = Reply(404, {"code": "woocommerce_rest_product_invalid_id", "message": "ID no válida.", "data": {"status": 404}})
NO_EMAIL = Reply(
    400,
    {
        "code": "rest_invalid_param",
        "message": "Parámetro(s) no válido(s): billing",
        "data": {
            "status": 400,
            "params": {"billing": "Dirección de correo electrónico no válida."},
            "details": {"billing": {"code": "rest_invalid_email", "message": "Dirección de correo electrónico no válida.", "data": None}},
        },
    },
)
NO_ORDER = Reply(404, {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}})


@dataclass
class WooCommercePeer(ShopPeer):
    """`orders`, `products` and `webhooks` by id; `fulfilments` by order; `variations` by product; `secrets` of webhooks, which the API never shows.

    `writes`, `manages`: whether the key may write, and its user may see webhooks.
    """

    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    fulfilments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    webhooks: dict[int, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[int, str] = field(default_factory=dict)
    products: dict[int, dict[str, Any]] = field(default_factory=dict)
    variations: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    sees_products: bool = True
    writes: bool = True
    manages: bool = True
    books: WooBooks = field(init=False)
    swaps: WooSwaps = field(init=False)

    def __post_init__(self) -> None:
        self.books = WooBooks(self.orders)
        self.swaps = WooSwaps(self.orders, self.products, self.variations)

    def asked_for(self, order: int) -> int:
        """How often that order was asked for."""
        return sum(call.path == f"{PREFIX}orders/{order}" for call in self.calls)

    def answer(self, call: Call) -> Reply:
        if not call.path.startswith(PREFIX):
            return NOT_FOUND
        name, *rest = call.path.removeprefix(PREFIX).split("/")
        if call.method in ("POST", "PUT") and name != "webhooks" and not self.writes:
            return READ_ONLY
        if name == "orders":
            return self._orders(call, rest)
        if name == "coupons":
            return self.books.coupon(call)
        if name == "payment_gateways":
            return self.books.gateway(call)
        if name == "products":
            return self.books.review(call) if rest == ["reviews"] else self._products(rest) if rest else self._search(call.query)
        if rest == ["products", "woocommerce_weight_unit"]:
            return Reply(document={"value": "kg"})
        return self._webhooks(call, rest) if name == "webhooks" else NOT_FOUND

    def _orders(self, call: Call, rest: list[str]) -> Reply:
        if not rest:
            return self._made(call) if call.method == "POST" else self._changed(call.query)
        ref = int(rest[0])
        if ref not in self.orders:
            return NO_ORDER
        if rest[1:] == ["refunds"]:
            return self.books.refund(call, ref)
        if rest[1:] == ["notes"]:
            return self.books.note(call, ref)
        if call.method == "PUT":
            return self._order(self.swaps.change(call, ref), call)
        return Reply(document=self.fulfilments.get(ref, [])) if rest[1:] == ["fulfillments"] else self._order(self.orders[ref], call)

    def _made(self, call: Call) -> Reply:
        """It tells of an order without an e-mail address as an empty one, and takes none that is empty."""
        if json.loads(call.body).get("billing", {}).get("email") == "":
            return NO_EMAIL
        return self._order(self.swaps.create(call), call, 201)

    def _order(self, order: dict[str, Any], call: Call, status: int = 200) -> Reply:
        return Reply(status, shown(plain(order), call))

    def _changed(self, query: dict[str, str]) -> Reply:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders : the bin is not listed."""
        since, page, size = query.get("modified_after", ""), int(query.get("page", 1)), int(query.get("per_page", 10))
        by_date = query.get("orderby") == "date"
        wanted = set(query.get("include", "").split(",")) - {""}
        found = [
            order
            for order in self.orders.values()
            if order["date_modified_gmt"] > since
            and query.get("after", "") < _placed(order) < query.get("before", "9")
            and (not wanted or str(order["id"]) in wanted)
            and order.get("status") != "trash"
            and query.get("customer", "") in ("", str(order.get("customer_id", 0)))
            and query.get("search", "") in json.dumps(order.get("billing", {}))
        ]
        found.sort(key=lambda order: (_placed(order) if by_date else order["date_modified_gmt"], order["id"]))
        begin = int(query.get("offset", (page - 1) * size))
        pages = -(-len(found) // size)
        return Reply(document=found[begin : begin + size], headers=(("X-WP-Total", str(len(found))), ("X-WP-TotalPages", str(pages))))

    def _products(self, rest: list[str]) -> Reply:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#products"""
        if not self.sees_products:
            return NOT_A_MANAGER
        if self.swaps.goods(int(rest[0])) is None:
            return NO_PRODUCT
        return Reply(document=self.variations.get(int(rest[0]), []) if rest[1:] == ["variations"] else self.swaps.goods(int(rest[0])))

    def _search(self, query: dict[str, str]) -> Reply:
        if not self.sees_products:
            return NOT_A_MANAGER
        words = query["search"].lower().split()
        wanted = [(name, query[name]) for name in ("status", "stock_status") if name in query]
        shown_to_all = [one for one in self.products.values() if all(one.get(name, word) == word for name, word in wanted)]
        return Reply(document=[one for one in shown_to_all if all(word in one["name"].lower() for word in words)])

    def asked_webhooks(self, *methods: str) -> int:
        """How many calls of these methods were about webhooks."""
        return sum(call.path.startswith(f"{PREFIX}webhooks") and call.method in methods for call in self.calls)

    def webhook(self, topic: str, url: str, status: str = "active") -> int:
        """A webhook that somebody made there; its id."""
        ident = max(self.webhooks, default=0) + 1
        self.webhooks[ident] = {"id": ident, "name": "Webhook", "topic": topic, "delivery_url": url, "status": status}
        return ident

    def _webhooks(self, call: Call, rest: list[str]) -> Reply:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks"""
        if not self.manages:
            return NOT_A_MANAGER
        if call.method == "GET":
            page, size = int(call.query.get("page", 1)), int(call.query.get("per_page", 10))
            return Reply(document=sorted(self.webhooks.values(), key=lambda hook: -hook["id"])[(page - 1) * size : page * size])
        if not self.writes:
            return READ_ONLY
        if rest and int(rest[0]) not in self.webhooks:
            return NO_WEBHOOK
        if call.method == "DELETE":
            return Reply(document=self.webhooks.pop(int(rest[0]))) if call.query.get("force") == "true" else NO_BIN
        told = json.loads(call.body)
        ident = int(rest[0]) if rest else self.webhook(told["topic"], told["delivery_url"])
        self.secrets[ident] = told.pop("secret", self.secrets.get(ident, "made up by WooCommerce"))
        self.webhooks[ident].update(told)
        return Reply(200 if rest else 201, self.webhooks[ident])


def _placed(order: dict[str, Any]) -> str:
    return str(order.get("date_created_gmt") or order["date_modified_gmt"])
