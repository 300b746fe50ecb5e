"""karrio's one way out, `urlopen`, led through our own HTTP door: public addresses, certificates that are checked, time limits, size limits.

karrio calls `urlopen` in `karrio.core.utils.helpers` for everything that it asks, without a time limit, and turns the check of certificates off for
the whole process when it is loaded.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request

from connectors.errors import ConnectorError
from connectors.http import Answer, Door

TOKEN = "/token"  # noqa: S105 - a part of an address
"""Where carriers give out tokens: asking for one changes nothing."""
NEEDLESS = ("/track/v1/trackingdocuments",)
"""FedEx's picture of who signed, which karrio fetches of each parcel that arrived: nobody here looks at it, so nobody asks for it."""


class Said:
    """An answer as karrio reads one."""

    def __init__(self, answer: Answer, url: str) -> None:
        self.status, self.headers, self.url, self._body = answer.status, _headers(answer), url, answer.body

    def read(self) -> bytes:
        return self._body

    def __enter__(self) -> Said:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@dataclass
class Bridge:
    """One question's calls. `url`: another address than the carrier's, for trying out. `writes`: the question changes something there."""

    door: Door
    url: str = ""
    writes: bool = False
    writing: Callable[[], None] = lambda: None
    """Called before something goes out that cannot be taken back."""
    written: bool = False
    trouble: ConnectorError | None = None
    """Why there was no answer."""
    answers: list[Answer] = field(default_factory=list)

    def urlopen(self, request: Request, *_: Any, **__: Any) -> Said:
        """Raises `HTTPError` for a refusal, as karrio expects it, and `ConnectorError` for whatever is no answer."""
        address, method = self._moved(request.full_url), request.get_method()
        if urlsplit(address).path in NEEDLESS:
            raise ConnectorError("nobody needs that", permanent=True)
        try:
            self._look_out(method, address)
            body = request.data if isinstance(request.data, bytes) else None
            answer = self.door.send(method, address, headers=dict(request.header_items()), body=body, repeatable=False)
        except ConnectorError as error:
            self.trouble = error
            raise
        self.answers.append(answer)
        if answer.status >= 400:
            raise HTTPError(request.full_url, answer.status, f"HTTP {answer.status}", _headers(answer), io.BytesIO(answer.body))
        return Said(answer, request.full_url)

    def _look_out(self, method: str, address: str) -> None:
        """The library may ask again for what only reads; what changes something goes out once, whatever it thinks of the answer."""
        if not self.writes or method == "GET" or urlsplit(address).path.endswith(TOKEN):
            return
        if self.written:
            raise ConnectorError("karrio wanted to send the same a second time, which it may not")
        self.written = True
        self.writing()

    def _moved(self, address: str) -> str:
        if not self.url:
            return address
        parts = urlsplit(address)
        return f"{self.url.rstrip('/')}{parts.path}{f'?{parts.query}' if parts.query else ''}"


def _headers(answer: Answer) -> Message:
    made = Message()
    for name, value in answer.headers.items():
        made[name] = value
    return made
