"""Random tokens and keyed hashes: what is stored opens nothing."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
DOMAIN = b"postventa/account/1"
"""Keeps these HMACs apart from every other use of the same secret."""


def draw() -> str:
    """256 random bits, url-safe."""
    return secrets.token_urlsafe(32)


def well_formed(token: str) -> bool:
    """Whether it may be one of ours: nothing else is looked for in the database."""
    return TOKEN.fullmatch(token) is not None


def fingerprint(token: str) -> str:
    """What is stored of a token. It is random, so no slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def keyed(secret: bytes, purpose: str, text: str) -> str:
    """A hash that nobody without the installation's secret can compute or try out."""
    return hmac.digest(secret, b"\0".join((DOMAIN, purpose.encode(), text.encode("utf-8", "replace"))), "sha256").hex()


def same(one: str, other: str) -> bool:
    """Compare without telling by the time it takes how far they agree."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
