"""An order for goods that replace others: https://woocommerce.github.io/woocommerce-rest-api-docs/#create-an-order

In three steps, each of which may be taken again: an order in `pending`, which nobody packs and which takes nothing from stock; the credit, as lower
totals of its lines, so that each line's own taxes go down with it; and `processing` if nothing is left to pay, else the link under which the customer
pays. Prices and taxes are WooCommerce's.
"""

from __future__ import annotations

import re
from datetime import UTC
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from connectors.errors import ConnectorError, InDoubt
from connectors.reading import Part
from connectors.shops.credit import SKEW, Split, fits, split
from connectors.shops.woocommerce.metadata import EXCHANGE_OF
from connectors.shops.woocommerce.orders import LOCALE_KEYS
from connectors.shops.woocommerce.writes import shares
from connectors.shops.woocommerce.writes.api import WooApi, mark, marked, number
from connectors.shops.woocommerce.writes.shares import ZERO, Sum
from connectors.shops.writes import CancelExchange, Done, Exchange, Exchanged, Kept

EXACT = {"dp": "6"}
USED, REST = "_postventa_used", "_postventa_rest"
"""What became of the credit, in the new order's metadata: with them the second step is done."""
FISCAL = re.compile(r"(?i)(?:^|_)(?:nif|cif|nie|dni|vat)(?:_|$)|is_vat_exempt")
OPEN = "pending"
STAYS = frozenset({"pending", "failed", "on-hold", "processing"})
"""Nothing has left. A status of the shop's own may mean anything."""
UNPAID = frozenset({OPEN, "failed", "cancelled", "trash"})
"""Nobody has paid what was due: whoever tried and failed may try again."""
OFF = frozenset({"cancelled", "trash"})
TRIES = 3


def do(api: WooApi, wanted: Exchange, reference: str) -> Done:
    """From whatever step it has reached."""
    old = _old(api, wanted)
    new = _known(api, wanted, reference, old) or _made(api, wanted, reference, old)
    if REST not in _marks(new):
        new = _credited(api, wanted, new)
    if new.text("status") == OPEN and not new.money("total"):
        new = api.put(f"orders/{number(new.ref('id'))}", {"status": "processing"})
    return _told(api, new)


def find(api: WooApi, wanted: Exchange, reference: str) -> Done | None:
    """By its mark. An order that still lacks its credit, or has to be let go, is nothing yet: `do` goes on with it."""
    new = _known(api, wanted, reference, _old(api, wanted))
    if new is None or REST not in _marks(new) or (new.text("status") == OPEN and not new.money("total")):
        return None
    return _told(api, new)


def cancel(api: WooApi, wanted: CancelExchange, reference: str) -> Done:
    """WooCommerce puts the goods back into stock. What was paid on top it does not give back by itself."""
    ref = number(wanted.exchange_ref)
    known = cancelled(api, wanted, reference)
    if known is not None:
        return known
    order = api.get(f"orders/{ref}")
    if order.text("status") not in STAYS:
        raise ConnectorError(f"{api.url}: order {ref} is {order.text('status')}, so it has to come back as a return", permanent=True)
    order = api.put(f"orders/{ref}", {"status": "cancelled"})
    paid = order.money("total") if order.text("date_paid") else ZERO  # as it is now: she may have paid at this very moment
    left = f"pay {paid} {order.text('currency')} back by hand: that was paid on top for order {ref}" if paid else ""
    return Done(ref, f"order {ref} is cancelled", left)


def cancelled(api: WooApi, wanted: CancelExchange, reference: str) -> Done | None:
    """By the order's status. What was paid stays, where that was asked for."""
    ref = number(wanted.exchange_ref)
    order = api.get(f"orders/{ref}")
    status = order.text("status")
    if wanted.unpaid and status not in UNPAID:
        return Kept(ref, f"order {ref} was paid meanwhile ({status}), and stays")
    return Done(ref, f"order {ref} was {status} already") if status in OFF else None


def _known(api: WooApi, wanted: Exchange, reference: str, old: Part) -> Part | None:
    """Orders cannot be asked for by their metadata: the buyer's new ones are looked through."""
    asked = {"after": f"{wanted.since.astimezone(UTC) - SKEW:%Y-%m-%dT%H:%M:%S}", "dates_are_gmt": "true", "status": "any"}
    email = old.part("billing").text("email", 254)
    whose = {"customer": old.ref("customer_id")} if old.ref("customer_id") else {"search": email} if email else {}
    found = next((order for order in api.pages("orders", {**asked, **whose, "_fields": "id,meta_data"}) if marked(order) == reference), None)
    return api.get(f"orders/{number(found.ref('id'))}") if found is not None else None


def _old(api: WooApi, wanted: Exchange) -> Part:
    old = api.get(f"orders/{number(wanted.order_ref)}")
    if old.text("currency") != wanted.currency:
        raise ConnectorError(f"{api.url}: the order was paid in {old.text('currency')}, and the credit is in {wanted.currency}", permanent=True)
    return old


def _made(api: WooApi, wanted: Exchange, reference: str, old: Part) -> Part:
    lines = [_line(api, ref, pieces) for ref, pieces in wanted.outgoing]
    made = api.post("orders", _document(wanted, old, reference, lines))
    if not made.ref("id"):
        raise InDoubt(f"{api.url} answered without saying which order it made")
    return made


