"""The recorded deliveries, and small changes to them."""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from connectors.shops import SHOPS
from connectors.shops.base import Reading, ShopContext
from postventa.events import Event

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
E = TypeVar("E", bound=Event)
CONTEXT = ShopContext(domain="zapateria-lola.example", received_at=NOON)


@dataclass(frozen=True)
class Recorded:
    """One webhook as it arrived."""

    name: str
    headers: dict[str, str]
    body: bytes
    secret: str
    received_at: datetime

    @property
    def topic(self) -> str:
        return self.headers.get("X-WC-Webhook-Topic", "")


def woo_deliveries() -> list[Recorded]:
    """All of them, in order of arrival."""
    return [_load(path) for path in sorted((FIXTURES / "woocommerce/deliveries").glob("*.json"))]


def woo_delivery(number: int) -> Recorded:
    [path] = (FIXTURES / "woocommerce/deliveries").glob(f"{number:03}__*.json")
    return _load(path)


def _load(path: Path) -> Recorded:
    raw = json.loads(path.read_text(encoding="utf-8"))
    received = datetime.fromisoformat(raw["received_at"])
    return Recorded(path.stem, dict(raw["headers"]), base64.b64decode(raw["body_base64"]), raw["secret"], received)


def woo_rest(name: str) -> dict[str, Any]:
    """The answer of one recorded REST exchange: `status` and `body_json`."""
    [path] = (FIXTURES / "woocommerce/rest").glob(f"*__{name}.json")
    response: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["response"]
    return response


def woo_order(delivery: int = 20, /, **changes: Any) -> dict[str, Any]:
    """The order in a recorded delivery with some fields changed; `meta` adds metadata."""
    order: dict[str, Any] = json.loads(woo_delivery(delivery).body)
    meta = changes.pop("meta", {})
    order["meta_data"] = [*order["meta_data"], *({"id": 9000 + n, "key": key, "value": value} for n, (key, value) in enumerate(meta.items()))]
    return order | changes


def shopify(name: str) -> dict[str, Any]:
    """A body from fixtures/shopify, by its file's name."""
    body: dict[str, Any] = json.loads((FIXTURES / f"shopify/{name}.json").read_text(encoding="utf-8"))
    return body


def shopify_bodies() -> dict[str, list[bytes]]:
    """Topic -> the bodies that are kept for it, ours and Shopify's samples."""
    folder = FIXTURES / "shopify"
    slugs = {topic.replace("/", "_"): topic for topic in SHOPS["shopify"].topics}
    found: dict[str, list[bytes]] = {}
    for path in sorted([*folder.glob("*__*.json"), *folder.glob("samples/*__*.json")]):
        found.setdefault(slugs.get(path.stem.partition("__")[0], path.stem), []).append(path.read_bytes())
    return found


def changed(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return copy.deepcopy(body) | changes


def read(platform: str, topic: str, body: dict[str, Any] | bytes, context: ShopContext = CONTEXT) -> Reading:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return SHOPS[platform].normalise(topic, raw, context)


def kinds(reading: Reading) -> list[str]:
    """The names of the facts beside the description of the order."""
    return [event.kind for event in reading.events if event.kind not in ("OrderSeen", "ParcelSeen")]


def only(reading: Reading, kind: type[E]) -> E:
    [event] = [event for event in reading.events if isinstance(event, kind) and type(event) is kind]
    return event


def every(reading: Reading, kind: type[E]) -> list[E]:
    return [event for event in reading.events if isinstance(event, kind)]
