"""A delivery's body as somebody may see it who has to find a fault: its shape and what it says about the order, nothing about the person.

What is not known to be harmless is hidden, so that a field that a plugin adds tomorrow is hidden too.
"""

from __future__ import annotations

import json
import re
from typing import Any

HIDDEN = "***"

_HARMLESS = re.compile(
    r"(id|.*_ids?|admin_graphql_api_id|ref|number|order_number|sku|title|variant_title|variation|slug|status|.*_status|.*state_reason|type|kind|"
    r"currency|.*_currency|currency_code|total|total_.*|.*_total|subtotal.*|.*_subtotal|price|.*_price|amount|.*_amount|.*_tax|tax_.*|taxable|discount|"
    r"discount_.*|rate.*|quantity|.*_quantity|grams|position|version|created|.*_at|date|date_.*|.*_gmt|happened_at|processed_at|topic|gateway|"
    r"payment_gateway_names|payment_method|payment_method_title|method_id|method_title|carrier.*|tracking_company|source_name|created_via|set_paid|"
    r"country|country_code|locale|customer_locale|language|code|cancel_reason|restock.*|requires_shipping|fulfillment_service|parent.*)",
    re.IGNORECASE,
)
"""Names of fields about the order; their values are texts and numbers that shops and platforms make, not customers."""
_PEOPLE = re.compile(
    r"(billing.*|shipping|shipping_address|.*address.*|customer|customer_.*|destination|origin|contact|recipient|client_details|browser.*|meta_data|"
    r"note_attributes|properties|attributes|fields)",
    re.IGNORECASE,
)
"""Parts that are about a person, or that anybody may write anything into: only the kinds of places stay."""
_PLACES = frozenset({"country", "country_code", "locale", "currency"})
_THINGS = frozenset({"line_items", "fulfillments", "items", "products", "shipping_lines", "fee_lines", "coupon_lines", "tax_lines", "refunds"})
"""Lists of things, which may have a name that is no person's."""
_PAIR = re.compile(r'("(?:[^"\\]|\\.)*"\s*:\s*)("(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*)')
_MAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_DIGITS = re.compile(r"\+?\d(?:[ .-]?\d){6,}")


def body(text: str) -> str:
    """`text` with names, addresses and whatever else may tell of a person replaced by `***`. Never fails: what is no JSON is masked word by word."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _loose(text)
    return json.dumps(_seen(value, "", people=False, thing=False), ensure_ascii=False, indent=2)


def is_about_a_person(name: str) -> bool:
    """Whether a field of that name, in a delivery or in one of our tables, may tell of a person."""
    return not _HARMLESS.fullmatch(name) or bool(_PEOPLE.fullmatch(name))


def address(email: str) -> str:
    """`ana@cliente.example` as `a***@***.example`: enough to tell two apart, too little to write to."""
    name, mark, domain = email.rpartition("@")
    return f"{name[:1]}{HIDDEN}@{HIDDEN}.{domain.rpartition('.')[2]}" if mark else HIDDEN if email else ""


def _seen(value: Any, name: str, *, people: bool, thing: bool) -> Any:
    if isinstance(value, dict):
        mine = people or bool(_PEOPLE.fullmatch(name))
        return {key: _seen(item, key, people=mine, thing=thing or name in _THINGS) for key, item in value.items()}
    if isinstance(value, list):
        return [_seen(item, name, people=people or bool(_PEOPLE.fullmatch(name)), thing=thing or name in _THINGS) for item in value]
    if value is None or isinstance(value, bool) or value == "":
        return value
    if people:
        return value if name in _PLACES else HIDDEN
    harmless = bool(_HARMLESS.fullmatch(name)) or (name == "name" and (thing or _is_number(value)))
    return value if harmless and not _MAIL.search(str(value)) else HIDDEN


def _is_number(value: Any) -> bool:
    """An order's name is its number, such as `#1042`."""
    return bool(re.fullmatch(r"#?[A-Z0-9-]{0,12}\d{1,12}", str(value)))


def _loose(text: str) -> str:
    """Broken JSON, or none: pairs are judged by their names, and the rest by its looks."""

    def pair(found: re.Match[str]) -> str:
        name = found[1].rpartition(":")[0].strip().strip('"')
        return found[0] if _HARMLESS.fullmatch(name) else f'{found[1]}"{HIDDEN}"'

    masked = _MAIL.sub(HIDDEN, _PAIR.sub(pair, text))
    return masked if '":' in text or '" :' in text else _DIGITS.sub(HIDDEN, masked)
