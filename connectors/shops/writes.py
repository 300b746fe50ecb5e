"""The contract of writing back to a shop: what may be written, and how each is found again after a doubt. Pure.

`do` may be asked for the same thing again only after `find` has looked for it under the same reference: shops know no idempotency keys (WooCommerce),
or keep them for a while only (Shopify). What a shop cannot do is `Unsupported`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from connectors.errors import Unsupported

A = TypeVar("A")
"""A platform's API."""


@dataclass(frozen=True)
class Done:
    """What the shop did. `left`: what a person still has to do, in plain words; empty: nothing."""

    ref: str
    said: str
    left: str = ""


@dataclass(frozen=True)
class Exchanged(Done):
    """The new order. `ref`: its own, or that of what becomes one when it is paid; `number`: what people call it."""

    number: str = ""
    due: Decimal = Decimal(0)
    """What the customer still has to pay, at `pay_url`; 0: it goes out."""
    pay_url: str = ""
    used: Decimal = Decimal(0)
    """How much of the credit went into it."""
    rest: Decimal = Decimal(0)
    """How much of the credit is left, since the goods cost less."""
    off: bool = False
    """It was called off, by whomever."""


@dataclass(frozen=True)
class Kept(Done):
    """Nothing was called off: the customer paid meanwhile."""


@dataclass(frozen=True)
class Credited(Done):
    """Credit that a customer has. `ways`: `account`, `gift_card` or `code`, one for what went back and one for the bonus if they differ."""

    ways: tuple[str, ...] = ()
    code: str = ""
    """What the customer types in at the checkout; empty: the account knows her."""
    refund_ref: str = ""
    """The refund by which it went there, if the shop keeps it as one."""


@dataclass(frozen=True)
class Write:
    """Something to be written. Amounts are in the currency that the customer saw and paid."""

    patient: ClassVar[bool] = False
    """Whether twice would cost somebody something: after a doubt it is not repeated before nothing can come of the first request any more."""


@dataclass(frozen=True)
class Note(Write):
    """A private note on an order, which no customer reads. `tags`: for the order's list, where orders have tags."""

    order_ref: str
    text: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refund(Write):
    """Money back for lines of an order, shipping, both, or (without either) a sum by itself.

    `amount` is all that the customer gets: what lines and `shipping` (with tax) are worth, less `withheld`. `as_credit`: as store credit.
    """

    patient: ClassVar[bool] = True

    order_ref: str
    amount: Decimal
    currency: str
    lines: tuple[tuple[str, int], ...] = ()
    """((line_ref, quantity), ...)."""
    shipping: Decimal = Decimal(0)
    withheld: Decimal = Decimal(0)
    restock: bool = False
    as_credit: bool = False
    reason: str = ""

    @property
    def by_itself(self) -> bool:
        """A sum that belongs to no line: a courtesy."""
        return not self.lines and not self.shipping


@dataclass(frozen=True)
class Exchange(Write):
    """An order for goods that replace others. `credit` is paid already; what is missing the customer pays by a link of the shop's.

    Prices are the shop's, at the moment of writing, tax included.
    """

    patient: ClassVar[bool] = True

    order_ref: str
    """The order whose goods are replaced: buyer, addresses and currency are taken from it."""
    outgoing: tuple[tuple[str, int], ...]
    """((variant_ref, quantity), ...); of a product of one kind only WooCommerce's own reference."""
    credit: Decimal
    currency: str
    since: datetime
    """When it was planned: nothing that came of it is older."""
    even: bool = False
    """Nothing is to be paid and nothing is left, whatever the goods cost by now: another size of the same."""
    held_until: datetime | None = None
    """Goods that wait for a payment are kept aside until then, where the shop can."""
    note: str = ""


@dataclass(frozen=True)
class CancelExchange(Write):
    """Call an exchange off while nothing of it was sent. `exchange_ref`: `Exchanged.ref`. `unpaid`: only while nobody paid on top (`Kept`)."""

    exchange_ref: str
    unpaid: bool = False


