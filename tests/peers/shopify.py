"""A Shopify shop's Admin API: every operation is checked against the schema that Shopify publishes before it is answered, its variables too."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from connectors.http import Answer, Door
from connectors.shops.shopify.queries import API_VERSION
from connectors.shops.shopify.subscriptions import RIGHTS, granted
from tests.papers import ROOT
from tests.peers.shop import Call, Reply, ShopPeer
from tests.peers.shopify_books import WRITTEN, ShopifyBooks
from tests.peers.shopify_oauth import TokenOffice
from tests.service.shops import LOLA

SCHEMA = ROOT / f"tests/fixtures/shopify/schema/admin_schema_{API_VERSION}.nodesc.graphql.gz"


@cache
def schema() -> Any:
    """Shopify's schema breaks one of the specification's newer rules about deprecations; it is sound otherwise."""
    graphql = importlib.import_module("graphql")
    return graphql.build_schema(gzip.decompress(SCHEMA.read_bytes()).decode(), assume_valid=True)


@dataclass
class ShopifyPeer(ShopPeer):
    """`orders`, `returns`, `webhooks`, `products`: gid -> the document as the API tells it. `tokens` that are accepted.

    `apps`: client_id -> client_secret.

    `throttled`: so many of the next queries are answered with THROTTLED. `page`: so many are listed at once at most. `asked`: roots of all queries.
    `points`: what its bucket holds; None: it is never empty. `hidden`: paths, such as `order.email`, of fields that the app may not see.
    `office`: who gives tokens; those that it gave are accepted too. `strict`: what `scopes` do not cover is refused.
    """

    domain: str = LOLA.settings["domain"]
    tokens: set[str] = field(default_factory=lambda: {"shpat_lola"})
    apps: dict[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ("read_orders", "read_returns")
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    returns: dict[str, dict[str, Any]] = field(default_factory=dict)
    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    throttled: int = 0
    points: float | None = None
    hidden: dict[str, dict[str, Any]] = field(default_factory=dict)
    office: TokenOffice = field(init=False)
    page: int = 250
    strict: bool = False
    asked: list[str] = field(default_factory=list)
    books: ShopifyBooks = field(init=False)

    def __post_init__(self) -> None:
        self.office = TokenOffice(self.domain, self.apps, scopes=self.scopes)
        self.books = ShopifyBooks(self.orders, self.returns)

    @contextmanager
    def open(self) -> Iterator[ShopifyPeer]:
        """As others do; the schema is made before anybody waits for an answer."""
        if importlib.util.find_spec("graphql"):
            schema()
        with super().open():
            yield self

    def uninstall(self) -> None:
        """The merchant removed the app."""
        self.tokens.clear()
        self.office.uninstall()

    def answer(self, call: Call) -> Reply:
        if call.path == "/admin/oauth/access_token" and call.method == "POST":
            return self.office.answer(dict(parse_qsl(call.body.decode())))
        if not re.fullmatch(r"/admin/api/\d{4}-\d\d/graphql\.json", call.path) or call.method != "POST":
            return Reply(404, {"errors": "Not Found"})
        token = call.headers.get("x-shopify-access-token", "")
        if token not in self.tokens and not self.office.takes(token):
            return Reply(401, {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})
        asked = json.loads(call.body)
        return self._query(asked["query"], asked.get("variables") or {})

    def _query(self, text: str, variables: dict[str, Any]) -> Reply:
        graphql = importlib.import_module("graphql")
        document = graphql.parse(text)
        refused = self._refused(text, document)
        if refused is not None:
            return refused
        [operation] = [part for part in document.definitions if isinstance(part, graphql.OperationDefinitionNode)]
        values = importlib.import_module("graphql.execution.values")
        given = values.get_variable_values(schema(), operation.variable_definitions or [], variables)
        if isinstance(given, list):
            return Reply(document={"errors": [{"message": error.message} for error in given]})
        root = schema().mutation_type if operation.operation.value == "mutation" else schema().query_type
        data = {}
        for chosen in operation.selection_set.selections:
            name = chosen.name.value
            self.asked.append(name)
            args = values.get_argument_values(root.fields[name], chosen, given)
            if name == "refundCreate":
                keyed = values.get_directive_values(schema().get_directive("idempotent"), chosen, given)
                if not keyed:
                    return Reply(document={"errors": [{"message": "The @idempotent directive is required for this mutation"}]})
                data[name] = self.books.refund(args, keyed["key"])
                continue
            data[name] = ROOTS[name](self, args) if name in ROOTS else WRITTEN[name](self.books, args)
            if name == "order" and data[name] is not None:
                data[name] = {**data[name], **self._reckoned(data[name], chosen, given)}
        if self.points is not None:
            self.points -= PRICE
        errors = [error for path, error in self.hidden.items() if _hide(data, path)]
        return Reply(document={"data": data, **({"errors": errors} if errors else {}), "extensions": self._cost()})

    def _refused(self, text: str, document: Any) -> Reply | None:
        """Before it is looked at what it asks for."""
        wrong = importlib.import_module("graphql").validate(schema(), document)
        if wrong:
            return Reply(document={"errors": [{"message": error.message} for error in wrong]})
        lacking = self._lacking(text) if self.strict else ()
        if lacking:
            return Reply(document={"data": None, "errors": [no_access(right) for right in lacking]})
        if self.throttled:
            self.throttled -= 1
            return Reply(document=THROTTLED)
        if self.points is not None and self.points < PRICE:
            return Reply(document={"errors": THROTTLED["errors"], "extensions": self._cost()})
        return None

    def _lacking(self, text: str) -> list[str]:
        """Scopes that the operation takes and the app was not granted, by Shopify's own list."""
        wanted = importlib.import_module("tests.connectors.shops.operations").scopes_of(text)
        return [max(rights) for rights in wanted if not any(granted(right, self.scopes) for right in rights)]

    def _reckoned(self, order: dict[str, Any], chosen: Any, given: dict[str, Any]) -> dict[str, Any]:
        """What of an order is not kept but worked out, where it was asked for."""
        values = importlib.import_module("graphql.execution.values")
        fields = {node.name.value: node for node in chosen.selection_set.selections if hasattr(node, "name") and hasattr(node, "arguments")}
        found: dict[str, Any] = {}
        if "suggestedRefund" in fields:
            kind = schema().type_map["Order"].fields["suggestedRefund"]
            found["suggestedRefund"] = self.books.suggest(order, values.get_argument_values(kind, fields["suggestedRefund"], given))
        if "returns" in fields:
            found["returns"] = self.books.returns_of(order["id"])
        return found

    def _cost(self) -> dict[str, Any]:
        left = 2000.0 if self.points is None else self.points
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": left, "restoreRate": 100.0}
        return {"cost": {"requestedQueryCost": PRICE, "actualQueryCost": PRICE, "throttleStatus": status}}

    def webhook(self, topic: str, uri: str, form: str = "JSON") -> str:
        """A subscription that somebody made by this app; `topic` as the schema spells it. Its gid."""
        gid = f"gid://shopify/WebhookSubscription/{max([int(gid.rpartition('/')[2]) for gid in self.webhooks], default=1000) + 1}"
        self.webhooks[gid] = {"id": gid, "topic": topic, "uri": uri, "format": form}
        return gid

    def found(self, args: dict[str, Any]) -> list[dict[str, Any]]:
        """The two searches that we know. https://shopify.dev/docs/api/usage/search-syntax"""
        changed = re.fullmatch(r"updated_at:>='([^']+)'", args["query"])
        placed = re.fullmatch(r"created_at:>='([^']+)' created_at:<'([^']+)'", args["query"])
        assert changed or placed, f"the peer knows two searches only, and not {args['query']}"
        by, since, until = ("updatedAt", changed[1], "9999-01-01T00:00:00Z") if changed else ("createdAt", placed[1], placed[2])  # type: ignore[index]
        begin, end = datetime.fromisoformat(since), datetime.fromisoformat(until)
        chosen = [order for order in self.orders.values() if begin <= datetime.fromisoformat(order.get(by) or order["updatedAt"]) < end]
        return sorted(chosen, key=lambda order: (datetime.fromisoformat(order.get(by) or order["updatedAt"]), order["legacyResourceId"]))

    def changed(self, args: dict[str, Any]) -> Any:
        """`orders(query: ..., sortKey: ...)`; by a tag what begins alike is found too."""
        if args["query"].startswith("tag:"):
            tag = args["query"].removeprefix("tag:'").removesuffix("'")
            alike = [order for order in self.orders.values() if any(one.startswith(tag[:8]) for one in order.get("tags") or ())]
            return {"nodes": alike}
        assert args["sortKey"] == ("UPDATED_AT" if "updated_at" in args["query"] else "CREATED_AT")
        return self.listed(self.found(args), args)

    def listed(self, nodes: list[dict[str, Any]], args: dict[str, Any]) -> Any:
        """One page of a connection. A cursor is opaque, and stands for the place behind a node."""
        begin = json.loads(b64decode(args["after"]))["place"] if args.get("after") else 0
        page = nodes[begin : begin + min(args["first"], self.page)]
        cursors = [b64encode(json.dumps({"place": begin + number + 1}).encode()).decode() for number in range(len(page))]
        return {"nodes": page, "pageInfo": {"hasNextPage": begin + len(page) < len(nodes), "endCursor": cursors[-1] if cursors else None}}

    def subscribe(self, args: dict[str, Any]) -> Any:
        """One for each topic and address, if the app has the right."""
        right, uri = RIGHTS[_topic(args["topic"])], args["webhookSubscription"]["uri"]
        if right and right not in self.scopes:
            said = f"You do not have permission to create or update webhooks with {_topic(args['topic'])} topic"
            return {"webhookSubscription": None, "userErrors": [{"field": None, "message": said}]}
        if any((hook["topic"], hook["uri"]) == (args["topic"], uri) for hook in self.webhooks.values()):
            said = "Address for this topic has already been taken"
            return {"webhookSubscription": None, "userErrors": [{"field": ["webhookSubscription", "callbackUrl"], "message": said}]}
        gid = self.webhook(args["topic"], uri, args["webhookSubscription"].get("format", "JSON"))
        return {"webhookSubscription": self.webhooks[gid], "userErrors": []}

    def change(self, args: dict[str, Any]) -> Any:
        if args["id"] not in self.webhooks:
            return {"webhookSubscription": None, "userErrors": [GONE]}
        self.webhooks[args["id"]].update(args["webhookSubscription"])
        return {"webhookSubscription": self.webhooks[args["id"]], "userErrors": []}

    def unsubscribe(self, args: dict[str, Any]) -> Any:
        known = self.webhooks.pop(args["id"], None)
        return (
            {"deletedWebhookSubscriptionId": args["id"], "userErrors": []} if known else {"deletedWebhookSubscriptionId": None, "userErrors": [GONE]}
        )


