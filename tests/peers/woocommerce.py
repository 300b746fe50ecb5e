"""A WooCommerce 10.5 shop's `wc/v3`: orders, their fulfilments, and webhooks, shaped as the recorded exchanges are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.peers.shop import Call, Reply, ShopPeer

PREFIX = "/wp-json/wc/v3/"
NOT_FOUND = Reply(404, {"code": "rest_no_route", "message": "No route was found", "data": {"status": 404}})
NO_ORDER = Reply(404, {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}})


@dataclass
class WooCommercePeer(ShopPeer):
    """`orders` and `webhooks` by id; `fulfilments` by order."""

    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    fulfilments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    webhooks: dict[int, dict[str, Any]] = field(default_factory=dict)

    def asked_for(self, order: int) -> int:
        """How often that order was asked for."""
        return sum(call.path == f"{PREFIX}orders/{order}" for call in self.calls)

    def answer(self, call: Call) -> Reply:
        if not call.path.startswith(PREFIX):
            return NOT_FOUND
        name, *rest = call.path.removeprefix(PREFIX).split("/")
        if name == "orders":
            return self._orders(call, rest)
        if name == "webhooks":
            return self._webhooks(call, rest)
        return NOT_FOUND

    def _orders(self, call: Call, rest: list[str]) -> Reply:
        if not rest:
            return self._changed(call.query)
        ref = int(rest[0])
        if ref not in self.orders:
            return NO_ORDER
        return Reply(document=self.fulfilments.get(ref, []) if rest[1:] == ["fulfillments"] else self.orders[ref])

    def _changed(self, query: dict[str, str]) -> Reply:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders"""
        since, page, size = query.get("modified_after", ""), int(query.get("page", 1)), int(query.get("per_page", 10))
        found = sorted((o for o in self.orders.values() if o["date_modified_gmt"] > since), key=lambda o: o["date_modified_gmt"])
        pages = -(-len(found) // size)
        return Reply(document=found[(page - 1) * size : page * size], headers=(("X-WP-Total", str(len(found))), ("X-WP-TotalPages", str(pages))))

    def _webhooks(self, call: Call, rest: list[str]) -> Reply:
        if call.method == "GET":
            return Reply(document=list(self.webhooks.values()))
        ident = int(rest[0]) if rest else len(self.webhooks) + 1
        self.webhooks[ident] = {**self.webhooks.get(ident, {"id": ident, "status": "active"}), **json.loads(call.body)}
        return Reply(200 if rest else 201, self.webhooks[ident])
