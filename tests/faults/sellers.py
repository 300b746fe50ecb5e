"""Shops that sell: what they sold stands in their API, and is told by those of their webhooks that are at work, as far as nothing gets lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from connectors.shops.shopify.subscriptions import DISPUTES, RIGHTS, enum_of
from connectors.shops.woocommerce.subscriptions import WANTED
from tests.faults.test_shop_api import at
from tests.peers.shopify import ShopifyPeer, order_document
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.stories import Sent, ShopifyOrder, WooOrder
from tests.service.running import Service
from tests.service.shops import ALBA, LOLA, Shop

PUBLIC = "https://posventa.example"
"""As `Service` says it of itself."""
OTHERS = "https://erp.example/hook"


def now() -> datetime:
    """In whole seconds, as shops count."""
    return datetime.now(UTC).replace(microsecond=0)


def address(ref: int) -> str:
    return f"{ref}@cliente.example"


@dataclass
class Seller:
    """One shop. `shop` as the service's configuration names it, with its API at the peer."""

    shop: Shop

    def told(self, topic: str) -> list[str]:
        """The paths of ours that webhooks at work deliver this topic to."""
        return [urlsplit(url).path for url in self.addresses(topic) if url.startswith(PUBLIC)]

    def tell(self, service: Service, sent: Sent) -> None:
        for path in self.told(sent.topic):
            assert service.deliver(self.shop, sent, path).status == 200

    def sell(self, service: Service, refs: list[int], lost: tuple[int, ...] = ()) -> None:
        """An order each; of those in `lost` no delivery is ever sent."""
        for ref in refs:
            for sent in self.order(ref):
                if ref not in lost:
                    self.tell(service, sent)

    def addresses(self, topic: str) -> list[str]:
        raise NotImplementedError

    def order(self, ref: int) -> list[Sent]:
        raise NotImplementedError


@dataclass
class WooSeller(Seller):
    peer: WooCommercePeer
    wanted: ClassVar[set[str]] = set(WANTED)

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[WooSeller]:
        """With all webhooks that its merchant was told to make, and one of another program."""
        peer = WooCommercePeer()
        with peer.open():
            for topic in WANTED:
                peer.webhook(topic, PUBLIC + ALBA.path)
            peer.webhook("order.created", OTHERS, "disabled")
            yield cls(at(ALBA, peer), peer)

    def addresses(self, topic: str) -> list[str]:
        return [hook["delivery_url"] for hook in self.peer.webhooks.values() if (hook["topic"], hook["status"]) == (topic, "active")]

    def order(self, ref: int) -> list[Sent]:
        """WooCommerce tells a new order twice."""
        order = WooOrder(ref, now(), address(ref)).tell("order.created").tell("order.updated")
        self.peer.orders[ref] = order.body
        return order.sent

    def change(self, ref: int) -> None:
        self.peer.orders[ref] = WooOrder(ref, now(), address(ref)).tell(status="enviado").body

    @property
    def looks(self) -> int:
        """How often somebody asked for its webhooks."""
        return self.peer.asked_webhooks("GET")

    @property
    def writes(self) -> int:
        return self.peer.asked_webhooks("POST", "PUT", "DELETE")

    @property
    def others(self) -> list[Any]:
        return [dict(hook) for hook in self.peer.webhooks.values() if hook["delivery_url"] == OTHERS]

    def switch_off(self) -> None:
        """As WooCommerce does after a few failures, without a word."""
        for hook in self.peer.webhooks.values():
            if hook["topic"] in ("order.created", "order.updated"):
                hook["status"] = "disabled"

    def delete(self) -> None:
        """Somebody tidied up."""
        self.peer.webhooks = {ident: hook for ident, hook in self.peer.webhooks.items() if hook["delivery_url"] == OTHERS}


@dataclass
class ShopifySeller(Seller):
    peer: ShopifyPeer
    wanted: ClassVar[set[str]] = {topic for topic, right in RIGHTS.items() if right != DISPUTES}

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[ShopifySeller]:
        """With a few subscriptions of its own, and one of another program. Its app may do everything but see disputes."""
        peer = ShopifyPeer(scopes=("read_orders", "read_returns", "read_fulfillments", "read_customers"), page=20)
        with peer.open():
            for topic in ("ORDERS_CREATE", "ORDERS_UPDATED"):
                peer.webhook(topic, PUBLIC + LOLA.path)
            peer.webhook("ORDERS_CREATE", OTHERS)
            own = {"url": peer.url, "access_token": "shpat_lola", "on": ["order_received"]}
            yield cls(replace(LOLA, settings={**LOLA.settings, **own}), peer)

    def addresses(self, topic: str) -> list[str]:
        return [hook["uri"] for hook in self.peer.webhooks.values() if hook["topic"] == enum_of(topic)]

    def order(self, ref: int) -> list[Sent]:
        """Shopify tells a new order at least twice."""
        order = ShopifyOrder(ref, now(), address(ref)).tell("orders/create").tell("orders/updated")
        self.peer.orders[f"gid://shopify/Order/{ref}"] = order_document(order.body)
        return order.sent

    def change(self, ref: int) -> None:
        known, at_once = self.peer.orders[f"gid://shopify/Order/{ref}"], now().isoformat()
        parcel = {
            "legacyResourceId": str(ref * 10), "status": "SUCCESS", "displayStatus": "FULFILLED", "createdAt": at_once, "updatedAt": at_once,
            "trackingInfo": [{"company": "Correos", "number": f"PK{ref}", "url": None}],
            "fulfillmentLineItems": {"nodes": [
                {"quantity": item["quantity"], "lineItem": {"id": item["id"], "requiresShipping": True}} for item in known["lineItems"]["nodes"]
            ]},
            "events": {"nodes": []},
        }  # fmt: skip
        known |= {"updatedAt": at_once, "displayFulfillmentStatus": "FULFILLED", "fulfillments": [parcel]}

    @property
    def looks(self) -> int:
        """How often somebody asked for its webhooks, page by page."""
        return self.peer.asked.count("webhookSubscriptions")

    @property
    def writes(self) -> int:
        return sum(name.startswith("webhookSubscription") and name != "webhookSubscriptions" for name in self.peer.asked)

    @property
    def others(self) -> list[Any]:
        return [dict(hook) for hook in self.peer.webhooks.values() if hook["uri"] == OTHERS]

    def switch_off(self) -> None:
        """Shopify deletes a subscription whose deliveries fail for hours."""
        self.peer.webhooks = {gid: hook for gid, hook in self.peer.webhooks.items() if hook["uri"] == OTHERS or "ORDERS" not in hook["topic"]}

    def delete(self) -> None:
        """All of them, as when the app was installed anew."""
        self.peer.webhooks = {gid: hook for gid, hook in self.peer.webhooks.items() if hook["uri"] == OTHERS}


SELLERS: dict[str, type[WooSeller | ShopifySeller]] = {"woocommerce": WooSeller, "shopify": ShopifySeller}
