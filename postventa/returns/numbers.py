"""The number of a return: what stands on the label, what the customer reads out on the phone, what the warehouse scans.

`R-7F3K-2M9Q`: seven symbols of Douglas Crockford's base 32 (no I, L, O, U: nothing to confuse, no words) and a check symbol. It is derived, not
drawn: the same return has the same number wherever and however often it is computed. Format: https://www.crockford.com/base32.html
"""

from __future__ import annotations

import hashlib
import hmac
import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DATA = 7
"""Symbols that carry the number: 35 bits."""
LOOKALIKES = str.maketrans("OILU", "011V")
WRITTEN = re.compile(r"R?([0-9A-Z]{8})")


def return_number(shop_key: str, order_ref: str, return_ref: str, attempt: int = 0) -> str:
    """The number of one return, such as `R-7F3K-2M9Q`.

    `shop_key` is secret, so numbers cannot be computed by strangers. Among 3,600 returns of a shop (ten years of thirty a month) two share a
    number with a probability of 0.02 %, among 50,000 of 3.6 %: the ledger's unique key catches it, and `attempt` 1, 2 ... gives the next choice.
    """
    parts = (order_ref, return_ref, str(attempt) if attempt else "")
    message = b"\0".join(part.encode("utf-8", "surrogatepass") for part in parts)
    digest = int.from_bytes(hmac.new(shop_key.encode(), b"postventa/return-number/1\0" + message, hashlib.sha256).digest()[:5])
    symbols = "".join(ALPHABET[digest >> 5 * place & 31] for place in range(DATA))
    return _written(symbols + check_symbol(symbols))


def check_symbol(symbols: str) -> str:
    """The last symbol (Luhn mod 32): finds every single wrong symbol and nearly every swap of two neighbours."""
    total = 0
    for place, symbol in enumerate(reversed(symbols)):
        value = ALPHABET.index(symbol) * (1 if place % 2 else 2)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def read_number(typed: str) -> str | None:
    """The number that somebody typed or scanned, as we write it; None if it cannot be one.

    Case, spaces and hyphens do not matter, nor whether `0` was read as O, `1` as I or L, `V` as U.
    """
    found = WRITTEN.fullmatch(re.sub(r"[\s\-–]", "", typed[:40]).upper())
    symbols = found[1].translate(LOOKALIKES) if found else ""
    return _written(symbols) if symbols and check_symbol(symbols[:DATA]) == symbols[DATA] else None


def _written(symbols: str) -> str:
    return f"R-{symbols[:4]}-{symbols[4:]}"
