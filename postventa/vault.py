"""Secrets at rest: AES-256-GCM with a key derived from the installation's secret; the row's identity is authenticated with it."""

from __future__ import annotations

import json
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"


def seal(secret: bytes, values: dict[str, Any], where: str) -> bytes:
    """Encrypt `values`; `where` (table, row, column) must be the same when they are opened."""
    return seal_bytes(secret, json.dumps(values).encode(), where)


def unseal(secret: bytes, sealed: bytes, where: str) -> dict[str, Any]:
    """What `seal` was given. Raises `cryptography.exceptions.InvalidTag` for another secret, row or a changed byte."""
    opened: dict[str, Any] = json.loads(unseal_bytes(secret, sealed, where))
    return opened


def seal_bytes(secret: bytes, content: bytes, where: str) -> bytes:
    """The same for a file."""
    nonce = os.urandom(12)
    return VERSION + nonce + AESGCM(_key(secret)).encrypt(nonce, content, where.encode())


def unseal_bytes(secret: bytes, sealed: bytes, where: str) -> bytes:
    """What `seal_bytes` was given. Raises `cryptography.exceptions.InvalidTag`."""
    return AESGCM(_key(secret)).decrypt(sealed[1:13], sealed[13:], where.encode())


def _key(secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"postventa secrets at rest").derive(secret)
