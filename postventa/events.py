"""What shops tell us, in our own words.

A connector turns one raw delivery into a tuple of these events. They are sentences in the past tense and carry the *event's* time
(`at`, aware UTC), not the time of arrival. All of them are facts that add up: the same set of events, in any order and any number of
times, makes the same state. Money is `Decimal` in the order's currency, tax included; references (`*_ref`) are the platform's own ids as strings.
"""

from __future__ import annotations

import hashlib
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from postventa.value import value


@value
class Address:
    """A postal address as the shop wrote it; every part may be empty."""

    name: str = ""
    company: str = ""
    street: str = ""
    street2: str = ""
    postcode: str = ""
    city: str = ""
    province: str = ""
    province_code: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2, upper case."""
    phone: str = ""
    email: str = ""

    def __bool__(self) -> bool:
        return bool(self.street or self.city or self.postcode)


@value
class LineSnapshot:
    """One line of an order."""

    ref: str
    title: str
    quantity: int
    total: Decimal
    """What the customer pays for the whole line: after discounts, tax included."""
    product_ref: str = ""
    variant_ref: str = ""
    variant_title: str = ""
    sku: str = ""
    image_url: str = ""
    requires_shipping: bool = True
    weight_g: int = 0


@value
class VariantSnapshot:
    """One kind of a product, as it can be bought."""

    ref: str
    title: str = ""
    """Such as `38 / Cuero`; empty for a product of one kind only."""
    sku: str = ""
    image_url: str = ""
    weight_g: int = 0
    """Grams; 0: not known."""
    options: tuple[tuple[str, str], ...] = ()
    """(("Talla", "38"), ...), in the shop's words and order. This and what follows holds for the moment in which it was asked."""
    price: Decimal | None = None
    """What one costs, after the shop's own reductions; None: it was not asked for."""
    currency: str = ""
    taxed: bool = True
    """Whether `price` has the tax in it. Where it has not, the order says what the tax comes to, by who buys and where."""
    available: int | None = None
    """Pieces that can go out now; None: the shop does not count them."""
    sellable: bool = True
    """Whether it can be bought, be it to come later (`available` 0)."""
    product_title: str = ""
    """What its product is called; empty: it was not asked for."""


@value
class ProductSnapshot:
    """A product as the shop describes it."""

    ref: str
    title: str = ""
    url: str = ""
    """Its page in the shop; empty: it has none."""
    image_url: str = ""
    vendor: str = ""
    categories: tuple[str, ...] = ()
    """In the shop's words: WooCommerce's categories, Shopify's type and collections."""
    tags: tuple[str, ...] | None = None
    """What the shop marks it with, for itself or for its customers; None: it did not say."""
    variants: tuple[VariantSnapshot, ...] = ()


@value
class ParcelSnapshot:
    """One parcel (Shopify: fulfilment; WooCommerce: a tracking entry, or the order itself where nothing is tracked)."""

    ref: str
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    lines: tuple[tuple[str, int], ...] = ()
    """(line_ref, quantity); empty: not known which items, taken as all that are not in another parcel."""
    cancelled: bool = False


@value
class OrderSnapshot:
    """The whole order as the platform described it at `updated_at`."""

    ref: str
    number: str
    """What the customer calls it, such as `#1042` or `1042`."""
    status: str
    """The platform's own word, untouched."""
    updated_at: datetime
    created_at: datetime
    currency: str
    total: Decimal
    email: str = ""
    customer_ref: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    locale: str = ""
    """BCP 47 as far as the platform knows it, else empty (the shop's locale applies)."""
    subtotal: Decimal = Decimal(0)
    shipping_total: Decimal = Decimal(0)
    discount_total: Decimal = Decimal(0)
    tax_total: Decimal = Decimal(0)
    shipping_method: str = ""
    payment_method: str = ""
    note: str = ""
    shipping_address: Address = field(default_factory=Address)
    billing_address: Address = field(default_factory=Address)
    lines: tuple[LineSnapshot, ...] = ()
    status_url: str = ""
    accepts_marketing: bool | None = None
    test: bool = False
    trashed: bool = False
    awaits_payment: bool = False
    """Nothing is sent before the money is in (a transfer), as far as the platform says so."""
    collected: bool = False
    """The customer fetches it in the shop: nobody brings it."""


class Step(StrEnum):
    """Where a status word of a shop's own leads (`status_map`)."""

    PLACED = "placed"
    PREPARED = "prepared"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    RETURN_REQUESTED = "return_requested"
    NOTHING = "nothing"


@value
class Event:
    """Something that happened to an order. `key` is unique among the events of one shop."""

    order_ref: str
    at: datetime

    @property
    def kind(self) -> str:
        """The event's name: the class name."""
        return type(self).__name__

    @property
    def key(self) -> str:
        """What makes two tellings of it the same event."""
        return f"{self.kind}:{self.order_ref}"


@value
class OrderSeen(Event):
    """The shop described an order; `at` is the description's own time (`updated_at`)."""

    order: OrderSnapshot

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.at.isoformat()}"


@value
class OrderPlaced(Event):
    """A customer placed an order that counts (product.md: on hold, processing or later; every Shopify order that is no test)."""


@value
class DeliveryPromised(Event):
    """What the shop promises by its own words (`[shops.delivery]`), said once: when the order was placed. `at` is that time."""

    by: str
    """The last day, by the calendar: `2026-12-01`."""


@value
class OrderPaid(Event):
    """The money is in."""


