"""What we ask of a Shopify shop, and how its answers become facts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.errors import ConnectorError, Lacking
from connectors.http import Door
from connectors.reading import NAME, Part, country, currency, line
from connectors.shops.base import Changed, Past, ShopContext, Subscriptions
from connectors.shops.shopify import offers, queries, translate
from connectors.shops.shopify import subscriptions as sub
from connectors.shops.shopify.addresses import endpoint, shop_domain
from connectors.shops.shopify.admin_api import AdminApi, Revoked, Told
from connectors.shops.shopify.oauth import TokenEndpoint
from connectors.shops.shopify.orders import order_seen
from connectors.shops.shopify.parcels import fulfilment_facts, scan_seen
from connectors.shops.shopify.people import consent_seen
from connectors.shops.shopify.products import product_seen
from connectors.shops.shopify.tokens import ClientCredentials, Given, Tokens
from connectors.shops.shopify.writes import KINDS
from connectors.shops.shopify.writes.api import ShopifyApi
from connectors.shops.writes import ShopWrites, Writer
from postventa.events import Event, ProductSnapshot, VariantSnapshot

log = logging.getLogger("postventa.shopify")

PAGES = 200
"""Of a hundred each: more changed orders than that are an import, and no gap to fill."""
PIECE = 5
"""Orders of the past in one step, each of which is one more question."""


@dataclass(frozen=True)
class About:
    """A shop's own words; what it does not say is empty."""

    name: str
    email: str
    website: str
    legal_name: str
    country: str
    currency: str
    timezone: str
    scopes: tuple[str, ...]


