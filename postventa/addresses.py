"""Where customers find a shop's pages: public names of shops, and whole addresses for mails.

A shop's key is a secret (its deliveries come in under it), so pages have another name: the shop's, with its number and a few signs that only the
service can compute. Nobody can count up through the shops of an installation; a shop that changes its name keeps its old addresses.
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata

DOMAIN = b"postventa/public-name/1"
"""Keeps these HMACs apart from every other use of the same secret."""
LONGEST = 120
"""Signs of a name that is looked at at all."""
_CODE = re.compile(r"(?:.*-)?([1-9][0-9]{0,17})([a-z]{5})", re.ASCII)


def public_name(secret: bytes, shop_id: int, name: str) -> str:
    """`zapateria-mara-7kqxvp`: the name for people, the number and its proof for us."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    return f"{slug}-{shop_id}{_proof(secret, shop_id)}" if slug else f"{shop_id}{_proof(secret, shop_id)}"


def shop_number(secret: bytes, name: str) -> int | None:
    """The id of the shop that a public name leads to; None for a name that is none of ours."""
    found = _CODE.fullmatch(name) if len(name) <= LONGEST else None
    if found is None or not hmac.compare_digest(found[2], _proof(secret, int(found[1]))):
        return None
    return int(found[1])


def track_page(site: str, token: str) -> str:
    """The whole address of an order's page. `site`: where the shop's pages are (`Settings.pages_url`), as in the next three."""
    return f"{site}/t/{token}"


def look_up_page(site: str, shop: str) -> str:
    """The whole address where a customer of `shop` (its public name) asks for a link."""
    return f"{site}/track/{shop}"


def withdraw_page(site: str, shop: str) -> str:
    """The whole address of a shop's withdrawal function."""
    return f"{site.rstrip('/')}/withdraw/{shop}"


def return_page(site: str, token: str, number: str = "") -> str:
    """The whole address where something of an order is sent back, by the order's own link; of one return if there is its number."""
    page = f"{site}/r/{token}"
    return f"{page}/{number}" if number else page


def _proof(secret: bytes, shop_id: int) -> str:
    """Five letters, so that they cannot be taken for a part of the number."""
    digest = hmac.digest(secret, DOMAIN + b"\0" + str(shop_id).encode(), "sha256")
    return re.sub(r"[^a-z]", "", base64.b32encode(digest).decode().lower())[:5].ljust(5, "x")
