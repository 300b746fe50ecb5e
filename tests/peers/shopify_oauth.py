"""Shopify's token endpoint for one shop: four grants, tokens that end, refresh tokens that rotate, and removal of the app.

What it does with a refresh token that was used: it may be used again until one of the new pair was, and no longer.
https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.peers.shop import Reply

HOUR, DAY = 3600.0, 86400.0
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
NOT_OURS = Reply(400, {"error": "invalid_client", "error_description": "Client authentication failed"})
NOT_GRANTED = Reply(400, {"error": "invalid_grant", "error_description": "This refresh token is not active."})


def segment(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def id_token(domain: str, client_id: str, secret: str, now: float = 0.0, header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A session token as App Bridge gets it, put together without a library. `changes`: other claims; None leaves one out."""
    now = now or time.time()
    claims = {
        "iss": f"https://{domain}/admin", "dest": f"https://{domain}", "aud": client_id, "sub": "42", "exp": int(now) + 60, "nbf": int(now),
        "iat": int(now), "jti": "f8912129-1af6-4cad-9ca3-76b0f7621087", "sid": "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685",
    }  # fmt: skip
    said = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    message = f"{segment(header or {'alg': 'HS256', 'typ': 'JWT'})}.{segment(said)}"
    signature = base64.urlsafe_b64encode(hmac.digest(secret.encode(), message.encode(), hashlib.sha256)).rstrip(b"=").decode()
    return f"{message}.{signature}"


@dataclass
class Pair:
    """An access token, its end, and the refresh token that goes with it."""

    access: str
    until: float
    refresh: str = ""
    refresh_until: float = 0.0
    previous: str = ""
    """The refresh token that this pair came from: good until this pair is used."""


@dataclass
class TokenOffice:
    """`apps`: client_id -> client_secret. `codes`: what merchants' browsers bring, each once. `now`: Unix time."""

    domain: str
    apps: dict[str, str] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    scopes: tuple[str, ...] = ()
    now: Callable[[], float] = time.time
    pairs: list[Pair] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)
    """What was asked for and given, in this order: `exchange`, `code`, `refresh`, `client_credentials`."""
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, form: dict[str, str]) -> Reply:
        with self._lock:
            secret = self.apps.get(form.get("client_id", ""))
            if secret is None or secret != form.get("client_secret"):
                return NOT_OURS
            kind = form.get("grant_type", "code" if "code" in form else "")
            does = {EXCHANGE: self._exchange, "refresh_token": self._refresh, "client_credentials": self._credentials, "code": self._redeem}
            return does[kind](form) if kind in does else Reply(400, {"error": "unsupported_grant_type"})

    def takes(self, token: str) -> bool:
        """Whether the API lets this access token in; a pair that is used ends the refresh token that it came from."""
        with self._lock:
            pair = next((pair for pair in self.pairs if pair.access == token), None)
            if pair is None or pair.until <= self.now():
                return False
            pair.previous = ""
            return True

    def end_access(self) -> None:
        """All access tokens are revoked; refresh tokens are not."""
        for pair in self.pairs:
            pair.until = 0.0

    def uninstall(self) -> None:
        """The merchant removed the app: nothing that it has counts any more."""
        self.pairs.clear()
        self.codes.clear()

    def _exchange(self, form: dict[str, str]) -> Reply:
        head, _, signature = form.get("subject_token", "").rpartition(".")
        right = hmac.digest(form["client_secret"].encode(), head.encode(), hashlib.sha256)
        claims = json.loads(base64.urlsafe_b64decode(head.partition(".")[2] + "==")) if head else {}
        if signature.encode() != base64.urlsafe_b64encode(right).rstrip(b"=") or claims.get("dest") != f"https://{self.domain}":
            return Reply(400, {"error": "invalid_subject_token", "error_description": "Subject token is not valid"})
        if form.get("requested_token_type") != "urn:shopify:params:oauth:token-type:offline-access-token":
            return Reply(400, {"error": "invalid_request"})
        return self._anew("exchange", form)

    def _redeem(self, form: dict[str, str]) -> Reply:
        if form["code"] not in self.codes:
            return Reply(400, {"error": "invalid_request", "error_description": "The authorization code was not found or was already used"})
        self.codes.discard(form["code"])
        return self._anew("code", form)

    def _anew(self, kind: str, form: dict[str, str]) -> Reply:
        """One refresh token for each app and shop: those before end at once, access tokens live out their hour."""
        for pair in self.pairs:
            pair.refresh, pair.previous = "", ""
        if form.get("expiring") != "1":
            return Reply(400, {"error": "invalid_request", "error_description": "Public apps must use expiring offline access tokens"})
        return self._given(kind)

    def _refresh(self, form: dict[str, str]) -> Reply:
        brought = form.get("refresh_token", "")
        for pair in self.pairs:
            if brought and pair.refresh == brought and pair.refresh_until > self.now():
                pair.previous = ""
                pair.refresh = ""
                return self._given("refresh", brought)
            if brought and pair.previous == brought:
                self.pairs.remove(pair)
                return self._given("refresh", brought)
        return NOT_GRANTED

    def _credentials(self, form: dict[str, str]) -> Reply:
        self.grants.append("client_credentials")
        pair = Pair(f"shpat_own_{next(self._numbers)}", self.now() + DAY)
        self.pairs.append(pair)
        return Reply(document={"access_token": pair.access, "scope": ",".join(self.scopes), "expires_in": 86399})

    def _given(self, kind: str, previous: str = "") -> Reply:
        self.grants.append(kind)
        number = next(self._numbers)
        pair = Pair(f"shpat_access_{number}", self.now() + HOUR, f"shprt_refresh_{number}", self.now() + 90 * DAY, previous)
        self.pairs.append(pair)
        return Reply(
            document={
                "access_token": pair.access, "expires_in": 3600, "refresh_token": pair.refresh, "refresh_token_expires_in": 7776000,
                "scope": ",".join(self.scopes),
            }
        )  # fmt: skip