@value
class OrderPrepared(Event):
    """The shop says that the order is being prepared or packed."""


@value
class OrderCompleted(Event):
    """The shop is done with an order that has nothing to ship."""


@value
class OrderCancelled(Event):
    """The order is off."""

    reason: str = ""


@value
class OrderTrashed(Event):
    """The shop threw the order away: nothing more goes out for it. (WooCommerce tells no time: `at` is the arrival.)"""


@value
class OrderRestored(Event):
    """The shop took the order out of the bin again."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.at.isoformat()}"


@value
class OrderRefunded(Event):
    """Money goes back to the customer."""

    refund_ref: str
    amount: Decimal
    currency: str
    full: bool = False
    """True when nothing of the order's total stays paid."""
    lines: tuple[tuple[str, int], ...] = ()
    """(line_ref, quantity) as far as the platform says."""
    note: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.refund_ref}"


@value
class ParcelEvent(Event):
    """Something that happened to one parcel."""

    parcel_ref: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.parcel_ref}"


@value
class ParcelSeen(ParcelEvent):
    """The shop described a parcel (number, carrier, items); `at` is the description's own time."""

    parcel: ParcelSnapshot

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.parcel_ref}:{self.at.isoformat()}"


@value
class ShipmentDispatched(ParcelEvent):
    """The parcel left the warehouse."""


@value
class ShipmentOutForDelivery(ParcelEvent):
    """The courier has it in the van."""


@value
class ShipmentReadyForPickup(ParcelEvent):
    """It waits at a shop, locker or post office."""


@value
class DeliveryEstimated(ParcelEvent):
    """The shop said when the parcel should be there. Each telling is one of its own: the first is what the customer was promised."""

    by: datetime

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.parcel_ref}:{self.at.isoformat()}:{self.by.isoformat()}"


@value
class ParcelTrouble(ParcelEvent):
    """Trouble may come again: one event per parcel and day."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.parcel_ref}:{self.at.date().isoformat()}"


@value
class ShipmentDelayed(ParcelTrouble):
    """It will be late: the carrier says so, or it has been on its way for longer than nine of ten others."""


@value
class DeliveryFailed(ParcelTrouble):
    """The carrier tried and could not deliver, or reports a failure."""


@value
class ShipmentDelivered(ParcelEvent):
    """The customer has it."""


@value
class ReturnEvent(Event):
    """Something that happened to one return."""

    return_ref: str
    lines: tuple[tuple[str, int], ...] = ()
    """(line_ref, quantity); empty: the platform did not say (the whole order, unless a later event says more)."""
    reason: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.return_ref}"


@value
class ReturnRequested(ReturnEvent):
    """The customer wants to send something back."""


@value
class ReturnApproved(ReturnEvent):
    """The merchant agreed: a label is due."""


@value
class ReturnDeclined(ReturnEvent):
    """The merchant said no; `reason` holds the words for the customer."""


@value
class ReturnCancelled(ReturnEvent):
    """The return was called off."""


@value
class ReturnScanned(ReturnEvent):
    """A carrier took the parcel over, or saw it on its way back."""


@value
class ReturnReceived(ReturnEvent):
    """The goods are back (processed, disposed or restocked)."""


@value
class ReturnClosed(ReturnEvent):
    """The return is settled."""


@value
class ReturnSeen(ReturnEvent):
    """The shop described a return's items; its state stays as it is."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.return_ref}:{self.at.isoformat()}"


@value
class ReturnMirrored(ReturnEvent):
    """The shop keeps a return that was opened with us; `return_ref` is ours."""

    shop_ref: str = ""
    """By which the shop knows it, and tells of it from now on."""


@value
class ReturnChanged(ReturnEvent):
    """The customer changed what goes back, why, what comes of it, or how it travels; the return itself says what."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.return_ref}:{self.at.isoformat()}"


@value
class ReturnReopened(ReturnEvent):
    """A settled return is open again."""


@value
class DisputeOpened(Event):
    """The customer's bank disputes the payment: nothing that asks for a favour goes out."""

    dispute_ref: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.order_ref}:{self.dispute_ref}"


@value
class DisputeClosed(DisputeOpened):
    """The dispute is over."""


@value
class CustomerSeen(Event):
    """The shop described a customer, or a customer's consent to marketing changed. `order_ref` is empty."""

    customer_ref: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    locale: str = ""
    accepts_marketing: bool | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.customer_ref or self.email}:{self.at.isoformat()}"


@value
class ShopEvent(Event):
    """Something about the shop itself or the law; `order_ref` is empty."""

    subject: str = ""
    """What it is about: a product's, customer's or shop's reference."""
    detail: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}:{self.at.isoformat()}"


@value
class ShopDisconnected(ShopEvent):
    """The merchant uninstalled the app: the shop's access is gone."""


@value
class ScopesChanged(ShopEvent):
    """The merchant changed what the app may do; `detail`: the scopes that it has now, with commas between."""


@value
class PrivacyRequested(ShopEvent):
    """A compliance request to export or erase; `detail` is the topic, `subject` the customer's reference or address."""

    email: str = ""
    orders: tuple[str, ...] = ()
    """Orders that are certainly theirs, as the platform names them."""
    request: str = ""
    """The request's own name, if the platform says one: told again, however late, it is the same request."""

    @property
    def key(self) -> str:
        """Without an address: it outlives an erasure."""
        whom = hashlib.sha256(f"{self.detail}:{self.subject}".encode()).hexdigest()[:16]
        return f"{self.kind}:{whom}:{self.at.isoformat()}"