class ShopifyClient:
    """One shop's API. `settings`: domain and access_token, or client_id and client_secret of the merchant's own app. `tokens`: instead of those."""

    def __init__(self, settings: Any, allow_private_hosts: list[str], door: Door | None = None, tokens: Tokens | None = None) -> None:
        self._settings = settings
        self._door = door or Door(allow_private_hosts)
        self._domain = shop_domain(str(settings.domain))
        if not self._domain:
            raise ConnectorError(f'"{line(settings.domain)}" is no Shopify domain: expected "name.myshopify.com"', permanent=True)
        self._base = endpoint(str(getattr(settings, "url", "") or ""), self._door)
        self._tokens = tokens
        self.hidden: set[str] = set()
        """Fields that Shopify kept from us so far, such as `order.email`: protected customer data that the app has no leave for."""

    def check(self) -> str:
        """The shop's name and what the app may do."""
        data = self._ask(queries.CHECK, {})
        shop, scopes = data.part("shop"), data.part("currentAppInstallation").parts("accessScopes")
        rights = ", ".join(sorted(scope.text("handle") for scope in scopes))
        return f"{shop.text('name', NAME)} ({shop.text('myshopifyDomain', NAME)}), API {queries.API_VERSION}, scopes: {rights or 'none'}"

    def about(self) -> About:
        """What the shop says about itself, for the settings of one that was just connected."""
        data = self._ask(queries.SHOP, {})
        shop, app = data.part("shop"), data.part("currentAppInstallation")
        return About(
            name=shop.text("name", NAME),
            email=shop.text("contactEmail", 254) or shop.text("email", 254),
            website=shop.part("primaryDomain").url("url"),
            legal_name=shop.part("shopAddress").text("company", NAME),
            country=country(shop.part("shopAddress").text("countryCodeV2")),
            currency=currency(shop.text("currencyCode"), ""),
            timezone=shop.text("ianaTimezone"),
            scopes=tuple(sorted(scope.text("handle") for scope in app.parts("accessScopes"))),
        )

    def parcels(self, order_ref: str) -> tuple[Event, ...]:
        """The order's fulfilments with everything that the carriers said so far."""
        found = self._ask(queries.PARCELS, {"id": _gid("Order", order_ref)}).part("order")
        if "order.fulfillments" in self.hidden:  # they were not told; that there are none was not said
            raise Lacking(f"{self._domain} keeps the order's fulfilments from us", "read_fulfillments")
        return tuple(self._parcels(found, order_ref))

    def changed_since(self, moment: datetime) -> tuple[Changed, ...]:
        """https://shopify.dev/docs/api/admin-graphql/latest/queries/orders"""
        since = {"since": f"updated_at:>='{_utc(moment)}'"}
        orders = (order for page in self._pages(queries.CHANGED, since, "orders") for order in page.part("orders").parts("nodes"))
        listed = ((order.ref("legacyResourceId"), order.time("updatedAt")) for order in orders)
        return tuple(Changed(ref, at) for ref, at in listed if ref and at)

    def subscriptions(self) -> Subscriptions:
        """https://shopify.dev/docs/api/admin-graphql/latest/queries/webhookSubscriptions"""
        pages = list(self._pages(queries.WEBHOOKS, {}, "webhookSubscriptions"))
        listed = tuple(sub.webhook(node) for page in pages for node in page.part("webhookSubscriptions").parts("nodes"))
        app = pages[0].part("currentAppInstallation")
        scopes = {scope.text("handle") for scope in app.parts("accessScopes")} if app else None
        return Subscriptions(listed, sub.wanted(scopes), sub.lacking(scopes))

    def subscribe(self, topic: str, url: str, secret: str, ref: str = "") -> None:
        """Shopify signs with the app's own secret, whatever `secret` says, and in the version that is set in the app."""
        webhook = {"uri": url, "format": "JSON"}
        if ref:
            said = self._change(queries.WEBHOOK_CHANGE, {"id": ref, "webhook": webhook}, "webhookSubscriptionUpdate")
        else:
            said = self._change(queries.WEBHOOK_ADD, {"topic": sub.enum_of(topic), "webhook": webhook}, "webhookSubscriptionCreate")
        if "permission" in said:
            raise Lacking(f"{self._domain}: {said}", sub.RIGHTS.get(topic, ""))
        if said:
            raise ConnectorError(f"{self._domain} refused the webhook {topic}: {said}", permanent=True)

    def unsubscribe(self, ref: str) -> None:
        """https://shopify.dev/docs/api/admin-graphql/latest/mutations/webhookSubscriptionDelete"""
        said = self._change(queries.WEBHOOK_REMOVE, {"id": ref}, "webhookSubscriptionDelete")
        if said and "does not exist" not in said:
            raise ConnectorError(f"{self._domain} does not remove the webhook: {said}", permanent=True)

    def order(self, order_ref: str) -> tuple[Event, ...]:
        """The order as it stands now, as a delivery of it would tell."""
        found = self._ask(queries.ORDER, {"id": _gid("Order", order_ref)}).part("order")
        if not found:
            raise ConnectorError(f"{self._domain} knows no order {order_ref}", permanent=True)
        told = order_seen(Part(translate.order(found)), self._context).events + self._consent(found)
        return told + tuple(event for event in self._parcels(found, order_ref) if event not in told)

    def history(self, since: datetime, until: datetime, place: str, share: float) -> Past:
        """References only: a whole order costs many points, so each is asked for by itself. Without `read_all_orders` it reaches back 60 days."""
        placed = f"created_at:>='{_utc(since)}' created_at:<'{_utc(until)}'"
        asked = {"placed": placed, "first": max(1, int(PIECE * share)), "after": place or None}
        found = self._ask(queries.HISTORY, asked)
        page, nodes = found.part("orders").part("pageInfo"), found.part("orders").parts("nodes")
        refs = tuple(ref for node in nodes if (ref := node.ref("legacyResourceId")))
        following = page.text("endCursor", 500) if page.flag("hasNextPage") else ""
        total = found.part("ordersCount").count("count") if found.part("ordersCount") and not place else None
        return Past(refs, listed=len(nodes), place=following, total=total)

    def gone(self, order_refs: Sequence[str]) -> frozenset[str]:
        """A node that is null is no order any more. https://shopify.dev/docs/api/admin-graphql/latest/queries/nodes"""
        found: set[str] = set()
        for begin in range(0, len(order_refs), 100):
            refs = order_refs[begin : begin + 100]
            nodes = self._ask(queries.STANDING, {"ids": [_gid("Order", ref) for ref in refs]}).raw.get("nodes")
            if not isinstance(nodes, list) or len(nodes) != len(refs) or "nodes" in self.hidden:
                raise ConnectorError(f"{self._domain} does not say which orders there are")
            found |= {ref for ref, node in zip(refs, nodes, strict=True) if node is None}
        return frozenset(found)

    def product(self, product_ref: str) -> ProductSnapshot | None:
        """https://shopify.dev/docs/api/admin-graphql/latest/queries/product"""
        found = self._ask(queries.PRODUCT, {"id": _gid("Product", product_ref)}).part("product")
        if not found and "product" in self.hidden:
            raise Lacking(f"{self._domain} keeps its products from us", "read_products")
        return product_seen(found) if found else None

    def variants(self, product_ref: str, country: str = "") -> tuple[VariantSnapshot, ...]:
        """https://shopify.dev/docs/api/admin-graphql/latest/objects/ProductVariant"""
        found = self._ask(queries.VARIANTS, {"id": _gid("Product", product_ref), "country": country or None})
        if not found.part("product") and "product" in self.hidden:
            raise Lacking(f"{self._domain} keeps its products from us", "read_products")
        return offers.variants_seen(found)

    def search_products(self, text: str) -> tuple[ProductSnapshot, ...]:
        """https://shopify.dev/docs/api/usage/search-syntax"""
        wanted = offers.search(text)
        return offers.products_seen(self._ask(queries.SEARCH, {"text": wanted})) if wanted else ()

    def return_lines(self, return_ref: str) -> tuple[str, str, tuple[tuple[str, int], ...], str]:
        """(order_ref, the return's name, ((line_ref, quantity), ...), reason) of one return."""
        found = self._ask(queries.RETURN, {"id": _gid("Return", translate.tail(return_ref))}).part("return")
        if not found:
            raise ConnectorError(f"{self._domain} knows no return {line(return_ref)}", permanent=True)
        counted: dict[str, int] = {}
        reasons = [found.part("decline").text("note", NAME), found.part("decline").text("reason", NAME)]
        for item in found.part("returnLineItems").parts("nodes"):
            ref = translate.tail(item.part("fulfillmentLineItem").part("lineItem").text("id"))
            if ref and item.count("quantity"):
                counted[ref] = counted.get(ref, 0) + item.count("quantity")
            reasons += [item.text("customerNote", NAME), item.text("returnReasonNote", NAME), item.part("returnReasonDefinition").text("name", NAME)]
        order_ref = translate.tail(found.part("order").text("id"))
        return order_ref, found.text("name"), tuple(sorted(counted.items())), next((text for text in reasons if text), "")

    def writes(self) -> ShopWrites:
        """One kind to a file of `writes/`."""
        return Writer(ShopifyApi(self._domain, self._ask, self.hidden), KINDS, "Shopify")

    @property
    def _context(self) -> ShopContext:
        return ShopContext(domain=self._domain, currency=str(getattr(self._settings, "currency", "EUR")))

    def _consent(self, found: Part) -> tuple[Event, ...]:
        """Webhooks do not carry it any more: what the customer said stands at the address, and only with leave for protected data."""
        told = translate.consent(found)
        return consent_seen(Part(told), self._context).events if told else ()

    def _parcels(self, found: Part, order_ref: str) -> Iterator[Event]:
        for item in found.parts("fulfillments"):
            yield from fulfilment_facts(order_ref, Part(translate.fulfilment(item)), self._context)
            for scan in translate.scans(item, order_ref):
                yield from scan_seen(Part(scan), self._context).events

    def _pages(self, query: str, variables: dict[str, Any], name: str) -> Iterator[Part]:
        """The answers, page by page, of a query that lists `name`."""
        after: str | None = None
        for _ in range(PAGES):
            found = self._ask(query, {**variables, "after": after})
            yield found
            page = found.part(name).part("pageInfo")
            if not page.flag("hasNextPage"):
                return
            after = page.text("endCursor", 500)
        raise ConnectorError(f"{self._domain} lists more than {PAGES * 100} {name}")

    def _change(self, mutation: str, variables: dict[str, Any], name: str) -> str:
        """One mutation: what Shopify has against it, in `userErrors` of an answer with status 200; empty: it is done."""
        errors = self._ask(mutation, variables).part(name).parts("userErrors")
        return "; ".join(error.text("message", NAME) for error in errors)

    def _ask(self, query: str, variables: dict[str, Any]) -> Part:
        told = self._answer(query, variables)
        news = set(told.hidden) - self.hidden
        if news:
            self.hidden |= news
            log.info("%s keeps from us: %s (scopes, or protected customer data, of the app)", self._domain, ", ".join(sorted(news)))
        return told.data

    def _answer(self, query: str, variables: dict[str, Any]) -> Told:
        """Once more with another token when this one was refused: a refused operation was not carried out."""
        tokens = self._tokens or self._own_tokens()
        token = tokens.token()
        try:
            return self._api(token).execute(query, variables)
        except Revoked:
            other = tokens.instead_of(token)
        return self._api(other).execute(query, variables)

    def _api(self, token: str) -> AdminApi:
        return AdminApi(self._door, self._domain, token, self._base)

    def _own_tokens(self) -> Tokens:
        """The access token of the settings, else those of the client credentials grant (merchants' own apps)."""
        given, client_id, client_secret = (str(getattr(self._settings, name)) for name in ("access_token", "client_id", "client_secret"))
        if given:
            return Given(self._domain, given)
        if not (client_id and client_secret):
            raise ConnectorError(f"{self._domain} needs an access_token, or client_id and client_secret", permanent=True)
        return ClientCredentials(TokenEndpoint(self._domain, client_id, client_secret, self._door, self._base))


def _gid(kind: str, ref: str) -> str:
    return ref if ref.startswith("gid://") else f"gid://shopify/{kind}/{ref}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