PRICE = 250
"""Points that each operation costs here."""


def _hide(data: dict[str, Any], path: str) -> bool:
    """Null in the answer what the app may not see; whether it was there."""
    *above, last = path.split(".")
    place: Any = data
    for step in above:
        place = place.get(step) if isinstance(place, dict) else None
    if not isinstance(place, dict) or last not in place:
        return False
    if not above:
        data[last] = None
        return True
    name, *rest = above
    data[name] = _without(data[name], [*rest, last])
    return True


def _without(document: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """A copy: the shop's own document stays whole."""
    return {**document, path[0]: _without(document[path[0]], path[1:]) if path[1:] else None}


def not_approved(path: str) -> dict[str, Any]:
    """What Shopify says of a field with protected customer data that the app was not approved for."""
    field_name = path.rpartition(".")[2]
    said = (
        f"This app is not approved to use the {field_name} field. See https://shopify.dev/docs/apps/launch/protected-customer-data for more details."
    )
    return {
        "message": said,
        "path": path.split("."),
        "extensions": {"code": "ACCESS_DENIED", "documentation": "https://shopify.dev/api/usage/access-scopes"},
    }


def no_access(right: str) -> dict[str, Any]:
    """What Shopify says of an operation for which the app lacks a scope."""
    said = f"Access denied. Required access: `{right}` access scope."
    return {"message": said, "extensions": {"code": "ACCESS_DENIED", "requiredAccess": f"`{right}` access scope."}}


GONE = {"field": ["id"], "message": "Webhook subscription does not exist"}


def _matches(product: dict[str, Any], query: str) -> bool:
    *words, status = query.split(" ")
    assert status == "status:active"
    assert all(word.endswith("*") for word in words)
    return all(word[:-1].lower() in product["title"].lower() for word in words)


def _topic(enum: str) -> str:
    return next(topic for topic in RIGHTS if topic.replace("/", "_").upper() == enum)


OWN_WORDS = {
    "email": "lola@zapateria-lola.example", "contactEmail": "hola@zapateria-lola.example", "currencyCode": "EUR", "ianaTimezone": "Atlantic/Canary",
    "taxesIncluded": True, "primaryDomain": {"url": "https://zapateria-lola.example"},
    "shopAddress": {"company": "Zapatería Lola, S. L.", "countryCodeV2": "ES"},
}  # fmt: skip
ROOTS: dict[str, Callable[[ShopifyPeer, dict[str, Any]], Any]] = {
    "shop": lambda shop, args: {"name": "Zapatería Lola", "myshopifyDomain": shop.domain, **OWN_WORDS},
    "currentAppInstallation": lambda shop, args: {"accessScopes": [{"handle": scope} for scope in shop.scopes]},
    "order": lambda shop, args: shop.orders.get(args["id"]),
    "orders": lambda shop, args: shop.changed(args),
    "ordersCount": lambda shop, args: {"count": len(shop.found(args))},
    "nodes": lambda shop, args: [shop.orders.get(gid) for gid in args["ids"]],
    "product": lambda shop, args: shop.products.get(args["id"]),
    "products": lambda shop, args: {"nodes": [made for made in shop.products.values() if _matches(made, args["query"])]},
    "return": lambda shop, args: shop.returns.get(args["id"]),
    "webhookSubscriptions": lambda shop, args: shop.listed(list(shop.webhooks.values()), args),
    "webhookSubscriptionCreate": lambda shop, args: shop.subscribe(args),
    "webhookSubscriptionUpdate": lambda shop, args: shop.change(args),
    "webhookSubscriptionDelete": lambda shop, args: shop.unsubscribe(args),
}
"""Who answers each root of an operation, by its arguments; one that is missing here fails the test with its name."""
THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {"cost": {"requestedQueryCost": 200, "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 0, "restoreRate": 100}}},
}


class Detour(Door):
    """Our door, where `https://{domain}` leads to a peer on this machine: for calls that go to Shopify's own address."""

    def __init__(self, *peers: ShopifyPeer) -> None:
        super().__init__(["127.0.0.1"], tries=1)
        self._peers = peers

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None, repeatable: bool | None = None
    ) -> Answer:
        for peer in self._peers:
            url = url.replace(f"https://{peer.domain}", peer.url)
        return super().send(method, url, headers=headers, body=body, repeatable=repeatable)


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


def order_document(body: dict[str, Any]) -> dict[str, Any]:
    """An order without refunds and parcels as the API tells it, made from the body of its webhook."""
    sums = {"totalPriceSet": "total_price", "totalDiscountsSet": "total_discounts", "totalTaxSet": "total_tax"}
    return {
        "id": body["admin_graphql_api_id"],
        "legacyResourceId": str(body["id"]),
        **{
            name: body.get(_snake(name))
            for name in ("name", "email", "phone", "createdAt", "updatedAt", "cancelledAt", "test", "note", "customerLocale", "taxesIncluded")
        },
        "cancelReason": (body["cancel_reason"] or "").upper() or None,
        "currencyCode": body["currency"],
        "presentmentCurrencyCode": body["presentment_currency"],
        "displayFinancialStatus": body["financial_status"].upper(),
        "displayFulfillmentStatus": (body["fulfillment_status"] or "unfulfilled").upper(),
        "statusPageUrl": body["order_status_url"],
        "paymentGatewayNames": body["payment_gateway_names"],
        "customerAcceptsMarketing": body["buyer_accepts_marketing"],
        "totalShippingPriceSet": _money("0.00"),
        **{name: _money(body[key]) for name, key in sums.items()},
        "customer": {"legacyResourceId": str(body["customer"]["id"]), "firstName": "Ana", "lastName": "Peña"},
        "shippingAddress": _address(body["shipping_address"]),
        "billingAddress": _address(body["billing_address"]),
        "shippingLines": {"nodes": []},
        "lineItems": {"nodes": [_line(item) for item in body["line_items"]]},
        "refunds": [],
        "fulfillments": [],
    }


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)


def _money(amount: str) -> dict[str, Any]:
    return {"presentmentMoney": {"amount": amount, "currencyCode": "EUR"}}


def _address(place: dict[str, Any]) -> dict[str, Any]:
    names = ("firstName", "lastName", "name", "company", "address1", "address2", "city", "province", "provinceCode", "zip", "phone")
    return {**{name: place.get(_snake(name)) for name in names}, "countryCodeV2": place["country_code"]}


def _line(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{item['id']}",
        **{name: item[_snake(name)] for name in ("title", "variantTitle", "sku", "quantity", "requiresShipping")},
        "product": {"legacyResourceId": str(item["product_id"])},
        "variant": {"legacyResourceId": str(item["variant_id"])},
        "originalUnitPriceSet": _money(item["price"]),
        "discountAllocations": [],
        "taxLines": [],
    }
