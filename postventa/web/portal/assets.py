"""What the pages load from us: the shop's colours, and customers' photos."""

from __future__ import annotations

import re

from flask import abort, g, make_response, request
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.models import ReturnPhoto
from postventa.models.db import reading
from postventa.reviews import photos, store
from postventa.web.portal import colours, mishaps, photo_links
from postventa.web.portal.headers import FOREVER
from postventa.web.portal.page import ONLY_SHOP, _, services

DAY = "public, max-age=86400"
SHORT = f"private, max-age={photo_links.LIFE}"
OVER = (_("Esta foto ya no se abre con este enlace"), _("Por seguridad dura diez minutos. Vuelve a la página en la que estabas y cárgala otra vez."))
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
    """A published review's photo by its random name; `?size=small` for a thumbnail.

    Where photos have a host of their own, it is there and not here, with those of returns, and only by an address that a page gave out just now.
    """
    if not NAME.fullmatch(name) or photo_links.apart() != photo_links.asked():  # a name also that no database takes
        abort(404)
    if photo_links.apart() and not photo_links.holds(name):
        return mishaps.page(410, *OVER)
    with reading(services().engine) as session:
        jpeg = store.photo(session, name, g.get(ONLY_SHOP)) or (_of_return(session, name) if photo_links.apart() else None)
    if jpeg is None:
        abort(404)
    response = make_response(photos.thumbnail(jpeg) if request.args.get("size") == "small" else jpeg)
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.jpg"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = SHORT if photo_links.apart() else DAY
    return response


def _of_return(session: Session, name: str) -> bytes | None:
    return session.scalar(select(ReturnPhoto.jpeg).where(ReturnPhoto.name == name))
