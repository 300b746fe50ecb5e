"""Pages for what went wrong: what it is, and what to do."""

from __future__ import annotations

import secrets

from flask import Blueprint, current_app, request
from flask.wrappers import Response

from postventa.web.portal.page import _
from postventa.web.staff.page import message

NOT_FOUND = (_("No encontramos esta página"), _("Comprueba la dirección, o vuelve al principio."))
NOT_OURS = (
    _("No hemos podido comprobar el envío"),
    _("No se ha cambiado nada. Vuelve a la página, recárgala y envíala otra vez. Tu navegador debe aceptar cookies."),
)
NOT_ALLOWED = (_("Aquí no puedes entrar"), _("Tu cuenta no tiene permiso para esto. Pídeselo a quien gestiona las cuentas de la tienda."))
NEEDS_HTTPS = (
    _("Esta dirección no es segura"),
    _("Para entrar hace falta https. Pon la dirección pública con https en public_url (config.toml), o ábrela desde la propia máquina."),
)
TOO_LARGE = (_("El formulario es demasiado grande"), _("Vuelve atrás y prueba con textos más cortos."))
OUR_FAULT = (_("Algo ha fallado por nuestra parte"), _("Inténtalo otra vez. Si sigue igual, busca este código en el registro del servicio: {code}"))


def register(blueprint: Blueprint) -> None:
    """Make these the blueprint's error pages."""
    blueprint.register_error_handler(404, lambda _error: message(404, *NOT_FOUND))
    blueprint.register_error_handler(405, lambda _error: message(405, *NOT_FOUND))
    blueprint.register_error_handler(403, lambda _error: not_allowed())
    blueprint.register_error_handler(400, lambda _error: message(400, *NOT_OURS))
    blueprint.register_error_handler(413, lambda _error: message(413, *TOO_LARGE))
    blueprint.register_error_handler(500, our_fault)


def not_ours() -> Response:
    """Somebody else's page sent the form, or ours is too old."""
    return message(403, *NOT_OURS)


def not_allowed() -> Response:
    """The role lacks the right."""
    return message(403, *NOT_ALLOWED)


def needs_https() -> Response:
    """A cookie that everybody on the way could read is never set."""
    return message(403, *NEEDS_HTTPS)


def our_fault(_error: Exception) -> Response:
    """The exception itself was logged before this is called; the code helps to find it."""
    code = secrets.token_hex(4)
    current_app.logger.error("staff page failed: %s %s code=%s", request.method, request.endpoint, code)
    return message(500, *OUR_FAULT, code=code)
