"""/account/sign-in and /account/sign-out. One form with all three fields: nobody learns which of them was wrong. It works without a script."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.wrappers import Response
from werkzeug.wrappers import Response as AnyResponse

from postventa import audit
from postventa.accounts import passkeys, passwords, sessions, sign_in, tokens
from postventa.clock import real_now
from postventa.models.db import transaction
from postventa.web.portal.page import _, services
from postventa.web.staff import cookies, enrolment
from postventa.web.staff.caller import caller
from postventa.web.staff.guard import EVERYBODY, home, require
from postventa.web.staff.page import render, t, visitor
from postventa.web.staff.welcome import BUSY

FAILED = _("No hemos podido comprobar quién eres. Revisa los tres datos; cada código sirve una sola vez.")
FAILED_PASSKEY = _("Esa llave de acceso no sirve aquí. Prueba con otra, o con contraseña y código.")
TOO_MANY = _("Demasiados intentos. Espera un cuarto de hora y prueba otra vez, o usa tu llave de acceso.")


@require(EVERYBODY)
def show() -> Response:
    """The form; also for who is signed in and has to prove once more who they are."""
    return _form()


@require(EVERYBODY)
def enter() -> AnyResponse:
    """Sign in with a passkey, or with password and code."""
    answer = request.form.get("passkey", "")
    try:
        token = _passkey(answer) if answer else _password()
    except sign_in.Failed:
        return _form(FAILED_PASSKEY if answer else FAILED, 403)
    except sign_in.TooMany:
        return _form(TOO_MANY, 429)
    except passwords.Busy:
        return _form(BUSY, 503)
    _leave("account.session_replaced")
    cookies.give(token)
    return redirect(home(request.form.get("next", "")), 303)


@require(EVERYBODY)
def leave() -> AnyResponse:
    """Sign out, at once and for good: whoever kept the cookie has nothing."""
    _leave("account.sign_out")
    cookies.give(tokens.draw())
    return redirect(url_for("staff.sign_in", out="1"), 303)


def _password() -> str:
    form = request.form
    return sign_in.with_password(caller(), form.get("email", ""), form.get("password", ""), form.get("code", ""))


def _passkey(answer: str) -> str:
    place = enrolment.site()
    if place is None:
        raise sign_in.Failed
    return sign_in.with_passkey(caller(), place, cookies.browser(), answer)


def _leave(action: str) -> None:
    found = visitor()
    if found is None:
        return
    with transaction(services().engine) as session:
        if sessions.end(session, found.session.id, found.account.id, real_now()):
            who = found.account.id
            audit.record(session, f"account:{who}", action, subject=f"account {who}")


def _form(problem: str = "", status: int = 200) -> Response:
    place = enrolment.site()
    asked = passkeys.challenge(services().secret, sign_in.PURPOSE, cookies.browser(), real_now())
    options = passkeys.to_sign_in(place, asked) if place else ""
    wish = home(request.values.get("next", ""))
    known = {"options": options, "next": wish, "email": enrolment.line("email", 320)}
    return render("sign_in.html", status, problem=t(problem) if problem else "", **known, again="again" in request.args, out="out" in request.args)
