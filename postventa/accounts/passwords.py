"""Passwords: argon2id, and the only file that imports argon2-cffi (https://argon2-cffi.readthedocs.io).

`cryptography` has an Argon2id too; with it two sign-ins at once waited for each other for ever (cryptography 50.0.2, OpenSSL's pool of threads).
"""

from __future__ import annotations

import base64
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256
"""Characters. NIST SP 800-63B asks for 8 with a second factor."""
VARIETY = 5
"""Different characters, at least."""
AT_ONCE, PATIENCE = 2, 5.0
"""Each hash takes 64 MiB and a processor: so many at a time in a process, and so many seconds of waiting for a turn."""
HASHER = PasswordHasher()
"""The library's defaults follow RFC 9106; they may grow with it, and old hashes are then renewed at the next sign-in."""
_turns = threading.BoundedSemaphore(AT_ONCE)


class Busy(RuntimeError):
    """Too many passwords are checked at this moment: come again."""


def weakness(password: str, email: str = "") -> str:
    """Why it will not do: "short", "long" or "simple"; empty: it will."""
    text = _normal(password)
    if len(text) < SHORTEST:
        return "short"
    if len(text) > LONGEST:
        return "long"
    name = email.partition("@")[0].lower()
    return "simple" if len(set(text)) < VARIETY or text.lower() in (email.lower(), name) else ""


def hashed(password: str) -> str:
    """argon2id with its parameters and salt in it. Raises `Busy`."""
    with _turn():
        return HASHER.hash(_normal(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether it is the one; without anything stored it takes as long and is not. Raises `Busy`."""
    with _turn():
        try:
            HASHER.verify(stored or _nobodys(), _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    """A hash of today's parameters that no password has; nothing is computed for it, so the first stranger waits as long as the second."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (HASHER.salt_len, HASHER.hash_len))
    return f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}${salt}${digest}"


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise Busy("too many passwords are checked at this moment")
    try:
        yield
    finally:
        _turns.release()


def _normal(password: str) -> str:
    """One way of writing for each character: keyboards differ in how they make an accent (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFC", password[: 4 * LONGEST])
