"""What every page for staff needs: the browser's language, and one way to render."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from babel.dates import format_timedelta
from flask import g, make_response, render_template, request
from flask.wrappers import Response

from postventa.accounts.roles import Right, Role, may
from postventa.accounts.sessions import Visitor
from postventa.accounts.tokens import keyed
from postventa.clock import real_now
from postventa.locale import languages
from postventa.web.portal.page import _, say, services
from postventa.web.staff import cookies

HERE = Path(__file__).parent
ROLES = {
    Role.OWNER: _("Propiedad"),
    Role.MANAGER: _("Gerencia"),
    Role.SUPPORT: _("Atención al cliente"),
    Role.WAREHOUSE: _("Almacén"),
}
DUTIES = {
    Role.OWNER: _("Puede hacerlo todo, también conectar tiendas."),
    Role.MANAGER: _("Puede hacerlo todo menos conectar tiendas."),
    Role.SUPPORT: _("Ve pedidos, escribe a clientes y decide devoluciones."),
    Role.WAREHOUSE: _("Ve pedidos y recibe devoluciones."),
}


def language() -> str:
    """The browser's, if we ship it."""
    return request.accept_languages.best_match(languages()) or "es"


def t(source: str, **names: object) -> str:
    """A text in the browser's language."""
    return say(language(), source, **names)


def render(template: str, status: int = 200, **values: object) -> Response:
    """A whole page of these. All texts are escaped."""
    return show(f"staff/{template}", status, **values)


def show(template: str, status: int = 200, **values: object) -> Response:
    """The same with a template of another package's."""
    shown: dict[str, object] = {"lang": language(), "t": t, "version": version(), "csrf": csrf(), "roles": ROLES, "duties": DUTIES}
    body = render_template(template, **shown, visitor=visitor(), allowed=_allowed(), ago=ago, **values)
    response = make_response(body, status)
    response.headers["Content-Language"] = language()
    response.headers["Vary"] = "Cookie, Accept-Language"
    return response


def message(status: int, title: str, text: str, **values: object) -> Response:
    """A page that says one thing."""
    return render("message.html", status, title=t(title), text=t(text, **values))


def visitor() -> Visitor | None:
    """Who asks, as the guard found out."""
    found: Visitor | None = g.get("visitor")
    return found


def csrf() -> str:
    """What the hidden field of every form holds: only pages of this browser know it."""
    return keyed(services().secret, "csrf", cookies.browser())


def ago(moment: datetime) -> str:
    """ "hace 5 minutos": no time zone has to be known for it."""
    return ago_in(language(), moment)


def ago_in(spoken: str, moment: datetime) -> str:
    """The same in that language."""
    return format_timedelta(moment - real_now(), add_direction=True, locale=spoken)


@cache
def version() -> str:
    """Changes whenever the static files do, so that browsers may keep them for ever."""
    return hashlib.sha256(b"".join((HERE / "static" / name).read_bytes() for name in ("staff.css", "passkey.js", "scan.js"))).hexdigest()[:12]


def _allowed() -> Callable[[str], bool]:
    found = visitor()
    return lambda right: found is not None and may(found.account.role, Right(right))
