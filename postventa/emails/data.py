"""What a mail knows: plain values, no database. Built by `jobs.mail_data`, read by the renderer."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime, time
from decimal import Decimal

from postventa.config import Brand
from postventa.events import Address, LineSnapshot, OrderSnapshot, ParcelSnapshot
from postventa.value import value

CODE = "return-code@postventa"
"""The Content-ID of a carrier's code that a mail shows."""


@value
class ShopFace:
    """The shop as the customer knows it."""

    name: str
    brand: Brand
    from_address: str
    reply_to: str = ""
    country: str = "ES"
    timezone: str = "Europe/Madrid"


@value
class ParcelView:
    """One parcel with its items resolved."""

    parcel: ParcelSnapshot
    items: tuple[tuple[LineSnapshot, int], ...]
    """(line, quantity in this parcel)."""


@value
class RefundView:
    amount: Decimal
    currency: str
    full: bool
    items: tuple[tuple[LineSnapshot, int], ...] = ()
    method: str = ""


@value
class ReturnView:
    number: str
    items: tuple[tuple[LineSnapshot, int], ...]
    address: Address
    instructions: tuple[str, ...] = ()
    reason: str = ""
    valid_until: datetime | None = None
    refund: Decimal | None = None
    """What goes back; None: nothing was worked out."""
    fee: Decimal = Decimal(0)
    as_credit: bool = False
    """It comes as a credit of that worth, and not as money."""
    kept: bool = False
    """Nothing has to be sent."""
    waits: bool = False
    """A person has to agree to it first."""
    when: str = ""
    """at_first_scan, at_arrival or after_inspection."""
    code: str = ""
    """Of a credit."""
    qr: bool = False
    """Whether the carrier's own code is attached, to be shown where the parcel is handed in."""
    qr_missing: bool = False
    """She chose such a code, and the carrier gave none."""
    tracking_number: str = ""
    """Of the parcel that she sends."""
    further: bool = False
    """The label is for one more parcel of the return; those that she had hold."""
    pickup: tuple[date, time, time] | None = None
    """When it is fetched at the customer's door: day, from, until."""
    missed: bool = False
    """Somebody came for it in vain."""
    swap_due: Decimal | None = None
    """What is still to be paid for an exchange, until `swap_until`."""
    swap_until: datetime | None = None
    swap_off: bool = False
    """The exchange was called off."""


@value
class ReviewItem:
    """An item to be rated: `links[n-1]` leads to the page with n stars chosen."""

    line: LineSnapshot
    links: tuple[str, str, str, str, str]


@value
class RatingView:
    """What a customer said of one item: for the merchant's alert."""

    line: LineSnapshot
    stars: int
    """1 to 5."""
    text: str = ""
    customer_email: str = ""
    """Where the merchant can answer."""


@value
class WithdrawalView:
    """A statement of withdrawal, in the words of its receipt."""

    ref: str
    title: str
    text: str
    facts: tuple[tuple[str, str], ...]
    """(name, value), in the order in which they are shown."""


@value
class Attachment:
    filename: str
    content: bytes
    mime: str = "application/pdf"
    cid: str = ""
    """By which the mail's own page shows it; empty: it is attached and not shown."""
    shared: bool = False
    """Whether many mails carry the same bytes, so that they are encoded once."""


@value
class MailData:
    """Everything that one mail says."""

    followup: str
    effect_id: int
    message_id: str
    """With angle brackets."""
    recipient: str
    language: str
    """One of `config.LANGUAGES`: chosen from the order's locale, else the shop's."""
    timezone: str
    """The recipient's IANA zone."""
    shop: ShopFace
    order: OrderSnapshot
    at: datetime
    """When the thing that this mail is about happened, aware UTC."""
    transactional: bool = True
    thread: tuple[str, ...] = ()
    """Message-IDs of the order's earlier mails, oldest first; empty starts a thread."""
    parcels: tuple[ParcelView, ...] = ()
    more_to_come: bool = False
    """Other items of the order travel in another parcel."""
    arrives: date | None = None
    """The last day on which all that the mail is about should be there; None: nobody says, or that day is over."""
    promised: date | None = None
    """What was promised of it before, in the mail that says that it is late."""
    refund: RefundView | None = None
    return_case: ReturnView | None = None
    reviews: tuple[ReviewItem, ...] = ()
    tips: tuple[tuple[LineSnapshot, str], ...] = ()
    """(line, the tips' text or the manual's address)."""
    reason: str = ""
    unsubscribe_url: str = ""
    reminder: bool = False
    review_links: dict[str, str] = field(default_factory=dict)
    page_url: str = ""
    """Where `[[button:...]]` leads: the order's own page, or the case in the dashboard; empty: the shop's page of the order."""
    return_url: str = ""
    """Where `[[return_entry:...]]` leads: the order's own link to send something back; empty: there is no such page."""
    rating: RatingView | None = None
    withdrawal: WithdrawalView | None = None
    code: str = ""
    """Six digits, in the mail that brings them."""
    code_for: str = ""
    """What they open: a value of `postventa.step_up.Purpose`."""
    withdraw_link: tuple[str, str, str] = ("", "", "")
    """(the law's words, the page's address, the order's key behind it): where the foot of a mail about an order leads; empty: nowhere.

    The key is digits, letters and points: all orders of a shop share the rest, which is written once.
    """
    platform: str = ""
    """The shop's: "woocommerce" or "shopify"; for mails to the merchant, which say where to click."""
    attachments: tuple[Attachment, ...] = ()
    wording: dict[str, str] = field(default_factory=dict)
    """The merchant's own Liquid texts for this follow-up and language: "subject", "preview", "body"."""
