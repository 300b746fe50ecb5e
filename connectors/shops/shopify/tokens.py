"""Whose access token a client uses, and where it gets another one when Shopify takes it no more."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Protocol

from connectors.errors import Refused
from connectors.shops.shopify.oauth import TokenEndpoint

EARLY = 300.0
"""Seconds before its end that a token is replaced."""


class Tokens(Protocol):
    """Who gives the token that counts now. Both calls raise `ConnectorError`."""

    def token(self) -> str:
        """One that is good for minutes yet."""

    def instead_of(self, refused: str) -> str:
        """Another one than that, which Shopify refused before its time. Raises `Refused` when there is none to be had."""


@dataclass(frozen=True)
class Given:
    """A token that the merchant copied from the shop; it lasts until it is revoked."""

    domain: str
    given: str = field(repr=False)

    def token(self) -> str:
        return self.given

    def instead_of(self, refused: str) -> str:
        raise Refused(f"{self.domain} does not accept our keys, or they lack a right")


class ClientCredentials:
    """Tokens of 24 hours, asked for anew. One process keeps its own: there is nothing to lose in them."""

    def __init__(self, endpoint: TokenEndpoint) -> None:
        self._endpoint = endpoint
        self._key: Hashable = (endpoint.domain, endpoint.client_id, endpoint.client_secret)

    def token(self) -> str:
        return self._current("")

    def instead_of(self, refused: str) -> str:
        return self._current(refused)

    def _current(self, refused: str) -> str:
        """The kept one unless it ends soon or is the refused one. Of several threads that find that at once, one asks."""
        with _lock_of(self._key):
            kept = _kept.get(self._key)
            if kept is None or kept.token == refused or time.monotonic() > kept.until - EARLY:
                _kept.pop(self._key, None)
                grant = self._endpoint.client_credentials()
                kept = _kept[self._key] = _Kept(grant.access_token, time.monotonic() + (grant.lasts or 3600.0))
            return kept.token


@dataclass(frozen=True)
class _Kept:
    token: str = field(repr=False)
    until: float


_kept: dict[Hashable, _Kept] = {}
_locks: dict[Hashable, threading.Lock] = {}
_locks_lock = threading.Lock()


def _lock_of(key: Hashable) -> threading.Lock:
    """One for each shop: a shop that answers slowly holds up nobody else's."""
    with _locks_lock:
        return _locks.setdefault(key, threading.Lock())
