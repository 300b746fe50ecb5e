"""Where a WooCommerce shop sends the keys that its merchant approved. Nobody is signed in here, and no form of ours leads here: the state that the
message carries is all that counts (`postventa/connecting/store.py`). WooCommerce takes nothing but 200 for a yes.
"""

from __future__ import annotations

from typing import Protocol, cast

from flask import Blueprint, Response, current_app, request

from connectors.shops.woocommerce.approval import MAX_BODY
from jobs import connect_woocommerce as connecting
from postventa.connecting.store import Approvals
from postventa.web.portal.page import services

blueprint = Blueprint("connecting", __name__)


class Strangers(Protocol):
    """Who counts refusals by sender, as for deliveries (`webhooks/strangers.py`)."""

    def refused(self, address: str | None) -> bool: ...


@blueprint.post(f"{connecting.CALLBACK}<ref>")
def receive(ref: str) -> Response:
    """200 for keys that are kept; else a refusal without a word, and 429 for who goes on and on."""
    if (request.content_length or 0) > MAX_BODY:
        return _refused(413)
    request.max_content_length = MAX_BODY + 1
    body = request.get_data(cache=False)
    status = connecting.receive(Approvals(services().engine, services().secret), ref, body)
    return Response(b"", 200, {"Cache-Control": "no-store"}) if status == 200 else _refused(status)


def _refused(status: int) -> Response:
    flood = cast(Strangers, current_app.extensions["postventa.strangers"]).refused(request.remote_addr)
    return Response(b"", 429, {"Retry-After": "10"}) if flood else Response(b"", status, {"Cache-Control": "no-store"})
