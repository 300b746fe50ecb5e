"""What the pages load from us: the shop's colours, and customers' photos."""

from __future__ import annotations

import re

from flask import abort, g, make_response, request
from flask.wrappers import Response

from postventa.models.db import reading
from postventa.reviews import photos, store
from postventa.web.portal import colours
from postventa.web.portal.headers import FOREVER
from postventa.web.portal.page import ONLY_SHOP, services

DAY = "public, max-age=86400"
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def brand(colour: str) -> Response:
    """The palette of one brand colour. The address holds the colour itself: it names no shop, and never changes its content."""
    if not re.fullmatch(r"[0-9a-f]{6}", colour):
        abort(404)
    response = make_response(colours.stylesheet(f"#{colour}"))
    response.headers["Content-Type"] = "text/css; charset=utf-8"
    response.headers["Cache-Control"] = FOREVER
    return response


def photo(name: str) -> Response:
    """A published review's photo by its random name; `?size=small` for a thumbnail."""
    if not NAME.fullmatch(name):  # also what no database takes
        abort(404)
    with reading(services().engine) as session:
        jpeg = store.photo(session, name, g.get(ONLY_SHOP))
    if jpeg is None:
        abort(404)
    response = make_response(photos.thumbnail(jpeg) if request.args.get("size") == "small" else jpeg)
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.jpg"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = DAY
    return response
