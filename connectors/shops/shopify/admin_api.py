"""Shopify's Admin GraphQL API, one operation at a time: the only file that imports the vendor's library, `shopifyapi`.

Of the library we use the session (it knows the addresses and headers of an API version) and the GraphQL carrier, and mend what hurts:
it keeps shop and token in a global of the thread, so a session of ours lives only as long as it takes to read both out of it; it has no timeout,
prints error bodies, and hands back plain text, so `execute` is our own and goes through our door.
(https://github.com/Shopify/shopify_python_api/issues/594)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shopify

from connectors.errors import ConnectorError, Lacking, Refused, SlowDown
from connectors.http import MAX_WAIT, Door, refusal
from connectors.reading import NAME, WORD, Part, line
from connectors.shops.shopify import queries

OURS = "INTERNAL_SERVER_ERROR", "TIMEOUT"
"""Codes of trouble that is Shopify's own and may be over at the next try."""


class Revoked(Refused):
    """Shopify takes this token no more (401): another one may do."""


@dataclass(frozen=True)
class Told:
    """An answer: what Shopify told, and the fields that it kept from us, such as `order.email`. Those are null in `data`."""

    data: Part
    hidden: tuple[str, ...] = ()


class AdminApi(shopify.GraphQL):  # type: ignore[misc]
    """The library's GraphQL for one shop and one token, with a timeout, an answer that is JSON, patience with throttling, and no printing."""

    def __init__(self, door: Door, domain: str, token: str, base: str = "") -> None:
        """`base`: a development shop's address instead of Shopify's. Afterwards nothing of the shop is left in this thread, whatever happens."""
        try:
            shopify.ShopifyResource.activate_session(shopify.Session(domain, queries.API_VERSION, token))
            super().__init__()
            self.headers: dict[str, str] = dict(shopify.ShopifyResource.headers)  # the library's own is shared by all that happens in this thread
        finally:
            shopify.ShopifyResource.clear_session()
        self._door, self._who = door, domain
        if base:
            self.endpoint = f"{base}/admin/api/{queries.API_VERSION}/graphql.json"

    def execute(self, query: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None) -> Told:
        """Ask once, and again when the bucket is full by then. Without any data it raises `ConnectorError`, `Lacking` for want of a scope."""
        headers = {"Accept": "application/json", "Content-Type": "application/json", **self.headers}
        body = json.dumps({"query": query, "variables": variables, "operationName": operation_name}).encode()
        wait = 0.0
        for attempt in range(1, self._door.tries + 1):
            answer = self._door.send("POST", self.endpoint, headers=headers, body=body, repeatable=may_be_repeated(query))
            if answer.status == 401:
                raise Revoked(str(refusal(answer, self._who)))
            if answer.status >= 400:
                raise refusal(answer, self._who)
            found = Part(answer.json(self._who))
            if "THROTTLED" not in _codes(found):
                self._ease(found)
                return self._told(found)
            wait = pause(found)
            if attempt == self._door.tries or wait > MAX_WAIT:
                break
            self._door.sleep(wait)
        raise SlowDown(f"{self._who} asks us to slow down", retry_after=wait)

    def _ease(self, found: Part) -> None:
        """The bucket is the app's and the shop's, for whoever asks: one that could not bear this query again is left to fill."""
        seconds = shortage(found)
        if seconds > 0:
            self._door.ease(seconds)

    def _told(self, found: Part) -> Told:
        data, errors = found.part("data"), found.parts("errors")
        if not data or all(value is None for value in data.raw.values()):
            if errors or found.raw.get("errors"):
                raise self._refusal(errors, found)
            return Told(data)
        broken = [error for error in errors if not _is_denied(error)]
        if broken:  # a null that is no answer: what was told without it would be half a truth
            raise self._refusal(broken, found)
        return Told(data, tuple(_path(error) for error in errors))

    def _refusal(self, errors: list[Part], found: Part) -> ConnectorError:
        said = "; ".join(dict.fromkeys(_words(error) for error in errors)) or line(found.raw.get("errors"), WORD)
        told = f"{self._who} refused the query: {said}"
        denied = next((error for error in errors if _is_denied(error)), None)
        if denied is not None:
            return Lacking(told, denied.part("extensions").text("requiredAccess", NAME))
        return ConnectorError(told, permanent=not any(code in OURS for code in _codes(found)))


def may_be_repeated(query: str) -> bool:
    """Questions, and changes that carry a key by which Shopify knows them again.

    https://shopify.dev/docs/api/usage/idempotent-requests ; `refundCreate` demands one since 2026-04, which its schema does not say.
    """
    return query.lstrip().startswith("query") or "@idempotent(" in query


def pause(found: Part) -> float:
    """Seconds until the bucket holds what the query costs: https://shopify.dev/docs/api/usage/rate-limits"""
    cost = found.part("extensions").part("cost")
    bucket = cost.part("throttleStatus")
    missing = cost.count("requestedQueryCost") - bucket.count("currentlyAvailable")
    return max(1.0, missing / max(bucket.count("restoreRate"), 1))


def shortage(found: Part) -> float:
    """Seconds until the bucket could bear the same query once more; 0: it can now, or says nothing of itself."""
    cost = found.part("extensions").part("cost")
    bucket = cost.part("throttleStatus")
    if not bucket:
        return 0.0
    missing = cost.count("requestedQueryCost") - bucket.count("currentlyAvailable")
    return max(0.0, missing / max(bucket.count("restoreRate"), 1))


def _codes(found: Part) -> set[str]:
    return {error.part("extensions").text("code") for error in found.parts("errors")}


def _is_denied(error: Part) -> bool:
    """A field that the app may not see: a scope that is missing, or protected customer data that was not asked for or not approved.

    https://shopify.dev/docs/apps/launch/protected-customer-data
    """
    return error.part("extensions").text("code") == "ACCESS_DENIED"


def _path(error: Part) -> str:
    """`order.email`; places in lists are left out."""
    path = error.raw.get("path")
    names = [line(step, 60) for step in path if isinstance(step, str)] if isinstance(path, list) else []
    return ".".join(names) or error.text("message", NAME)


def _words(error: Part) -> str:
    path = _path(error)
    said = error.text("message", NAME)
    return f"{said} ({path})" if path and path != said else said
