"""Money: what the order costs, and what goes back. Only sums that add up are shown in full."""

from __future__ import annotations

from decimal import Decimal

from postventa.emails.blocks.items import compact
from postventa.emails.layout import markup
from postventa.emails.view import Piece, View, shown
from postventa.events import OrderSnapshot

CENT = Decimal("0.02")
"""Rounding per line may differ from the shop's own by this much."""


def totals(view: View, _: str) -> Piece:
    """Subtotal, discount, shipping, taxes and the total."""
    order = view.mail.order
    rows = _rows(view, order)
    sums = "".join(view.html("sum", name=name, value=value) for name, value in rows)
    grand = view.word("total"), view.money(order.total)
    html = view.kit.make("sums", rows=sums + view.html("grand", name=grand[0], value=grand[1]))
    return Piece(html, "\n".join(f"{name}{view.colon} {value}" for name, value in (*rows, grand)))


def _rows(view: View, order: OrderSnapshot) -> list[tuple[str, str]]:
    """The rows above the total.

    Shops count differently (prices with or without tax, discount inside or outside of the subtotal), so each way of counting is tried
    and only one that leads to the order's own total is shown; failing all, just shipping, where there is any.
    """
    lines = sum((line.total for line in order.lines), Decimal(0))
    taxed = [(view.word("taxes_included"), view.money(order.tax_total))] if order.tax_total else []
    for start, discount, added_tax in (
        (order.subtotal, order.discount_total, Decimal(0)),
        (order.subtotal, order.discount_total, order.tax_total),
        (order.subtotal, Decimal(0), Decimal(0)),
        (lines, Decimal(0), Decimal(0)),
    ):
        if start and abs(start - discount + order.shipping_total + added_tax - order.total) <= CENT:
            rows = [(view.word("subtotal"), view.money(start))]
            rows += [(view.word("discount"), f"−{view.money(discount)}")] if discount else []
            rows += _shipping(view, order)
            rows += [(view.word("taxes"), view.money(added_tax))] if added_tax else taxed
            rows += [(view.word("discount_included"), view.money(order.discount_total))] if order.discount_total and not discount else []
            return rows
    return _shipping(view, order) if order.shipping_total else []


def _shipping(view: View, order: OrderSnapshot) -> list[tuple[str, str]]:
    if not any(line.requires_shipping for line in order.lines):
        return []
    return [(view.word("shipping"), view.money(order.shipping_total) if order.shipping_total else view.word("free"))]


def refund(view: View, _: str) -> Piece:
    """The amount that goes back, how, and for which items."""
    data = view.mail.refund
    if data is None:
        return Piece()
    facts = [(view.word("refunded"), view.money(data.amount, data.currency), "26px")]
    if data.method:
        facts.append((view.word("refund_method"), shown(data.method), "16px"))
    inside = "".join(view.html("fact", name=name, value=value, size=size) for name, value, size in facts)
    texts = [f"{name}{view.colon} {value}" for name, value, _ in facts]
    if data.items:
        goods = compact(data.items)
        inside += view.kit.make("fact", name=markup(view.word("refund_items")), value="<br>".join(map(markup, goods)), size="16px")
        texts += [view.word("refund_items") + view.colon, *(f"- {text}" for text in goods)]
    return Piece(view.kit.make("panel", inside=inside), "\n".join(texts))
