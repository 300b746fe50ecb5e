"""Refunds: https://woocommerce.github.io/woocommerce-rest-api-docs/#order-refunds

WooCommerce pays by itself where the order's gateway can (`api_refund`), and otherwise writes down what a person has to pay. It checks the sum only,
so lines, pieces and taxes are reckoned and checked here. A repeated request would be a second refund: ours bear a mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.errors import AskAPerson, ConnectorError, InDoubt
from connectors.reading import TITLE, Part
from connectors.shops.woocommerce.writes import shares
from connectors.shops.woocommerce.writes.api import Declined, WooApi, mark, marked, number
from connectors.shops.woocommerce.writes.shares import ZERO, Sum
from connectors.shops.writes import Done, Refund

EXACT = {"dp": "6"}
"""Amounts as they are kept, not as they are shown."""
UNPAID = "_postventa_unpaid"
"""Written to a refund that no gateway was to pay."""
NOT_REFUNDED = "woocommerce_rest_cannot_create_order_refund"
"""Its word for everything that can be wrong with a refund, from a sum that is too large to a gateway that did not answer."""


@dataclass(frozen=True)
class Books:
    """An order with what went back of it already."""

    order: Part
    refunds: tuple[Part, ...]
    cent: Decimal

    @property
    def left(self) -> Decimal:
        """What the shop still has of the customer's money."""
        gone = sum((abs(refund.money("amount")) for refund in self.refunds), ZERO)
        return shares.rounded(self.order.money("total") - gone, self.cent)

    def gone(self, line_ref: str, kind: str) -> tuple[int, Sum]:
        """(pieces, money) that went back of a line."""
        pieces, money = 0, Sum()
        for line in (line for refund in self.refunds for line in refund.parts(kind)):
            if any(entry.text("key") == "_refunded_item_id" and str(entry.raw.get("value")) == line_ref for entry in line.parts("meta_data")):
                pieces += int(abs(line.money("quantity")))
                money = money.plus(shares.told(line))
        return pieces, money


def do(api: WooApi, wanted: Refund, reference: str) -> Done:
    """Reckon, compare with what was promised, and write. Raises `ConnectorError` with a sentence for a person when the two differ."""
    if wanted.as_credit:
        raise ConnectorError(f"{api.url} keeps no store credit: make a discount code instead", permanent=True)
    order_ref = number(wanted.order_ref)
    books = _books(api, order_ref)
    lines = _lines(api, books, wanted)
    _compare(api, books, wanted, sum((money.gross for _, _, money in lines), ZERO))
    paying = _pays(api, books.order)
    document = _document(wanted, reference, lines, paying, books.cent)
    try:
        made = api.post(f"orders/{order_ref}/refunds", document)
    except Declined as error:
        if paying and error.code == NOT_REFUNDED:
            raise AskAPerson(f"{error}; the payment gateway may have paid, or not") from None
        raise
    if not made.ref("id"):
        raise InDoubt(f"{api.url} answered without saying which refund it made")
    return _done(books.order, made, paying)


def find(api: WooApi, wanted: Refund, reference: str) -> Done | None:
    """Raises `AskAPerson` when it is written down as one that the gateway pays, and the shop does not say that it did."""
    order_ref = number(wanted.order_ref)
    for refund in api.pages(f"orders/{order_ref}/refunds"):
        if marked(refund) == reference:
            by_hand = any(entry.text("key") == UNPAID for entry in refund.parts("meta_data"))
            if not by_hand and not refund.flag("refunded_payment"):
                raise AskAPerson(f"{api.url} has written down refund {refund.ref('id')} but does not say that the payment gateway paid it")
            return _done(api.get(f"orders/{order_ref}"), refund, not by_hand)
    return None


def _books(api: WooApi, order_ref: str) -> Books:
    shown = api.get(f"orders/{order_ref}").text("total")
    decimals = len(shown.partition(".")[2])
    return Books(api.get(f"orders/{order_ref}", EXACT), tuple(api.pages(f"orders/{order_ref}/refunds", EXACT)), Decimal(1).scaleb(-decimals))


Reckoned = tuple[str, int, Sum]
"""(line, pieces, money); of shipping no pieces."""


