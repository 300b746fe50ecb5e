"""Who signed these bytes? The same amount of work whether the header is right, wrong, malformed or missing."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from connectors.errors import BadSignature

_NOBODY = b"nobody signs with this; it only keeps the clock busy"
_SHAPELESS = bytes(hashlib.sha256().digest_size)
_ROUNDS = 2
"""Current and previous secret: a shop with one secret, and an address that belongs to no shop, take as long as one with two."""


def signer(body: bytes, signature: str, keys: Sequence[bytes]) -> int:
    """The index of the key whose HMAC-SHA256 over `body` is `signature` (base64).

    An empty key never signs anything: anybody could. Raises `BadSignature`.
    """
    return _signer(body, _decode(signature), keys)


def hex_signer(body: bytes, signature: str, keys: Sequence[bytes]) -> int:
    """The same for a signature in hexadecimal digits."""
    return _signer(body, _unhex(signature), keys)


def _signer(body: bytes, given: bytes, keys: Sequence[bytes]) -> int:
    found = -1
    for index in range(max(len(keys), _ROUNDS)):
        key = keys[index] if index < len(keys) else b""
        digest = hmac.digest(key or _NOBODY, body, "sha256")  # in one call of OpenSSL
        same = hmac.compare_digest(digest, given or _SHAPELESS)
        if same and key and given and found < 0:
            found = index
    if found < 0:
        raise BadSignature
    return found


def _decode(signature: str) -> bytes:
    """The 32 bytes that a well-formed header stands for, else nothing. Only the one canonical spelling is accepted."""
    try:
        text = signature.strip().encode("ascii")
        digest = base64.b64decode(text, validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return b""
    return digest if len(digest) == len(_SHAPELESS) and base64.b64encode(digest) == text else b""


def _unhex(signature: str) -> bytes:
    """The same for hexadecimal digits, in small letters and without anything between them."""
    text = signature.strip()
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        return b""
    return digest if len(digest) == len(_SHAPELESS) and digest.hex() == text else b""


class Lowered(dict[str, str]):
    """Headers by lower-case name."""


def lowered(headers: Mapping[str, str]) -> Lowered:
    """The headers by lower-case name. One that came twice keeps both values, so that no check can be fooled by the order."""
    if isinstance(headers, Lowered):
        return headers
    result = Lowered()
    for name, value in headers.items():
        key = name.lower()
        result[key] = f"{result[key]},{value}" if key in result else value
    return result
