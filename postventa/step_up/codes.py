"""The six digits: derived, so that a mail that is rendered again carries the same ones, and that no copy of the database holds them. Pure."""

from __future__ import annotations

import hmac
import re
import secrets

from postventa.step_up.scope import Scope

DOMAIN = b"postventa/one-time-code/1"
"""Keeps these HMACs apart from every other use of the same secret."""
LENGTH = 6
"""Digits."""
_CODE = re.compile(rf"[0-9]{{{LENGTH}}}")
LONGEST = 40
"""Signs of what was typed in that are looked at."""


def new_salt() -> str:
    """128 random bits."""
    return secrets.token_hex(16)


def derived(secret: bytes, salt: str, scope: Scope) -> str:
    """The code for that scope. (2^64 is no multiple of a million: some codes are likelier than others by less than one in 10^13.)"""
    digest = hmac.digest(secret, b"\0".join((DOMAIN, salt.encode(), scope.words)), "sha256")
    return f"{int.from_bytes(digest[:8]) % 10**LENGTH:0{LENGTH}d}"


def tidy(typed: str) -> str:
    """A code as people type or paste it (`482 913`, `482-913.`); empty: it cannot be one."""
    digits = "".join(sign for sign in typed[:LONGEST] if not sign.isspace() and sign not in "-.·")
    return digits if _CODE.fullmatch(digits) else ""


def same(one: str, other: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())
