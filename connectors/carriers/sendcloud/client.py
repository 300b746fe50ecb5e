"""Sendcloud's API over our door: keys, addresses of its parts, and its refusals in plain words.

https://sendcloud.dev/docs/getting-started/authentication - HTTP Basic with the public and the secret key of an integration of the kind "API".
1,000 reads and 100 writes a minute for each account, whatever the number of keys; more is answered with 429.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from connectors.carriers.base import Account
from connectors.errors import ConnectorError
from connectors.http import Answer, refusal
from connectors.reading import Part, line

WHO = "Sendcloud"
API = "https://panel.sendcloud.sc/api"
NEEDED = ("public_key", "secret_key")
PDF = b"%PDF-"


@dataclass(frozen=True)
class Api:
    """One account. Whatever is not answered as it should be is a `ConnectorError`."""

    account: Account

    def __post_init__(self) -> None:
        missing = [name for name in NEEDED if not self.account.keys.get(name)]
        if missing:
            raise ValueError(
                f"{WHO} needs {' and '.join(missing)} in [shops.carriers.sendcloud]: Sendcloud shows them under Settings, Integrations, API"
            )

    def read(self, path: str) -> Any:
        """`GET`: what it says, as JSON."""
        return self._good(self.ask("GET", path)).json(WHO)

    def write(self, method: str, path: str, document: Any = None) -> Any:
        """What it says to a change, as JSON."""
        return self._good(self.ask(method, path, document)).json(WHO)

    def file(self, path: str) -> bytes:
        """A PDF."""
        answer = self._good(self.ask("GET", path, accept="application/pdf"))
        if not answer.body.startswith(PDF):
            raise ConnectorError(f"{WHO} answered with something that is no PDF", retry_after=answer.retry_after)
        return answer.body

    def ask(self, method: str, path: str, document: Any = None, accept: str = "application/json") -> Answer:
        """One call, whatever it is answered with. Only reading is repeated by itself."""
        keys = self.account.keys
        secret = base64.b64encode(f"{keys['public_key']}:{keys['secret_key']}".encode()).decode()
        headers = {"Authorization": f"Basic {secret}", "Accept": accept}
        body = None
        if document is not None:
            headers["Content-Type"], body = "application/json", json.dumps(document).encode()
        return self.account.door.send(method, f"{(keys.get('url') or API).rstrip('/')}{path}", headers=headers, body=body)

    def _good(self, answer: Answer) -> Answer:
        if answer.status >= 400:
            raise refused(answer)
        return answer


def refused(answer: Answer) -> ConnectorError:
    """What it says against a request, with its own words if it has any (v3: `errors`, v2: `error`)."""
    try:
        said = Part(json.loads(answer.body))
    except (ValueError, RecursionError):
        said = Part({})
    old = said.part("error")
    words = [_one(part) for part in said.parts("errors")] or [old.text("message", 300)] if said else []
    return refusal(answer, WHO, "; ".join(word for word in words if word)[:500])


def _one(error: Part) -> str:
    where = error.text("field") or line(error.part("source").raw.get("pointer"))
    said = error.text("message", 300) or error.text("detail", 300)
    return f"{where}: {said}" if where and said else said