def _lines(api: WooApi, books: Books, wanted: Refund) -> list[Reckoned]:
    known = {line.ref("id"): line for line in books.order.parts("line_items")}
    found = []
    for line_ref, pieces in wanted.lines:
        if line_ref not in known:
            raise ConnectorError(f"{api.url}: order {wanted.order_ref} has no line {line_ref}", permanent=True)
        line = known[line_ref]
        before, gone = books.gone(line_ref, "line_items")
        if not 0 < pieces <= line.count("quantity") - before:
            name, left = line.text("name", TITLE), line.count("quantity") - before
            raise ConnectorError(f'{api.url}: {pieces} of "{name}" should be refunded, but only {left} are left to refund', permanent=True)
        found.append((line_ref, pieces, shares.share(shares.told(line), gone, line.count("quantity"), before, pieces, books.cent)))
    return found + _shipping(api, books, wanted)


def _shipping(api: WooApi, books: Books, wanted: Refund) -> list[Reckoned]:
    """From the ways of shipping in their order, until it is enough."""
    needed, found = wanted.shipping, []
    for way in books.order.parts("shipping_lines"):
        left = shares.rest(shares.told(way), books.gone(way.ref("id"), "shipping_lines")[1], books.cent)
        taken = shares.part_of(left, needed, books.cent)
        if taken.gross > 0:
            found.append((way.ref("id"), 0, taken))
            needed -= taken.gross
    if needed > 0:
        said = f"{wanted.shipping} {wanted.currency} of shipping should be refunded, which is {needed} more than there is"
        raise ConnectorError(f"{api.url}: {said}", permanent=True)
    return found


def _compare(api: WooApi, books: Books, wanted: Refund, worth: Decimal) -> None:
    """Nobody gets another sum than the one that she was told."""
    currency = books.order.text("currency")
    if currency != wanted.currency:
        raise ConnectorError(f"{api.url}: the order was paid in {currency}, and {wanted.currency} should be refunded", permanent=True)
    if not 0 < wanted.amount <= books.left:
        raise ConnectorError(f"{api.url}: {wanted.amount} {currency} should be refunded, but {books.left} are left of the order", permanent=True)
    promised = wanted.amount + wanted.withheld
    if not wanted.by_itself and promised != worth and wanted.amount != books.left:
        raise ConnectorError(
            f"{api.url}: what goes back is worth {worth} {currency} there, and {promised} with us: nothing was refunded", permanent=True
        )


def _pays(api: WooApi, order: Part) -> bool:
    """Whether the shop can give the money back by itself: https://woocommerce.github.io/woocommerce-rest-api-docs/#payment-gateways"""
    method = order.text("payment_method")
    gateway = next((one for one in api.pages("payment_gateways") if one.text("id") == method), Part(None))
    supported = gateway.raw.get("method_supports")
    return isinstance(supported, list) and "refunds" in supported


def _document(wanted: Refund, reference: str, lines: list[Reckoned], paying: bool, cent: Decimal) -> dict[str, Any]:
    marks = mark(reference) + ([] if paying else [{"key": UNPAID, "value": "1"}])
    return {
        "amount": f"{wanted.amount.quantize(cent):f}",
        "reason": wanted.reason,
        "api_refund": paying,
        "api_restock": wanted.restock,
        "meta_data": marks,
        "line_items": [_line(*line) for line in lines],
    }


def _line(line_ref: str, pieces: int, money: Sum) -> dict[str, Any]:
    """Lines of goods and of shipping are told apart by their ids alone; sums are strings, which WooCommerce takes for numbers."""
    taxes = [{"id": rate, "refund_total": f"{amount:f}"} for rate, amount in money.taxes.items()]
    return {"id": int(line_ref), "quantity": pieces, "refund_total": f"{money.net:f}", "refund_tax": taxes}


def _done(order: Part, refund: Part, paid: bool) -> Done:
    sum_and_currency = f"{abs(refund.money('amount'))} {order.text('currency')}"
    said = f"refund {refund.ref('id')} of {sum_and_currency}"
    if paid:
        return Done(refund.ref("id"), said)
    how = order.text("payment_method_title") or order.text("payment_method") or "the way it was paid"
    return Done(refund.ref("id"), f"{said}, written down only", f"pay {sum_and_currency} back by hand: {how} cannot do it by itself")
