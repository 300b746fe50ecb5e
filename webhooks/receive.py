"""`POST /webhooks/<platform>/<key>`: verify -> store raw, durable -> wake a worker -> 200 (promises.md 1). As pages of the web application.

In a running service `postventa/runtime/front.py` takes deliveries before they get here; the rules are the same ones, of `webhooks/reception.py`.
"""

from __future__ import annotations

import logging
from typing import BinaryIO, cast

from flask import Blueprint, Response, current_app, request

from connectors.signing import lowered
from webhooks.inbox import Inbox, Overloaded, Raw
from webhooks.reception import LATER, SHARED, TAKEN, Answer, Reception

log = logging.getLogger("postventa.webhooks")
blueprint = Blueprint("webhooks", __name__)


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
    stream = cast(BinaryIO, request.environ["wsgi.input"])  # the server ends it where the body ends, with or without a length
    verdict = reception.unread(headers) or reception.judge(path, headers, stream.read(reception.max_body + 1), request.remote_addr)
    if isinstance(verdict, Raw):
        verdict = _store(verdict)
    return Response(b"", verdict.status, verdict.headers)


def _store(raw: Raw) -> Answer:
    try:
        cast(Inbox, current_app.extensions["postventa.inbox"]).store(raw)
    except Overloaded as error:
        log.error("delivery not stored: %s", error, extra={"shop": raw.shop_id})
        return LATER
    return TAKEN
