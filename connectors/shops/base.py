"""The contract of a shop platform. Everything here is pure except the client."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from connectors.errors import Unreadable
from connectors.http import Door
from connectors.reading import WORD, Part, clean, parse
from connectors.shops.writes import ShopWrites, Write
from postventa.events import Event, LineSnapshot, ParcelSnapshot, ProductSnapshot, Step, VariantSnapshot


@dataclass(frozen=True)
class ShopContext:
    """What reading a delivery needs to know of the shop."""

    domain: str = ""
    """Shopify: `name.myshopify.com`; WooCommerce: the site's address."""
    locale: str = "es"
    timezone: str = "Europe/Madrid"
    country: str = "ES"
    currency: str = "EUR"
    status_map: Mapping[str, Step] = field(default_factory=dict)
    received_at: datetime | None = None
    """When the delivery arrived, aware UTC: the only time there is for payloads that carry none."""


@dataclass(frozen=True)
class Delivery:
    """What the headers of one webhook say. None of it is signed: it is checked against the body or treated as a hint."""

    topic: str
    delivery_id: str
    """The platform's id of this delivery; may repeat for different orders (WooCommerce)."""
    shop_domain: str = ""
    triggered_at: datetime | None = None
    test: bool = False


@dataclass(frozen=True)
class Ignored:
    """A delivery that is left alone on purpose."""

    reason: str


@dataclass(frozen=True)
class Refetch:
    """A delivery that names something without describing it: ask the shop. `what`: "parcels", "return", "order" or "product"."""

    what: str
    ref: str
    order_ref: str = ""


@dataclass(frozen=True)
class Reading:
    """What a delivery says: facts, and what should be asked of the shop in addition."""

    events: tuple[Event, ...] = ()
    refetch: tuple[Refetch, ...] = ()
    ignored: str = ""
    """Why there is nothing to do, for a person to read; empty when there is something."""


Handler = Callable[[Part, ShopContext], Reading]
Topics = Mapping[str, Handler | Ignored]
"""Topic -> who reads it, or why nobody does; `name.*` stands for every topic that begins so."""


def read(topics: Topics, topic: str, body: bytes, context: ShopContext) -> Reading:
    """Look the topic up and let its function read the body. Raises `Unreadable`, for an unknown topic too."""
    handler = topics.get(topic) or topics.get(f"{topic.partition('.')[0]}.*")
    if handler is None:
        raise Unreadable(f'nobody here knows the topic "{clean(topic)[:WORD]}"')
    if isinstance(handler, Ignored):
        return Reading(ignored=handler.reason)
    return handler(Part(parse(body)), context)


def is_read(topics: Topics, topic: str) -> bool:
    """Whether a delivery of that topic means something to us."""
    return not isinstance(topics.get(topic, Ignored("unknown")), Ignored)


@dataclass(frozen=True)
class NativeMail:
    """A mail that the platform sends by itself and that would double one of our follow-ups."""

    followup: str
    name: str
    """What the platform calls it."""
    where: str
    """Where the merchant switches it off; empty: it cannot be switched off."""
    ours_by_default: bool = True
    id: str = ""
    """What its API calls it; empty: it cannot be asked whether it is on."""


@dataclass(frozen=True)
class Changed:
    """An order and its last change, by the platform's clock."""

    order_ref: str
    at: datetime


@dataclass(frozen=True)
class Past:
    """A piece of a shop's past: orders in the order in which they were placed."""

    refs: tuple[str, ...]
    """The orders; what is listed and is none yet, such as a cart, is left out."""
    told: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    """What the list itself tells of them; the others have to be asked for."""
    refetch: tuple[Refetch, ...] = ()
    listed: int = 0
    """How many entries this piece had, whatever they were."""
    unreadable: int = 0
    """Entries that nobody can understand."""
    place: str = ""
    """Where the next piece begins, for the same client to read; empty: there is none."""
    total: int | None = None
    """How many entries there are in all, if the platform said so."""


@dataclass(frozen=True)
class Webhook:
    """A webhook as the shop's API lists it, whoever made it. `topic` is spelt as deliveries spell it."""

    ref: str
    topic: str
    url: str
    trouble: str = ""
    """Why it sends us nothing that we can read, in plain words; empty: it works."""