def _line(api: WooApi, ref: str, pieces: int) -> dict[str, int]:
    """WooCommerce takes anything: goods that it does not know become a line without a name or a price, and stock may go below nothing."""
    goods = api.get(f"products/{number(ref)}")
    if not goods.flag("purchasable") or goods.text("type") in ("variable", "grouped", "external"):
        raise ConnectorError(f'{api.url}: "{goods.text("name")}" ({ref}) cannot be bought by itself', permanent=True)
    left, counted = goods.count("stock_quantity"), goods.raw.get("manage_stock") not in (False, None) and "stock_quantity" in goods
    if not goods.flag("backorders_allowed") and ((counted and left < pieces) or goods.text("stock_status") == "outofstock"):
        raise ConnectorError(f'{api.url}: of "{goods.text("name")}" ({ref}) {left} are left, and {pieces} should go out', permanent=True)
    parent = goods.count("parent_id") if goods.text("type") == "variation" else 0
    return {"product_id": parent, "variation_id": int(ref), "quantity": pieces} if parent else {"product_id": int(ref), "quantity": pieces}


def _document(wanted: Exchange, old: Part, reference: str, lines: list[dict[str, int]]) -> dict[str, Any]:
    """Sent the way that the old one was, for nothing."""
    ways = old.parts("shipping_lines")[:1]
    free = [{"method_id": way.text("method_id"), "method_title": way.text("method_title", 300), "total": "0.00"} for way in ways]
    paid = {name: old.text(name, 300) for name in ("payment_method", "payment_method_title")}
    return {
        "status": OPEN,
        "currency": wanted.currency,
        "customer_id": old.count("customer_id"),
        "billing": _known_of(old.part("billing")),
        "shipping": _known_of(old.part("shipping")),
        "line_items": lines,
        "shipping_lines": free,
        **paid,
        "meta_data": [*mark(reference), {"key": EXCHANGE_OF, "value": old.text("number") or wanted.order_ref}, *_carried(old)],
    }


def _known_of(address: Part) -> dict[str, Any]:
    """What it says. An e-mail address that is not there is an empty text where WooCommerce tells it, and an error where it is told."""
    return {name: value for name, value in address.raw.items() if value != ""}


def _carried(old: Part) -> list[dict[str, str]]:
    """What plugins know of the buyer and an invoice needs: her tax number, whether she is exempt, and the language that she reads."""
    entries = [(entry.text("key"), entry.text("value")) for entry in old.parts("meta_data")]
    return [{"key": key, "value": value} for key, value in entries if value and (key in LOCALE_KEYS or FISCAL.search(key))]


def _credited(api: WooApi, wanted: Exchange, new: Part) -> Part:
    """Totals of lines down until exactly what is due is left. Where the shop rounds otherwise than we think, it may take a second step."""
    ref = number(new.ref("id"))
    lines = {line.ref("id"): shares.told(line) for line in api.get(f"orders/{ref}", EXACT).parts("line_items")}
    cent = Decimal(1).scaleb(-len(new.text("total").partition(".")[2]))
    found = split(wanted, new.money("total"))
    parts = shares.spread(lines, found.due, cent)
    for _ in range(TRIES):
        new = api.put(f"orders/{ref}", _lowered(lines, parts, found))
        if fits(found.due, new.money("total")):
            return new
        dearest = max(parts, key=lambda line_ref: parts[line_ref])
        parts[dearest] -= new.money("total") - found.due
    raise ConnectorError(f"{api.url}: order {ref} comes to {new.money('total')} instead of {found.due}: finish this exchange by hand", permanent=True)


def _lowered(lines: dict[str, Sum], parts: dict[str, Decimal], found: Split) -> dict[str, Any]:
    """Sums are strings, which WooCommerce takes for numbers; what the lines cost before stays in their `subtotal`."""
    marks = [{"key": USED, "value": f"{found.used:f}"}, {"key": REST, "value": f"{found.rest:f}"}]
    sums = [{"id": int(ref), "total": f"{shares.net_of(line, parts[ref]):f}"} for ref, line in lines.items()]
    return {"line_items": sums, "meta_data": marks}


def _marks(order: Part) -> dict[str, Decimal]:
    return {entry.text("key"): entry.money("value") for entry in order.parts("meta_data") if entry.text("key") in (USED, REST)}


def _told(api: WooApi, new: Part) -> Exchanged:
    ref, name, marks = new.ref("id"), new.text("number") or new.ref("id"), _marks(new)
    used, rest = marks.get(USED, ZERO), marks.get(REST, ZERO)
    if new.text("status") not in UNPAID:
        return Exchanged(ref, f"order {name} for an exchange", "", name, ZERO, "", used, rest)
    due = new.money("total")
    off, said = new.text("status") in OFF, f"order {name} for an exchange, {due} {new.text('currency')} to be paid"
    return Exchanged(ref, said, "", name, due, _link(api, new), used, rest, off)


def _link(api: WooApi, new: Part) -> str:
    """`payment_url` knows the shop's own words for its pages; older versions do not say it."""
    key = urlencode({"pay_for_order": "true", "key": new.text("order_key")})
    return new.url("payment_url") or f"{api.url.rstrip('/')}/checkout/order-pay/{new.ref('id')}/?{key}"
