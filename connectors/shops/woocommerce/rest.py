"""How one shop's REST API is addressed and how a request is signed: the only file that imports the vendor's library, `woocommerce`.

The library knows both (`API`, `OAuth`); what it does not have is protection against private addresses, redirects and endless answers, and it
offers no place to put a session of ours. So it prepares the request and our door sends it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from woocommerce import API
from woocommerce.oauth import OAuth

from connectors.errors import ConnectorError, Unreadable
from connectors.http import Answer, Door
from connectors.reading import Part, parse

TIMEOUT = 10
HEADER, QUERY = "header", "query"
"""Where the keys go over TLS. Some servers drop `Authorization`, so that WooCommerce never sees it; then they go into the address:
https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication-over-https"""


@dataclass(frozen=True)
class Keys:
    """A REST key of WooCommerce: `ck_...` and `cs_...`. Never shown."""

    key: str
    secret: str

    def __repr__(self) -> str:
        return "Keys(...)"


class Rest:
    """One shop's API."""

    def __init__(self, url: str, keys: Keys, door: Door, keys_in: str = HEADER) -> None:
        """`url`: where WordPress is. `keys_in`: `HEADER` or `QUERY`, over TLS. Raises `ConnectorError` without keys."""
        self._api = API(url, keys.key, keys.secret, version="wc/v3", timeout=TIMEOUT)
        self._door, self._keys_in = door, keys_in
        if not (self._api.consumer_key and self._api.consumer_secret):
            raise ConnectorError(f"{self.url} needs consumer_key and consumer_secret", permanent=True)

    @property
    def url(self) -> str:
        """As it was given."""
        return str(self._api.url)

    def get(self, endpoint: str, params: dict[str, str] | None = None) -> Answer:
        """One question, whatever its answer's status."""
        return self.send("GET", endpoint, params or {})

    def send(self, method: str, endpoint: str, params: dict[str, str], document: dict[str, Any] | None = None) -> Answer:
        """One request, addressed and signed as the library does it: Basic over TLS, OAuth 1.0a (in the query) over plain http."""
        api = self._api
        headers = {"User-Agent": str(api.user_agent), "Accept": "application/json"}
        if document is not None:
            headers["Content-Type"] = "application/json;charset=utf-8"
        if api.is_ssl and self._keys_in == QUERY:
            params = {**params, "consumer_key": api.consumer_key, "consumer_secret": api.consumer_secret}
        elif api.is_ssl:
            headers["Authorization"] = "Basic " + b64encode(f"{api.consumer_key}:{api.consumer_secret}".encode()).decode()
        url = f"{self.url.rstrip('/')}/wp-json/{api.version}/{endpoint}"
        url = f"{url}?{urlencode(params)}" if params else url
        if not api.is_ssl:
            url = OAuth(url, api.consumer_key, api.consumer_secret, version=api.version, method=method).get_oauth_url()
        return self._door.send(method, url, headers=headers, body=None if document is None else json.dumps(document).encode())


def code_of(answer: Answer) -> str:
    """WooCommerce's own word for what is wrong; its `message` is in the site's language."""
    try:
        return Part(parse(answer.body)).text("code")
    except Unreadable:
        return ""