@dataclass(frozen=True)
class StoreCredit(Write):
    """Money of an order as credit for the next one: `amount` is what goes back, `bonus` what the merchant adds to it.

    `code`: for shops or customers without an account for credit; nobody can guess it. `title`: for whoever reads it in the shop.
    """

    patient: ClassVar[bool] = True

    order_ref: str
    amount: Decimal
    currency: str
    code: str
    since: datetime
    bonus: Decimal = Decimal(0)
    ends_at: datetime | None = None
    email: str = ""
    title: str = ""

    @property
    def worth(self) -> Decimal:
        return self.amount + self.bonus


@dataclass(frozen=True)
class Coupon(Write):
    """A code for one customer and one order. Either `percent` (of 100) or `amount` is set; `email`, `customer_ref`: whose, as far as known."""

    code: str
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    currency: str = ""
    email: str = ""
    customer_ref: str = ""


@dataclass(frozen=True)
class ProductReview(Write):
    """What a customer who bought it said of a product. `shown`: at once; else the shop's people decide."""

    product_ref: str
    rating: int
    text: str
    author: str
    email: str
    shown: bool = True


@dataclass(frozen=True)
class OpenReturn(Write):
    """A return that was opened with us. `number` is ours, and finds it again; `asked`: it still has to be approved in the shop."""

    patient: ClassVar[bool] = True

    order_ref: str
    number: str
    lines: tuple[tuple[str, int], ...]
    reason: str = ""
    asked: bool = False


@dataclass(frozen=True)
class DecideReturn(Write):
    """The next step of a return that the shop knows. `step`: approve, cut, decline, close or cancel; `note`: for the customer, of a decline.

    `lines`: ((line_ref, quantity), ...), all that stays in it when it is approved or cut down; empty: everything.
    """

    return_ref: str
    step: str
    note: str = ""
    lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class ReturnLabel(Write):
    """The label of a return, and where its parcel can be followed. `label_url`: where the shop can fetch the file."""

    return_ref: str
    label_url: str
    tracking_number: str
    tracking_url: str = ""


@dataclass(frozen=True)
class Scan(Write):
    """What a carrier told of a parcel. `status`: in the words of `SCANS`."""

    order_ref: str
    parcel_ref: str
    status: str
    at: datetime
    message: str = ""


SCANS = ("in_transit", "out_for_delivery", "ready_for_pickup", "attempted_delivery", "delayed", "delivered", "failure")


class ShopWrites(Protocol):
    """One shop that can be written to. Failures are `ConnectorError`; `InDoubt` where it may have been done all the same."""

    def do(self, wanted: Write, reference: str) -> Done:
        """Write it under `reference`, which is ours and the same for every try. What is already so is done."""

    def find(self, wanted: Write, reference: str) -> Done | None:
        """What came of an earlier try, None if nothing did (yet). Changes nothing. Raises `AskAPerson` where the shop itself cannot say."""


@dataclass(frozen=True)
class Kind(Generic[A]):
    """How one kind of write is done and found with an API of type `A`."""

    do: Callable[[A, Any, str], Done]
    find: Callable[[A, Any, str], Done | None]


@dataclass(frozen=True)
class Writer(Generic[A]):
    """A platform's `ShopWrites`: its kinds over one shop's API."""

    api: A
    kinds: Mapping[type[Write], Kind[A]]
    platform: str

    def do(self, wanted: Write, reference: str) -> Done:
        return self._kind(wanted).do(self.api, wanted, reference)

    def find(self, wanted: Write, reference: str) -> Done | None:
        return self._kind(wanted).find(self.api, wanted, reference)

    def _kind(self, wanted: Write) -> Kind[A]:
        if type(wanted) not in self.kinds:
            raise Unsupported(OPERATIONS[type(wanted)], self.platform)
        return self.kinds[type(wanted)]


OPERATIONS: dict[type[Write], str] = {
    Note: "keep notes",
    Refund: "refund",
    Coupon: "make discount codes",
    Exchange: "make an order for an exchange",
    CancelExchange: "make an order for an exchange",
    StoreCredit: "keep store credit",
    ProductReview: "take reviews of products",
    OpenReturn: "keep returns",
    DecideReturn: "keep returns",
    ReturnLabel: "keep labels of returns",
    Scan: "be told of scans",
}
