"""What the QR codes that we print and show for a return say: an address that any telephone's own camera opens, without a program of ours.

It leads to the warehouse's page about that return, which asks whoever opens it to sign in; it tells nothing but the number beside it. A reader at the
desk types it whole, and the number is found in it. Carriers' codes are theirs and stay as they are.
"""

from __future__ import annotations

from postventa.config import Settings

LONGEST = 120
"""Bytes: with more the modules of the printed code get too small for an old telephone."""


def code_text(settings: Settings, number: str) -> str:
    """The number alone where no telephone could open our pages, or their address is too long."""
    address = f"{settings.public_url}/returns-desk/scan?code={number}"
    open_to_telephones = settings.public_url.startswith("https://")
    return address if open_to_telephones and len(address.encode()) <= LONGEST else number
