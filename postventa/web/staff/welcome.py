"""/account/welcome/<token>: a one-time link becomes an account, or gives one back. Looking at it uses nothing up: mail scanners open every link."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from postventa.accounts import enrol, invitations, passwords, sessions
from postventa.accounts.invitations import Purpose
from postventa.accounts.tokens import fingerprint, keyed
from postventa.clock import real_now
from postventa.models import Account, Invitation
from postventa.models.db import reading, transaction
from postventa.web.portal.page import _, services
from postventa.web.staff import cookies, enrolment
from postventa.web.staff.caller import caller
from postventa.web.staff.enrolment import Problem
from postventa.web.staff.guard import EVERYBODY, require
from postventa.web.staff.page import message, render, t, visitor

OVER = (_("Este enlace ya no sirve"), _("Se ha usado ya o ha caducado. Pide otro a quien te lo dio, o haz uno nuevo con «postventa account link»."))
WORDS = {
    Purpose.FIRST_OWNER: (_("Crea tu cuenta"), _("Serás la primera persona con acceso, y quien invite a las demás.")),
    Purpose.INVITE: (_("Te damos la bienvenida"), _("Elige cómo quieres entrar.")),
    Purpose.RECOVERY: (_("Recupera tu cuenta"), _("Elige de nuevo cómo quieres entrar. Lo que usabas antes dejará de servir.")),
}
NO_NAME = _("Dinos tu nombre: es lo que verá tu equipo.")
NO_EMAIL = _("Escribe una dirección de correo completa, como nombre@tienda.es.")
KNOWN = _("Ya hay una cuenta con esa dirección o esa llave de acceso.")
BUSY = _("Hay muchas comprobaciones en curso. Inténtalo otra vez dentro de unos segundos.")


@dataclass(frozen=True)
class Guest:
    """Who holds the link."""

    link: Invitation
    handle: bytes
    email: str
    name: str

    @property
    def purpose(self) -> str:
        """What a passkey's answer is for: this link and no other."""
        return f"welcome {self.link.token_hash}"


@require(EVERYBODY)
def show(token: str) -> Response:
    """Choose how to sign in."""
    with reading(services().engine) as session:
        guest = _guest(session, token)
    return _form(guest) if guest else message(404, *OVER)


@require(EVERYBODY)
def accept(token: str) -> AnyResponse:
    """Make the account, and be signed in with it."""
    with reading(services().engine) as session:
        guest = _guest(session, token)
    if guest is None:
        return message(404, *OVER)
    try:
        email, name = _who(guest)
        proven = enrolment.proof(guest.purpose, email)
        codes = _keep(guest, email, name, proven)
    except Problem as problem:
        return _form(guest, str(problem))
    except passwords.Busy:
        return _form(guest, t(BUSY), 503)
    except enrol.Known:
        return _form(guest, t(KNOWN))
    except enrol.Over:
        return message(404, *OVER)
    return render("codes.html", codes=codes) if codes else redirect(url_for("staff.security", saved="passkey"), 303)


def _guest(session: Session, token: str) -> Guest | None:
    link = invitations.open_one(session, token, real_now())
    if link is None:
        return None
    account = session.get(Account, link.account_id) if link.account_id is not None else None
    if account is not None:
        return Guest(link, account.handle, account.email, account.name)
    return Guest(link, bytes.fromhex(keyed(services().secret, "handle", fingerprint(token))), link.email, "")


def _who(guest: Guest) -> tuple[str, str]:
    """Address and name, of the link or of the form. Raises `Problem`."""
    email, name = guest.email or enrolment.line("email", 320).lower(), guest.name or enrolment.line("name")
    if not enrol.is_address(email):
        raise Problem(t(NO_EMAIL))
    if not name:
        raise Problem(t(NO_NAME))
    return email, name


def _keep(guest: Guest, email: str, name: str, proven: enrol.Proof) -> list[str]:
    who, before = caller(), visitor()
    with transaction(who.engine) as session:
        if before is not None:  # the browser forgets that session's token, so nobody else shall have it
            sessions.end(session, before.session.id, before.account.id, who.now)
        account, codes = enrol.accept(session, who.secret, guest.link, email, name, guest.handle, proven, who.now)
        cookies.give(sessions.begin(session, account, who.now, who.address, who.browser))
    return codes


def _form(guest: Guest, problem: str = "", status: int = 422) -> Response:
    title, text = WORDS[Purpose(guest.link.purpose)]
    email, name = guest.email or enrolment.line("email", 320), guest.name or enrolment.line("name")
    offer = enrolment.offer(guest.purpose, guest.handle, email, name, [])
    known = {"guest": guest, "offer": offer, "problem": problem, "email": email, "name": name, "least": passwords.SHORTEST}
    return render("welcome.html", status if problem else 200, title=t(title), text=t(text), **known)
