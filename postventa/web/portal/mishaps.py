"""Pages for what went wrong: kind words, the right status, and nothing about the inside."""

from __future__ import annotations

import secrets

from flask import Blueprint, current_app, g, request
from flask.wrappers import Response
from werkzeug.exceptions import HTTPException

from postventa.web.portal.page import Face, _, render, stranger

NOT_FOUND = (_("No encontramos esta página"), _("Comprueba que el enlace esté completo: a veces el correo lo parte en dos líneas."))
NOT_OURS = (_("No hemos podido comprobar el envío"), _("Abre otra vez el enlace de tu correo y envíalo desde esa página."))
TOO_LARGE = (_("Las fotos pesan demasiado"), _("Cada una puede pesar hasta 10 MB y todas juntas hasta 60 MB. Vuelve atrás y prueba con menos fotos."))
OUR_FAULT = (
    _("Algo ha fallado por nuestra parte"),
    _("Inténtalo otra vez dentro de unos minutos. Si sigue igual, escribe a la tienda con este código: {code}"),
)
DRAIN = 240 * 1024 * 1024
"""Bytes of a refused upload that are still read: a browser shows the answer only when it could finish sending."""


def register(blueprint: Blueprint) -> None:
    """Make these the blueprint's error pages."""
    blueprint.register_error_handler(404, lambda _error: page(404, *NOT_FOUND))
    blueprint.register_error_handler(405, lambda _error: page(405, *NOT_FOUND))
    blueprint.register_error_handler(403, lambda _error: page(403, *NOT_OURS))
    blueprint.register_error_handler(400, lambda _error: page(400, *NOT_OURS))
    blueprint.register_error_handler(413, too_large)
    blueprint.register_error_handler(500, our_fault)


def page(status: int, title: str, text: str, **values: object) -> Response:
    """In the shop's colours when the view knew the shop, else in nobody's."""
    shop: Face = g.get("face") or stranger()
    return render("message.html", shop, status, title=title, text=text, values=values)


def too_large(_error: HTTPException) -> Response:
    stream, left = request.environ["wsgi.input"], min(request.content_length or 0, DRAIN)
    while left > 0 and (chunk := stream.read(min(left, 1 << 16))):
        left -= len(chunk)
    return page(413, *TOO_LARGE)


def our_fault(_error: HTTPException) -> Response:
    """The exception itself was logged before this is called; the code helps to find it."""
    code = secrets.token_hex(4)
    current_app.logger.error("customer page failed: %s %s code=%s", request.method, request.endpoint, code)
    return page(500, *OUR_FAULT, code=code)
