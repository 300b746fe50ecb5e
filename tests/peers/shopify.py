"""A Shopify shop's Admin API: every query is checked against the schema that Shopify publishes before it is answered."""

from __future__ import annotations

import gzip
import importlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from connectors.shops.shopify.queries import API_VERSION
from tests.papers import ROOT
from tests.peers.shop import Call, Reply, ShopPeer
from tests.service.shops import LOLA

SCHEMA = ROOT / f"tests/fixtures/shopify/schema/admin_schema_{API_VERSION}.nodesc.graphql.gz"


@cache
def schema() -> Any:
    """Shopify's schema breaks one of the specification's newer rules about deprecations; it is sound otherwise."""
    graphql = importlib.import_module("graphql")
    return graphql.build_schema(gzip.decompress(SCHEMA.read_bytes()).decode(), assume_valid=True)


@dataclass
class ShopifyPeer(ShopPeer):
    """`orders`, `returns`: gid -> the document as the API tells it. `tokens`: those that are accepted; `apps`: client_id -> client_secret.

    `throttled`: so many of the next queries are answered with THROTTLED.
    """

    domain: str = LOLA.settings["domain"]
    tokens: set[str] = field(default_factory=lambda: {"shpat_lola"})
    apps: dict[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ("read_orders", "read_returns")
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    returns: dict[str, dict[str, Any]] = field(default_factory=dict)
    throttled: int = 0

    def answer(self, call: Call) -> Reply:
        if call.path == "/admin/oauth/access_token":
            return self._grant(dict(parse_qsl(call.body.decode())))
        if not re.fullmatch(r"/admin/api/\d{4}-\d\d/graphql\.json", call.path) or call.method != "POST":
            return Reply(404, {"errors": "Not Found"})
        if call.headers.get("x-shopify-access-token") not in self.tokens:
            return Reply(401, {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})
        asked = json.loads(call.body)
        return self._query(asked["query"], asked.get("variables") or {})

    def _grant(self, form: dict[str, str]) -> Reply:
        known = self.apps.get(form.get("client_id", ""))
        if form.get("grant_type") != "client_credentials" or known is None or known != form.get("client_secret"):
            return Reply(400, {"error": "invalid_client", "error_description": "Client authentication failed"})
        token = f"shpat_{len(self.tokens) + len(self.calls)}"
        self.tokens.add(token)
        return Reply(document={"access_token": token, "scope": ",".join(self.scopes), "expires_in": 86399})

    def _query(self, text: str, variables: dict[str, Any]) -> Reply:
        graphql = importlib.import_module("graphql")
        document = graphql.parse(text)
        wrong = graphql.validate(schema(), document)
        if wrong:
            return Reply(document={"errors": [{"message": error.message} for error in wrong]})
        if self.throttled:
            self.throttled -= 1
            return Reply(document=THROTTLED)
        [operation] = [part for part in document.definitions if isinstance(part, graphql.OperationDefinitionNode)]
        fields = [selection.name.value for selection in operation.selection_set.selections]
        return Reply(document={"data": {name: ROOTS[name](self, variables) for name in fields}})


ROOTS: dict[str, Callable[[ShopifyPeer, dict[str, Any]], Any]] = {
    "shop": lambda shop, variables: {"name": "Zapatería Lola", "myshopifyDomain": shop.domain},
    "currentAppInstallation": lambda shop, variables: {"accessScopes": [{"handle": scope} for scope in shop.scopes]},
    "order": lambda shop, variables: shop.orders.get(variables["id"]),
    "return": lambda shop, variables: shop.returns.get(variables["id"]),
}
"""Who answers each field of a query; one that is missing here fails the test with its name."""
THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {"cost": {"requestedQueryCost": 200, "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 0, "restoreRate": 100}}},
}


def sent_back(order_ref: int, line: int, quantity: int = 1, why: str = "No me queda bien") -> dict[str, Any]:
    """A return that was asked for."""
    reason = {"name": why}
    item = {
        "quantity": quantity,
        "customerNote": "",
        "returnReasonNote": "",
        "returnReasonDefinition": reason,
        "fulfillmentLineItem": {"lineItem": {"id": f"gid://shopify/LineItem/{line}"}},
    }
    return {"name": f"#{order_ref}-R1", "order": {"id": f"gid://shopify/Order/{order_ref}"}, "decline": None, "returnLineItems": {"nodes": [item]}}
