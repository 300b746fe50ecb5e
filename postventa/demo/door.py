"""HTTP to our own service on this machine, as the shops' servers and the customers' browsers speak it. It goes nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException  # noqa: TID251  (plays the other side: shops and customers at our door)
from urllib.parse import urlsplit

TIMEOUT = 15.0
"""Seconds for one request."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def knock(method: str, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """One request, no redirects followed. `address` must be of this machine. Raises `OSError` when nobody answers."""
    parts = urlsplit(address)
    if parts.hostname != "127.0.0.1":
        raise ValueError(f"{address}: the demonstration talks to its own service only")
    connection = HTTPConnection(parts.hostname, parts.port or 80, timeout=TIMEOUT)
    try:
        connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    except HTTPException as error:
        raise OSError(f"{address}: {type(error).__name__}") from error
    finally:
        connection.close()
