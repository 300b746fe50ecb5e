"""What a browser keeps once it is proved: a value that only this service can make, good for one scope and half an hour. Pure."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta

from postventa.step_up.scope import Scope

DOMAIN = b"postventa/step-up/1"
"""Keeps these HMACs apart from every other use of the same secret."""
LIVES = timedelta(minutes=30)
_PROOF = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})", re.ASCII)


def name(secret: bytes, scope: Scope) -> str:
    """By what the browser keeps it: one for each scope, and from the outside nobody sees what for."""
    return _hash(secret, "name", scope, "")[:16]


def made(secret: bytes, scope: Scope, now: datetime) -> str:
    """The proof, from now on."""
    until = str(int((now + LIVES).timestamp()))
    return f"{until}.{_hash(secret, 'proof', scope, until)}"


def holds(secret: bytes, scope: Scope, told: str, now: datetime) -> bool:
    """Whether that is a proof for this scope, and not over."""
    found = _PROOF.fullmatch(told)
    if found is None or not hmac.compare_digest(found[2], _hash(secret, "proof", scope, found[1])):
        return False
    return now < datetime.fromtimestamp(int(found[1]), UTC)


def _hash(secret: bytes, use: str, scope: Scope, until: str) -> str:
    return hmac.digest(secret, b"\0".join((DOMAIN, use.encode(), until.encode(), scope.words)), "sha256").hex()
