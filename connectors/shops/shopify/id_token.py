"""Session tokens: what App Bridge proves with each request that somebody is logged in to a shop's admin and opened our app there.

A JWT, signed with the app's client secret (HS256), good for a minute. https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens
The library's own check (`shopify.session_token`) is not used: it takes a token without an end, and grants ten seconds of leeway.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.errors import NotTrusted
from connectors.shops.shopify.addresses import shop_of

ALGORITHM = "HS256"
"""The only one: a token may not choose how it is checked (RFC 8725, 3.1)."""
LEEWAY = 5.0
"""Seconds that Shopify's clock and ours may differ."""
LIVES = 600.0
"""Seconds that a token may have before it. Shopify's have a minute: one that lasts for ever was not made there."""
LONGEST = 4096
"""Characters; Shopify's have about 500."""
NEEDED = ["iss", "dest", "aud", "sub", "exp", "nbf", "iat", "jti", "sid"]


@dataclass(frozen=True)
class IdToken:
    """Who is there."""

    shop: str
    """`name.myshopify.com`"""
    user: str
    """Shopify's id of the member of staff."""
    session: str
    token_id: str
    expires_at: datetime


def verified(token: str, client_id: str, secrets: Sequence[str]) -> IdToken:
    """What the token says. `secrets`: the app's client secret, and the previous one while it is being replaced. Raises `NotTrusted`."""
    usable = [secret for secret in secrets if secret]
    if not client_id or not usable or len(token) > LONGEST:
        raise NotTrusted
    found = [claims for secret in usable if (claims := _claims(token, client_id, secret)) is not None]
    if not found:
        raise NotTrusted
    return _read(found[0], client_id)


def _claims(token: str, client_id: str, secret: str) -> dict[str, Any] | None:
    import jwt  # when somebody comes from Shopify: no start waits for it

    try:
        return jwt.decode(token, secret, algorithms=[ALGORITHM], audience=client_id, leeway=LEEWAY, options={"require": NEEDED})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError):
        return None


def _read(claims: dict[str, Any], client_id: str) -> IdToken:
    """The claims that the JWT standard leaves to us: whose it is stands twice in it, and both must say the same."""
    texts = {name: value for name in ("iss", "dest", "sub", "jti", "sid") if isinstance(value := claims[name], str) and value}
    shop, end = shop_of(texts.get("dest", "")), int(claims["exp"])
    sound = len(texts) == 5 and shop and shop_of(texts["iss"], "/admin") == shop and claims["aud"] == client_id
    if not sound or end > time.time() + LIVES:
        raise NotTrusted
    return IdToken(shop, texts["sub"], texts["sid"], texts["jti"], datetime.fromtimestamp(end, UTC))
