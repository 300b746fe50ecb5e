"""Whether a way of sending is there and gives a code instead of a label: https://sendcloud.dev/api/v3/shipping-options."""

from __future__ import annotations

from typing import Any

from connectors.reading import WORD, Part, clean


def wanted(code: str) -> dict[str, Any]:
    """Asked for one way only, and for no price."""
    return {"shipping_option_code": code, "calculate_quotes": False}


def why_no_qr(code: str, told: Part) -> str:
    """Why not, in words that follow a colon; empty: it does."""
    found = next((one for one in told.parts("data") if one.text("code", WORD) == code), None)
    if found is None:
        return f'this account has no way of sending called "{clean(code)[:WORD]}"'
    return "" if found.part("functionalities").flag("labelless") else f'"{clean(code)[:WORD]}" gives a label to print, and no code'
