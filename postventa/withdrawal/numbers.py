"""The reference of a statement: `W-7K3M-9Q2X`, derived from the form that was sent, so that the same form always has the same one."""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, as returns have it."""
DOMAIN = b"postventa/withdrawal/1"


def reference(secret: bytes, shop_key: str, form_key: str) -> str:
    """40 bits that nobody can guess or derive from another one."""
    value = int.from_bytes(_derived(secret, "reference", shop_key, form_key)[:5])
    symbols = "".join(ALPHABET[value >> 5 * place & 31] for place in range(8))
    return f"W-{symbols[:4]}-{symbols[4:]}"


def page_key(secret: bytes, ref: str) -> str:
    """What opens the page with that statement's receipt: 256 bits."""
    return _derived(secret, "receipt", ref).hex()


def link_key(secret: bytes, shop_key: str, order_ref: str, email: str) -> str:
    """What a mail's link proves: whoever has it reads this order's mail at this address. It needs no row, and ends when the address changes."""
    message = f"postventa/withdrawal-link/1|{len(shop_key)}:{shop_key}|{len(order_ref)}:{order_ref}|{email}"  # in every mail, so as short as may be
    return hmac.digest(secret, message.encode(), "sha256").hex()


def page_link_key(secret: bytes, shop_key: str, order_ref: str) -> str:
    """What the link of an order's page proves: whoever has it sees the order's items and number, and not whose it is. People hand such pages on."""
    return _derived(secret, "page-link", shop_key, order_ref).hex()


def same(known: str, told: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(known.encode(), told.encode("utf-8", "replace"))


def hashed(secret: bytes, kind: str, value: str) -> str:
    """A network address as it is kept: enough to see that two are one, not enough to know which."""
    return _derived(secret, kind, value).hex()[:32] if value else ""


def _derived(secret: bytes, *parts: str) -> bytes:
    message = b"\0".join((DOMAIN, *(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest() for part in parts)))
    return hmac.digest(secret, message, "sha256")
