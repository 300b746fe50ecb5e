"""Which lines of an order may be chosen, and what the rules ask about those that were. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from postventa.events import Address
from postventa.models import OrderLine, Product
from postventa.returns.material import Material
from postventa.returns.money import HUNDRED, ZERO, cent_of, rounded, share
from postventa.returns.policy import Facts, LineFacts, Policy, explain
from postventa.returns.problems import Problem
from postventa.returns.rules import Returnable
from postventa.returns.wish import Wish, WishLine


@dataclass(frozen=True)
class LineChoice:
    """One line of the order as the customer may choose it."""

    ref: str
    title: str
    variant_title: str
    image_url: str
    bought: int
    left: int
    price: Decimal
    """What the next piece was paid with."""
    kind: str
    """Of product, for the reasons that are offered (`reasons.TREE`)."""
    last_day: date | None
    withdrawal: bool
    why_not: Problem | None
    """None: it may be chosen."""


def facts_of(policy: Policy, known: Material, wish: Wish, at: datetime, zone: str) -> Facts:
    """What the rules ask about."""
    order, rows = known.order, {line.ref: line for line in known.lines}
    place = Address(**order.shipping_address) or Address(**order.billing_address)
    paid = sum((line.total for line in known.lines), ZERO)
    return Facts(
        at=at,
        zone=zone,
        placed_at=order.placed_at or order.created_at or order.seen_at,
        delivered_at=known.delivered_at,
        country=place.country,
        discount=rounded(order.discount_total * HUNDRED / (paid + order.discount_total), Decimal("0.01")) if order.discount_total > 0 else ZERO,
        customer_ref=known.customer_ref,
        earlier_returns=known.earlier_returns,
        resolution=wish.resolution,
        method=wish.method,
        lines=tuple(_line_facts(rows[line.ref], line, known, order.currency) for line in wish.lines),
    )


def _line_facts(row: OrderLine, wished: WishLine, known: Material, currency: str) -> LineFacts:
    product = known.products.get(row.product_ref)
    return LineFacts(
        ref=row.ref,
        quantity=wished.quantity,
        title=row.title,
        product_ref=row.product_ref,
        variant_ref=row.variant_ref,
        sku=row.sku,
        price=share(row.total, row.quantity, (), 1, cent_of(currency)),
        categories=tuple(map(str, product.categories)) if product is not None else None,
        tags=tuple(map(str, product.tags)) if product is not None and product.tags is not None else None,
        vendor=product.vendor if product is not None else None,
        reason=wished.reason,
    )


def choices(policy: Policy, known: Material, stock: Mapping[str, Returnable], at: datetime, zone: str) -> Iterator[LineChoice]:
    """All lines of the order, those as well that nobody may choose."""
    everything = Wish(tuple(WishLine(line.ref, max(stock[line.ref].left, 1)) for line in known.lines))
    decided = {line.ref: line for line in explain(policy, facts_of(policy, known, everything, at, zone)).lines}
    cent = cent_of(known.order.currency)
    for row in known.lines:
        one, left = decided[row.ref], stock[row.ref].left
        yield LineChoice(
            ref=row.ref,
            title=row.title,
            variant_title=row.variant_title,
            image_url=row.image_url,
            bought=row.quantity,
            left=left,
            price=share(row.total, row.quantity, known.taken(row.ref), 1, cent),
            kind=kind_of(policy, known.products.get(row.product_ref)),
            last_day=one.last_day,
            withdrawal=one.withdrawal,
            why_not=_why_not(row, stock[row.ref], one.refusal, one.last_day, one.said),
        )


def _why_not(row: OrderLine, stock: Returnable, refusal: str, last_day: date | None, said: dict[str, str]) -> Problem | None:
    """Why nothing of a line may be chosen. A refusal by a rule may depend on the reason, so that is for later."""
    if stock.left:
        return Problem("window", row.ref, row.title, day=last_day) if refusal == "window" else None
    return Problem("not_shipped" if not row.requires_shipping else "nothing_left", row.ref, row.title, said=said)


def kind_of(policy: Policy, product: Product | None) -> str:
    """The kind of a product, by the shop's categories; `other` where nobody says."""
    named = {str(category).casefold() for category in product.categories} if product is not None else set()
    return next((kind for kind, categories in policy.kinds.items() if named & {name.casefold() for name in categories}), "other")
