"""What we ask of a shop over WooCommerce's REST API (wc/v3), and change there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from connectors.errors import ConnectorError, Lacking, Refused, Unreadable, Unsupported
from connectors.http import Answer, Door, refusal
from connectors.reading import NAME, Part, line, parse, ref
from connectors.shops.base import Changed, Past, ShopContext, Subscriptions, Webhook
from connectors.shops.woocommerce import offers, past
from connectors.shops.woocommerce import status as st
from connectors.shops.woocommerce import subscriptions as sub
from connectors.shops.woocommerce.orders import order_reading, read_times
from connectors.shops.woocommerce.parcels import tracked
from connectors.shops.woocommerce.products import is_variable, product_seen
from connectors.shops.woocommerce.rest import HEADER, Keys, Rest, code_of
from connectors.shops.woocommerce.steps import NOT_LEAVING, SCANS
from connectors.shops.woocommerce.writes import KINDS
from connectors.shops.woocommerce.writes.api import WooApi
from connectors.shops.writes import ShopWrites, Writer
from connectors.tracking import describe
from postventa.events import Event, ParcelSeen, ParcelSnapshot, ProductSnapshot, ShipmentDispatched, Step, VariantSnapshot

FOUND = "id,name,type,permalink,images,stock_status"
"""What is asked of products that are looked for."""
PAGES = 200
"""Of a hundred orders each: more changed orders than that are an import, and no gap to fill."""

DOUBTED = 20
"""Orders that a list does not name are asked for one by one, so many at a time; the others at the next look."""


class WooCommerceClient:
    """One shop's API. `settings`: url, consumer_key, consumer_secret; keys_in, status_map, timezone and currency are used if they are there."""

    def __init__(self, settings: Any, allow_private_hosts: list[str], door: Door | None = None) -> None:
        keys = Keys(str(settings.consumer_key), str(settings.consumer_secret))
        self._settings = settings
        self._rest = Rest(str(settings.url), keys, door or Door(allow_private_hosts), str(getattr(settings, "keys_in", HEADER)))

    def check(self) -> str:
        """The shop's address and version; a key that may read orders but not the system's status will do."""
        answer = self._get("system_status", {"_fields": "environment,settings"})
        if answer.status < 400:
            found = self._object(answer)
            version, currency = found.part("environment").text("version"), found.part("settings").text("currency")
            return f"{self._rest.url}, WooCommerce {version or 'of an unknown version'}, {currency}".rstrip(", ")
        orders = self._get("orders", {"per_page": "1", "_fields": "id,version"})
        if orders.status >= 400:
            raise self._refusal(orders)
        listed = orders.json(self._rest.url)
        version = Part(listed[0]).text("version") if isinstance(listed, list) and listed else ""
        return f"{self._rest.url}, WooCommerce {version or 'of an unknown version'} (orders can be read)"

    def order(self, order_ref: str) -> tuple[Event, ...]:
        """The order as it stands now, as a delivery of it would tell."""
        return order_reading(self._order(order_ref), self._context).events

    def parcels(self, order_ref: str) -> tuple[Event, ...]:
        """The parcels of WooCommerce 10's Fulfillments, with what the order's status says of them.

        Nothing when a plugin's tracking numbers stand in the order itself: they came with it. Raises `Unsupported` where the feature is off.
        """
        order = self._order(order_ref)
        if tracked(order, self._context):
            return ()
        answer = self._get(f"orders/{order_ref}/fulfillments", {})
        if answer.status == 404 and code_of(answer) == "rest_no_route":
            raise Unsupported("tell of parcels (the Fulfillments feature is off)", self._rest.url)
        if answer.status >= 400:
            raise self._refusal(answer)
        listed = answer.json(self._rest.url)
        items = listed.get("fulfillments", []) if isinstance(listed, dict) else listed
        if not isinstance(items, list):
            raise ConnectorError(f"{self._rest.url} answered with something that is no list of fulfilments")
        return tuple(event for item in items for event in self._fulfilment(order_ref, order, Part(item)))

    def changed_since(self, moment: datetime) -> tuple[Changed, ...]:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders"""
        asked = {"modified_after": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "dates_are_gmt": "true", "orderby": "modified", "order": "asc"}
        found: list[Changed] = []
        for page in range(1, PAGES + 1):
            answer = self._get("orders", {**asked, "per_page": "100", "page": str(page), "_fields": "id,status,date_modified_gmt"})
            if answer.status >= 400:
                raise self._refusal(answer)
            listed = answer.json(self._rest.url)
            if not isinstance(listed, list):
                raise ConnectorError(f"{self._rest.url} answered with something that is no list of orders")
            for order in map(Part, listed):
                at = order.time("date_modified_gmt")
                if at and order.ref("id") and st.is_order(order.text("status"), self._context):
                    found.append(Changed(order.ref("id"), at))
            if len(listed) < 100:
                return tuple(found)
        raise ConnectorError(f"{self._rest.url} lists more than {PAGES * 100} changed orders")

    def history(self, since: datetime, until: datetime, place: str, share: float) -> Past:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders : whole orders, so that none is asked for by itself."""
        answer = self._get("orders", past.question(since, until, place, share))
        if answer.status >= 400:
            raise self._refusal(answer)
        try:
            found = past.answer(answer.body, place, share, self._context)
        except ConnectorError as error:
            raise ConnectorError(f"{self._rest.url}: {error}", retry_after=answer.retry_after) from None
        counted = answer.headers.get("x-wp-total", "").strip()
        return replace(found, total=int(counted) if not place and counted.isdecimal() and len(counted) < 9 else None)

    def gone(self, order_refs: Sequence[str]) -> frozenset[str]:
        """The list leaves out the bin, and what some plugin hides: whoever is missing there is asked for by itself."""
        missing: set[str] = set()
        for begin in range(0, len(order_refs), 100):
            refs = order_refs[begin : begin + 100]
            answer = self._get("orders", {"include": ",".join(map(ref, refs)), "per_page": "100", "_fields": "id"})
            if answer.status >= 400:
                raise self._refusal(answer)
            listed = answer.json(self._rest.url)
            if not isinstance(listed, list):
                raise ConnectorError(f"{self._rest.url} answered with something that is no list of orders")
            missing |= set(refs) - {Part(entry).ref("id") for entry in listed}
        return frozenset(order_ref for order_ref in sorted(missing)[:DOUBTED] if self._is_gone(order_ref))

    def product(self, product_ref: str) -> ProductSnapshot | None:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#retrieve-a-product , with its variations and the shop's unit of weight."""
        answer = self._get(f"products/{ref(product_ref)}", {})
        if answer.status == 404 and "invalid_id" in code_of(answer):
            return None
        found = self._object(self._allowed(answer))
        kinds: list[Any] = []
        if is_variable(found):
            listed = self._allowed(self._get(f"products/{ref(product_ref)}/variations", {"per_page": "100"})).json(self._rest.url)
            kinds = listed if isinstance(listed, list) else []
        return product_seen(found, map(Part, kinds), self._unit())

    def variants(self, product_ref: str, country: str = "") -> tuple[VariantSnapshot, ...]:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-product-variations : one price for all countries."""
        api, name = WooApi(self._rest), f"products/{ref(product_ref)}"
        answer = self._get(name, {})
        if answer.status == 404 and "invalid_id" in code_of(answer):
            return ()
        found = self._object(self._allowed(answer))
        kinds = tuple(api.pages(f"{name}/variations")) if is_variable(found) else ()
        return offers.variants_seen(found, kinds, self._taxed(), self._context.currency)

    def search_products(self, text: str) -> tuple[ProductSnapshot, ...]:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-products"""
        wanted = line(text)
        asked = {"search": wanted, "status": "publish", "per_page": "20", "stock_status": "instock", "_fields": FOUND}
        listed = self._allowed(self._get("products", asked)).json(self._rest.url) if wanted else []
        return offers.products_seen(map(Part, listed if isinstance(listed, list) else []))

    def return_lines(self, return_ref: str) -> tuple[str, str, tuple[tuple[str, int], ...], str]:
        """WooCommerce has no returns of its own."""
        raise Unsupported("tell of returns", "WooCommerce")

    def subscriptions(self) -> Subscriptions:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-webhooks"""
        found: list[Webhook] = []
        for page in range(1, PAGES + 1):
            answer = self._get("webhooks", {"per_page": "100", "page": str(page), "_fields": "id,status,topic,delivery_url"})
            if answer.status == 403:
                raise Lacking(f"{self._rest.url} does not let us see its webhooks ({code_of(answer)})", sub.MANAGE)
            if answer.status >= 400:
                raise self._refusal(answer)
            listed = answer.json(self._rest.url)
            if not isinstance(listed, list):
                raise ConnectorError(f"{self._rest.url} answered with something that is no list of webhooks")
            found += map(sub.webhook, map(Part, listed))
            if len(listed) < 100:
                return Subscriptions(tuple(found), sub.WANTED)
        raise ConnectorError(f"{self._rest.url} lists more than {PAGES * 100} webhooks", permanent=True)

    def subscribe(self, topic: str, url: str, secret: str, ref: str = "") -> None:
        """https://woocommerce.github.io/woocommerce-rest-api-docs/#create-a-webhook : the shop greets `url` before it answers."""
        self._write("PUT" if ref else "POST", f"webhooks/{ref}" if ref else "webhooks", {}, sub.document(topic, url, secret))

    def unsubscribe(self, ref: str) -> None:
        """For good: webhooks have no bin."""
        self._write("DELETE", f"webhooks/{ref}", {"force": "true"}, None)

    def writes(self) -> ShopWrites:
        """One kind to a file of `writes/`."""
        return Writer(WooApi(self._rest), KINDS, "WooCommerce")

    @property
    def _context(self) -> ShopContext:
        own = self._settings
        return ShopContext(
            domain=str(own.url),
            timezone=str(getattr(own, "timezone", "Europe/Madrid")),
            currency=str(getattr(own, "currency", "EUR")),
            status_map=dict(getattr(own, "status_map", {})),
        )

    def _order(self, order_ref: str) -> Part:
        answer = self._get(f"orders/{ref(order_ref)}", {})
        if answer.status >= 400:
            raise self._refusal(answer)
        return self._object(answer)

    def _is_gone(self, order_ref: str) -> bool:
        answer = self._get(f"orders/{ref(order_ref)}", {})
        if answer.status == 404 and "invalid_id" in code_of(answer):
            return True
        if answer.status >= 400:
            raise self._refusal(answer)
        return st.trashed(self._object(answer).text("status"))

    def _allowed(self, answer: Answer) -> Answer:
        """A key may read orders and no products: the rest of what we ask goes on. Raises `ConnectorError`."""
        if answer.status in (401, 403) and "cannot_view" in code_of(answer):
            raise Lacking(f"{self._rest.url} does not let us see its products ({code_of(answer)})", sub.MANAGE)
        if answer.status >= 400:
            raise self._refusal(answer)
        return answer

    def _taxed(self) -> bool:
        """Whether prices have the tax in them: every order says it, and orders any of our keys may see."""
        listed = self._allowed(self._get("orders", {"per_page": "1", "_fields": "prices_include_tax"})).json(self._rest.url)
        return any(Part(order).flag("prices_include_tax") for order in (listed if isinstance(listed, list) else []))

    def _unit(self) -> str:
        """The shop's unit of weight; empty where the key may not see its settings: then no weight is known."""
        answer = self._get("settings/products/woocommerce_weight_unit", {"_fields": "value"})
        return self._object(answer).text("value") if answer.status < 400 else ""

    def _fulfilment(self, order_ref: str, order: Part, item: Part) -> Iterator[Event]:
        """A fulfilment that was only begun is no parcel yet."""
        if item.text("status") != "fulfilled" or not item.ref("id"):
            return
        meta = {entry.text("key"): entry.raw.get("value") for entry in item.parts("meta_data")}
        held = Part({"items": meta.get("_items")}).parts("items")
        values = Part(meta)
        number = values.text("_tracking_number")
        given = values.text("_provider_name", NAME) or values.text("_shipment_provider", NAME)
        carrier, page = describe("" if given == "other" else given, number, values.text("_tracking_url", 2000))
        parcel_ref = f"wcf-{item.ref('id')}"
        lines = tuple(sorted((line.ref("item_id"), line.count("qty")) for line in held if line.ref("item_id") and line.count("qty")))
        zone, times = _offset(order), read_times(order, self._context)
        seen = item.time("date_updated", zone) or times.modified
        step = st.step_of(order.text("status"), self._context)
        yield ParcelSeen(order_ref, seen, parcel_ref, ParcelSnapshot(parcel_ref, carrier, number, page, lines))
        if step not in NOT_LEAVING | {Step.CANCELLED}:
            yield ShipmentDispatched(order_ref, values.time("_date_fulfilled", zone) or seen, parcel_ref)
        if step in SCANS and step is not Step.SHIPPED:
            yield SCANS[step](order_ref, times.completed or times.modified, parcel_ref)

    def _get(self, endpoint: str, params: dict[str, str]) -> Answer:
        return self._send("GET", endpoint, params)

    def _write(self, method: str, endpoint: str, params: dict[str, str], document: dict[str, Any] | None) -> None:
        answer = self._send(method, endpoint, params, document)
        if answer.status in (401, 403):  # the same key has read just now
            raise Lacking(f"{self._rest.url} does not let our key change its webhooks ({code_of(answer)})", sub.WRITE)
        if answer.status >= 400 and not (method == "DELETE" and answer.status == 404):
            raise self._refusal(answer)

    def _send(self, method: str, endpoint: str, params: dict[str, str], document: dict[str, Any] | None = None) -> Answer:
        return self._rest.send(method, endpoint, params, document)

    def _object(self, answer: Answer) -> Part:
        try:
            return Part(parse(answer.body))
        except Unreadable as error:
            raise ConnectorError(f"{self._rest.url} answered with something else than WooCommerce would: {error}") from None

    def _refusal(self, answer: Answer) -> ConnectorError:
        """WooCommerce's `code` says what is wrong; its `message` is in the site's language and the status is often the wrong one."""
        code = code_of(answer)
        if "cannot_view" in code or "authentication" in code:
            return Refused(f"{self._rest.url} does not accept the API key, or it may not read this ({code})")
        return refusal(answer, self._rest.url, code)


def _offset(order: Part) -> timezone:
    """The site's distance from UTC, from one moment that the order states in both: fulfilments are dated in local time only."""
    local, universal = order.time("date_modified"), order.time("date_modified_gmt")
    difference = local - universal if local and universal else timedelta(0)
    return timezone(difference) if abs(difference) < timedelta(days=1) else UTC
