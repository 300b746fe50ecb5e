"""Shopify's Admin GraphQL API: the only file that imports the vendor's library, `shopifyapi`.

Of the library we use the session (it knows the addresses and headers of an API version) and the GraphQL carrier, and mend what hurts:
it keeps shop and token in a global, per thread, so ours are cleared whatever happens; it has no timeout, prints error bodies, and hands
back plain text, so `execute` is our own and goes through our door. (https://github.com/Shopify/shopify_python_api/issues/594)
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import shopify

from connectors.errors import ConnectorError, Lacking, Refused
from connectors.http import MAX_WAIT, Door, refusal
from connectors.reading import NAME, WORD, Part, line
from connectors.shops.base import Changed, ShopContext, Subscriptions
from connectors.shops.shopify import queries, translate
from connectors.shops.shopify import subscriptions as sub
from connectors.shops.shopify.orders import order_seen
from connectors.shops.shopify.parcels import SCANS, fulfilment_facts, scan_seen
from postventa.events import Event

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com\Z")
PAGES = 200
"""Of a hundred each: more changed orders than that are an import, and no gap to fill."""
_EARLY = 300.0
"""Seconds before its end that a token is replaced."""
_tokens: dict[tuple[str, str], tuple[str, float]] = {}
_tokens_lock = threading.Lock()


class ShopifyClient:
    """One shop's API. `settings`: domain and access_token, or client_id and client_secret of the merchant's own app."""

    def __init__(self, settings: Any, allow_private_hosts: list[str], door: Door | None = None) -> None:
        self._settings = settings
        self._door = door or Door(allow_private_hosts)
        self._domain = str(settings.domain).strip().lower()
        if not _DOMAIN.match(self._domain):
            raise ConnectorError(f'"{line(self._domain)}" is no Shopify domain: expected "name.myshopify.com"', permanent=True)

    def check(self) -> str:
        """The shop's name and what the app may do."""
        data = self._ask(queries.CHECK, {})
        shop, scopes = data.part("shop"), data.part("currentAppInstallation").parts("accessScopes")
        rights = ", ".join(sorted(scope.text("handle") for scope in scopes))
        return f"{shop.text('name', NAME)} ({shop.text('myshopifyDomain', NAME)}), API {queries.API_VERSION}, scopes: {rights or 'none'}"

    def parcels(self, order_ref: str) -> tuple[Event, ...]:
        """The order's fulfilments with everything that the carriers said so far."""
        found = self._ask(queries.PARCELS, {"id": _gid("Order", order_ref)}).part("order")
        return tuple(self._parcels(found, order_ref))

    def changed_since(self, moment: datetime) -> tuple[Changed, ...]:
        """https://shopify.dev/docs/api/admin-graphql/latest/queries/orders"""
        since = {"since": f"updated_at:>='{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"}
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
        told = order_seen(Part(translate.order(found)), self._context).events
        return told + tuple(event for event in self._parcels(found, order_ref) if event not in told)

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

    @property
    def _context(self) -> ShopContext:
        return ShopContext(domain=self._domain, currency=str(getattr(self._settings, "currency", "EUR")))

    def _parcels(self, found: Part, order_ref: str) -> Iterator[Event]:
        for item in found.parts("fulfillments"):
            yield from fulfilment_facts(order_ref, Part(translate.fulfilment(item)), self._context)
            for scan in translate.scans(item, order_ref):
                if SCANS.get(scan["status"]) is not None:
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
        try:
            with self._session():
                return Carrier(self._door, self._domain, self._endpoint()).execute(query, variables)
        except Refused:
            with _tokens_lock:  # revoked before its time: the next question asks for a new one
                _tokens.pop((self._domain, str(self._settings.client_id)), None)
            raise

    @contextmanager
    def _session(self) -> Iterator[None]:
        """The library's session for this shop; afterwards nothing of it is left in this thread, whatever happened inside."""
        token = self._token()
        try:
            shopify.ShopifyResource.activate_session(shopify.Session(self._domain, queries.API_VERSION, token))
            yield
        finally:
            shopify.ShopifyResource.clear_session()

    def _endpoint(self) -> str:
        """Empty: the shop's own. A development shop stands in `url`, on a host that is listed in allow_private_hosts."""
        base = str(getattr(self._settings, "url", "") or "").rstrip("/")
        return base if base and self._door.allows(urlsplit(base).hostname or "") else ""

    def _token(self) -> str:
        """The access token of the settings, else one by the client credentials grant (24 hours, merchants' own apps).

        https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
        """
        given, client_id = str(self._settings.access_token), str(self._settings.client_id)
        if given:
            return given
        if not (client_id and self._settings.client_secret):
            raise ConnectorError(f"{self._domain} needs an access_token, or client_id and client_secret", permanent=True)
        with _tokens_lock:
            token, until = _tokens.get((self._domain, client_id), ("", 0.0))
            if time.monotonic() > until - _EARLY:
                token, lasts = self._new_token(client_id, str(self._settings.client_secret))
                _tokens[self._domain, client_id] = token, time.monotonic() + lasts
        return token

    def _new_token(self, client_id: str, client_secret: str) -> tuple[str, float]:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        url = f"{self._endpoint() or f'https://{self._domain}'}/admin/oauth/access_token"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = self._door.send("POST", url, headers=headers, body=urlencode(form).encode(), repeatable=True)
        if answer.status == 400:  # how OAuth says that it does not know the app, or no longer
            raise Refused(f"{self._domain} gives our app no access token: client_id or client_secret is wrong, or the app was removed")
        if answer.status >= 400:
            raise refusal(answer, self._domain)
        found = Part(answer.json(self._domain))
        if not found.text("access_token", 500):
            raise ConnectorError(f"{self._domain} gave no access token", permanent=True)
        return found.text("access_token", 500), float(found.count("expires_in") or 3600)


