"""Telephone numbers as carriers want them: `+34600111222` (E.164). Pure."""

from __future__ import annotations

import re

DIALLED = {
    "ES": ("34", "", 9), "PT": ("351", "", 9), "FR": ("33", "0", 9), "DE": ("49", "0", 0), "AT": ("43", "0", 0), "IT": ("39", "", 0),
    "BE": ("32", "0", 0), "NL": ("31", "0", 9), "IE": ("353", "0", 0), "GB": ("44", "0", 0), "AD": ("376", "", 0),
}  # fmt: skip
"""Country -> its prefix, what is left out behind it, and how many digits a number has there; 0: that differs."""
LONGEST = 40
WHOLE = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)


def international(typed: str, country: str) -> str:
    """The number as it is dialled from anywhere; empty for what cannot be one."""
    if len(typed) > LONGEST or re.search(r"[^\d\s()./+\-\u2010-\u2015\u00a0]", typed, re.ASCII):
        return ""
    digits = re.sub(r"[^\d+]", "", typed)
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    if not digits.startswith("+"):
        digits = _at_home(digits, country.upper())
    prefix, _trunk, length = DIALLED.get(country.upper(), ("", "", 0))
    own = digits.removeprefix(f"+{prefix}") if prefix and digits.startswith(f"+{prefix}") else ""
    if not WHOLE.fullmatch(digits) or (own and length and len(own) != length) or len(set(own or digits[-8:])) < 2:
        return ""
    return digits


def _at_home(digits: str, country: str) -> str:
    """Written as it is dialled in that country."""
    prefix, trunk, length = DIALLED.get(country, ("", "", 0))
    if not prefix or (length and len(digits.removeprefix(trunk)) != length):
        return ""
    return f"+{prefix}{digits.removeprefix(trunk)}"


def last_digits(number: str) -> str:
    """Enough to recognise one's own: `22`."""
    return number[-2:]
