"""Everything that a carrier is asked for a return label, as plain values.

The house imports no connectors, so the carrier's own types are made by the job that asks:

    draft = draft_label(...)
    LabelRequest(items=tuple(Item(*item) for item in draft.items), **draft.fields)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol, TypedDict
from zoneinfo import ZoneInfo

from postventa.config import ShopSettings
from postventa.events import Address
from postventa.returns.rules import LABEL_DAYS, Line, Pair, returnable, valid_until, weight_of
from postventa.returns.words import label_steps, label_words, reason_text


class NamedLine(Line, Protocol):
    """A line with the name of its variant."""

    @property
    def variant_title(self) -> str: ...


class LabelFields(TypedDict):
    """The arguments of the carrier's `LabelRequest` except `items`; their meaning is told there."""

    reference: str
    sender: Address
    receiver: Address
    order_number: str
    shop_name: str
    language: str
    words: dict[str, str]
    instructions: tuple[str, ...]
    issued_on: date
    valid_until: date
    reason: str
    qr_text: str
    weight_g: int
    accent: str


@dataclass(frozen=True)
class LabelDraft:
    """What the job turns into a `LabelRequest`."""

    items: tuple[tuple[str, int, str], ...]
    """(title, quantity, SKU)."""
    fields: LabelFields


def draft_label(
    shop: ShopSettings,
    *,
    number: str,
    order_number: str,
    customer: Address,
    customer_name: str,
    lines: Sequence[NamedLine],
    chosen: Sequence[Pair],
    language: str,
    approved_at: datetime,
    reason: str = "",
    qr_text: str = "",
    receiver: Address | None = None,
    days: int = LABEL_DAYS,
) -> LabelDraft:
    """The label of one return: from the customer to the shop's return address.

    `customer`: where the order went (else the billing address), `customer_name` stands in where it names nobody. `chosen`: (line_ref, quantity),
    empty: everything that was shipped. `approved_at` dates the label, so that making it again gives the same one. `receiver`: where it goes, if
    not to the shop's return address.
    """
    pairs = tuple(chosen) or tuple((line.ref, line.left) for line in returnable(lines, ()) if line.left)
    fields = LabelFields(
        reference=number,
        sender=customer if customer.name or customer.company else replace(customer, name=customer_name),
        receiver=_receiver(shop, receiver or shop.return_address.address()),
        order_number=order_number,
        shop_name=shop.name,
        language=language,
        words=label_words(language, shop.return_instructions),
        instructions=label_steps(language, shop.return_instructions),
        issued_on=approved_at.astimezone(ZoneInfo(shop.timezone)).date(),
        valid_until=valid_until(approved_at, shop.timezone, days),
        reason=reason_text(language, reason),
        qr_text=qr_text or number,
        weight_g=weight_of(lines, pairs),
        accent=shop.brand.colour,
    )
    return LabelDraft(tuple(_items(lines, pairs)), fields)


def _receiver(shop: ShopSettings, address: Address) -> Address:
    """Where it goes, with the shop's name and its ways to be asked where that has none of its own."""
    return replace(
        address,
        name=address.name or shop.name,
        phone=address.phone or shop.brand.support_phone,
        email=address.email or shop.brand.support_email or shop.reply_to,
    )


def _items(lines: Sequence[NamedLine], chosen: Iterable[Pair]) -> Iterable[tuple[str, int, str]]:
    known = {line.ref: line for line in lines}
    for ref, quantity in chosen:
        if ref in known:
            yield _title(known[ref]), quantity, known[ref].sku


def _title(line: NamedLine) -> str:
    """The product and its variant, once."""
    variant = line.variant_title.strip()
    return f"{line.title} · {variant}" if variant and variant not in line.title else line.title
