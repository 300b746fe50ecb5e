"""`POST /webhooks/<platform>/<key>`: verify -> store raw, durable -> wake a worker -> 200 (promises.md 1). As pages of the web application.

In a running service `postventa/runtime/front.py` takes deliveries before they get here; the rules are the same ones, of `webhooks/reception.py`.
"""

from __future__ import annotations

import logging
import time
from typing import BinaryIO, cast

from flask import Blueprint, Response, current_app, request

from connectors.signing import lowered
from webhooks.inbox import Inbox, Overloaded, Raw
from webhooks.reception import LATER, SHARED, TAKEN, Answer, Reception

log = logging.getLogger("postventa.webhooks")
blueprint = Blueprint("webhooks", __name__)

PIECE = 64 * 1024
REFUSED, REFUSED_WITHIN = 64 * 1024 * 1024, 2.0
"""Bytes and seconds for which a refused body is listened to before the answer."""


@blueprint.post("/webhooks/<platform>/<key>")
def by_key(platform: str, key: str) -> Response:
    """One shop's own address."""
    return _receive(f"{platform}/{key}")


@blueprint.post("/webhooks/shopify")
def shopify_app() -> Response:
    """One address for all shops of a Shopify app."""
    return _receive(SHARED)


def _receive(path: str) -> Response:
    reception, headers = cast(Reception, current_app.extensions["postventa.reception"]), lowered(dict(request.headers))
    refusal = reception.unread(headers)
    body = b"" if refusal else _read(reception.max_body + 1)
    verdict = refusal or reception.judge(path, headers, body, request.remote_addr)
    if isinstance(verdict, Raw):
        verdict = _store(verdict)
    if verdict.status in (413, 415):
        _throw_away()
    return Response(b"", verdict.status, verdict.headers)


def _read(most: int) -> bytes:
    """The raw bytes; never more than `most` are kept in memory."""
    stream, parts = _stream(), list[bytes]()
    while most > 0 and (part := stream.read(min(most, PIECE))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def _throw_away() -> None:
    """Most senders look for an answer only when all of theirs is out; one that is cut off sees a broken connection and no 413."""
    stream, deadline, left = _stream(), time.monotonic() + REFUSED_WITHIN, REFUSED
    while left > 0 and time.monotonic() < deadline and (part := stream.read(PIECE)):
        left -= len(part)


def _stream() -> BinaryIO:
    """The server ends it where the body ends, with or without a length."""
    return cast(BinaryIO, request.environ["wsgi.input"])


def _store(raw: Raw) -> Answer:
    try:
        cast(Inbox, current_app.extensions["postventa.inbox"]).store(raw)
    except Overloaded as error:
        log.error("delivery not stored: %s", error, extra={"shop": raw.shop_id})
        return LATER
    return TAKEN