@dataclass(frozen=True)
class Subscriptions:
    """What the shop sends to whom, and what it should send to us."""

    listed: tuple[Webhook, ...]
    wanted: tuple[str, ...]
    """The topics that we need and may subscribe to."""
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A right that our keys lack, as the platform calls it -> topics that we need and do not get without it."""


class ShopClient(Protocol):
    """The shop's API. Every call has a timeout; failures are `ConnectorError`."""

    def check(self) -> str:
        """One line about the shop that proves that the credentials work (name, version)."""

    def parcels(self, order_ref: str) -> tuple[Event, ...]:
        """The order's parcels as the shop knows them, as `ParcelSeen` and `ShipmentDispatched` events."""

    def order(self, order_ref: str) -> tuple[Event, ...]:
        """The order as it stands now, as the events that a delivery of it would give."""

    def changed_since(self, moment: datetime) -> tuple[Changed, ...]:
        """Every order that was changed after `moment`, and when it was changed last, by the platform's clock."""

    def history(self, since: datetime, until: datetime, place: str, share: float) -> Past:
        """A piece of the orders that were placed from `since` until before `until`. `share`: how much of a usual piece may be asked for (0 to 1)."""

    def gone(self, order_refs: Sequence[str]) -> frozenset[str]:
        """Those of these orders that were deleted or thrown away, each for certain."""

    def product(self, product_ref: str) -> ProductSnapshot | None:
        """A product with what its variants look like and weigh; None: the shop knows it no more. Raises `Lacking` when it may not be seen."""

    def variants(self, product_ref: str, country: str = "") -> tuple[VariantSnapshot, ...]:
        """What a product can be exchanged for: each kind with its price and stock right now; none: the product is gone. Raises `Lacking`.

        `country`: the buyer's, where prices differ by country.
        """

    def search_products(self, text: str) -> tuple[ProductSnapshot, ...]:
        """The products on sale that a few words find, the likeliest first, without their kinds. Raises `Lacking` when they may not be seen."""

    def return_lines(self, return_ref: str) -> tuple[str, str, tuple[tuple[str, int], ...], str]:
        """(order_ref, return's name, ((line_ref, quantity), ...), reason) of one return."""

    def subscriptions(self) -> Subscriptions:
        """Every webhook that the API lists. Raises `Lacking` when it may not."""

    def subscribe(self, topic: str, url: str, secret: str, ref: str = "") -> None:
        """Have `topic` delivered to `url`, signed with `secret` where the shop leaves that to us: by a new webhook, or by that one. Raises `Lacking`.

        When no answer comes, nobody knows whether it was done: list them before trying again.
        """

    def unsubscribe(self, ref: str) -> None:
        """Remove a webhook; one that is gone already does no harm. Raises `Lacking`."""

    def writes(self) -> ShopWrites:
        """What can be written back to it. Asks nothing yet."""


class ShopPlatform(Protocol):
    """What `SHOPS` holds for each platform."""

    name: str
    topics: Topics
    native_mails: tuple[NativeMail, ...]
    lists_all: bool
    """Whether the API lists every webhook that there is. If not, one that is missing may well be there (Shopify: those of the app as a whole)."""
    shared_path: str
    """The path of ours where deliveries of all shops of one app may come in; empty: there is none."""

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: list[str]) -> int:
        """The index of the secret that signed `body`. Raises `BadSignature`. Does the same work whatever is wrong."""

    def delivery(self, body: bytes, headers: Mapping[str, str]) -> Delivery:
        """What the headers say (either header family, any letter case)."""

    def ping(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """True when this is the platform's unsigned greeting, to be answered with 200 and not kept."""

    def normalise(self, topic: str, body: bytes, context: ShopContext) -> Reading:
        """Read one stored delivery. Raises `Unreadable` for what cannot be understood, an unknown topic included."""

    def takes(self, kind: type[Write], scopes: Collection[str] | None) -> bool:
        """Whether there is a place for that kind of write, and keys with these `scopes` may use it; None: what they may do is found out by trying."""

    def client(self, settings: Any, allow_private_hosts: list[str], door: Door | None = None) -> ShopClient:
        """The API client for one shop (`settings`: the shop's URL or domain and its keys). `door`: another than the usual one."""


__all__ = [
    "Delivery", "Ignored", "LineSnapshot", "NativeMail", "ParcelSnapshot", "Past", "ProductSnapshot", "Reading", "Refetch", "ShopClient",
    "ShopContext", "ShopPlatform", "Subscriptions", "Webhook",
]  # fmt: skip