class Carrier(shopify.GraphQL):  # type: ignore[misc]
    """The library's GraphQL with a timeout, an answer that is JSON, patience with throttling, and no printing."""

    def __init__(self, door: Door, who: str, base: str = "") -> None:
        super().__init__()
        self._door, self._who = door, who
        if base:
            self.endpoint = f"{base}/admin/api/{queries.API_VERSION}/graphql.json"

    def execute(self, query: str, variables: dict[str, Any] | None = None, operation_name: str | None = None) -> Part:
        """The answer's `data`. Fields that the app may not see are null in it; without any data it raises `ConnectorError`."""
        headers = {"Accept": "application/json", "Content-Type": "application/json", **self.headers}
        body = json.dumps({"query": query, "variables": variables, "operationName": operation_name}).encode()
        wait = 0.0
        for attempt in range(1, self._door.tries + 1):
            answer = self._door.send("POST", self.endpoint, headers=headers, body=body, repeatable=query.lstrip().startswith("query"))
            if answer.status >= 400:
                raise refusal(answer, self._who)
            found = Part(answer.json(self._who))
            if "THROTTLED" not in _codes(found):
                return self._data(found)
            wait = _wait(found)
            if attempt == self._door.tries or wait > MAX_WAIT:
                break
            self._door.sleep(wait)
        raise ConnectorError(f"{self._who} asks us to slow down", retry_after=wait)

    def _data(self, found: Part) -> Part:
        data = found.part("data")
        if data and any(value is not None for value in data.raw.values()):
            return data
        errors = list(found.parts("errors"))
        if not errors:
            return data
        said = errors[0].text("message", NAME) or line(found.raw.get("errors"), WORD)
        if "ACCESS_DENIED" in _codes(found):
            raise Lacking(f"{self._who} refused the query: {said}", errors[0].part("extensions").text("requiredAccess", NAME))
        raise ConnectorError(f"{self._who} refused the query: {said}", permanent="INTERNAL_SERVER_ERROR" not in _codes(found))


def _codes(found: Part) -> set[str]:
    return {error.part("extensions").text("code") for error in found.parts("errors")}


def _wait(found: Part) -> float:
    """Seconds until the bucket holds what the query costs: https://shopify.dev/docs/api/usage/rate-limits"""
    cost = found.part("extensions").part("cost")
    bucket = cost.part("throttleStatus")
    missing = cost.count("requestedQueryCost") - bucket.count("currentlyAvailable")
    return max(1.0, missing / max(bucket.count("restoreRate"), 1))


def _gid(kind: str, ref: str) -> str:
    return ref if ref.startswith("gid://") else f"gid://shopify/{kind}/{ref}"
