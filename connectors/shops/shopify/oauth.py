"""How an app gets access tokens for a shop: the four grants of Shopify's token endpoint, and the page on which a merchant agrees.

Public apps get tokens for an hour, with a refresh token for 90 days: others are refused from 2027 on.
https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from connectors.errors import ConnectorError, Refused
from connectors.http import Answer, Door, refusal
from connectors.reading import WORD, Part

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - a kind of token (RFC 8693), not one
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
LONGEST = 2000
"""Characters of a token; Shopify promises no length."""


class NotGranted(Refused):
    """Shopify gives no token. `word`: its own for it, such as `invalid_client` or `shop_not_permitted`; empty: it said none."""

    def __init__(self, message: str, word: str = "") -> None:
        super().__init__(message)
        self.word = word


@dataclass(frozen=True)
class Grant:
    """What Shopify gave. Seconds count from the answer; 0: it named no end."""

    access_token: str = field(repr=False)
    lasts: float
    scopes: tuple[str, ...] = ()
    refresh_token: str = field(default="", repr=False)
    refresh_lasts: float = 0.0


@dataclass(frozen=True)
class TokenEndpoint:
    """One shop's. `base`: a development shop's address instead of Shopify's."""

    domain: str
    client_id: str
    client_secret: str = field(repr=False)
    door: Door = field(repr=False)
    base: str = ""

    def exchange(self, id_token: str) -> Grant:
        """A session token of somebody who has the app open, for tokens of the app's own. The one before lives out its hour.

        https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/token-exchange
        """
        return self._ask(
            {
                "grant_type": EXCHANGE,
                "subject_token": id_token,
                "subject_token_type": ID_TOKEN,
                "requested_token_type": OFFLINE,
                "expiring": "1",
            }
        )

    def redeem(self, code: str) -> Grant:
        """The code that a merchant's browser brought, for tokens; once."""
        return self._ask({"code": code, "expiring": "1"}, repeatable=False)

    def refresh(self, refresh_token: str) -> Grant:
        """A new pair. The old refresh token may be used again until the new pair was used for the first time, so an answer that was lost is no loss.

        https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens
        """
        return self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def client_credentials(self) -> Grant:
        """A token for 24 hours, for an app of the merchant's own in the merchant's own shop.

        https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
        """
        return self._ask({"grant_type": "client_credentials"})

    def _ask(self, form: Mapping[str, str], *, repeatable: bool = True) -> Grant:
        ours = {"client_id": self.client_id, "client_secret": self.client_secret}
        kind = {name: form[name] for name in ("grant_type",) if name in form}
        body = urlencode({**kind, **ours, **form}).encode()
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        url = f"{self.base or f'https://{self.domain}'}/admin/oauth/access_token"
        return self._read(self.door.send("POST", url, headers=headers, body=body, repeatable=repeatable))

    def _read(self, answer: Answer) -> Grant:
        if answer.status in (400, 401, 403):
            word = _said(answer)
            told = f"{self.domain} gives no access token: the app was removed, or its client secret was replaced"
            raise NotGranted(f"{told} ({word})" if word else told, word)
        if answer.status >= 400:
            raise refusal(answer, self.domain)
        found = Part(answer.json(self.domain))
        token = found.text("access_token", LONGEST)
        if not token:
            raise ConnectorError(f"{self.domain} gave no access token", permanent=True)
        scopes = tuple(sorted(filter(None, (scope.strip() for scope in found.text("scope", LONGEST).split(",")))))
        lasts, refresh_lasts = (_seconds(found.raw.get(name)) for name in ("expires_in", "refresh_token_expires_in"))
        return Grant(token, lasts, scopes, found.text("refresh_token", LONGEST), refresh_lasts)


def _seconds(value: object) -> float:
    """At most a year: whatever Shopify says, a token is looked at again by then."""
    return min(float(value), 365 * 86400.0) if isinstance(value, int | float) and value > 0 else 0.0


def _said(answer: Answer) -> str:
    """Shopify's word for it, such as `invalid_client`; nothing of what we sent can stand there."""
    try:
        word = Part(answer.json("")).text("error", WORD)
    except ConnectorError:
        word = ""
    return word if word.replace("_", "").isalpha() else ""


def authorize_url(domain: str, client_id: str, redirect_uri: str, state: str, scopes: Collection[str] = ()) -> str:
    """Where the merchant agrees. `scopes` stay empty for an app whose scopes stand in `shopify.app.toml`."""
    asked = {"scope": ",".join(scopes)} if scopes else {}
    return f"https://{domain}/admin/oauth/authorize?{urlencode({'client_id': client_id, **asked, 'redirect_uri': redirect_uri, 'state': state})}"
