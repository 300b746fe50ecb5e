"""/account/security: how somebody signs in themselves, and where they are signed in. Changes need a sign-in of the last quarter of an hour."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from postventa import audit
from postventa.accounts import enrol, passwords, sessions, store
from postventa.accounts.sessions import Visitor
from postventa.clock import real_now
from postventa.models import Account
from postventa.models.db import reading, transaction
from postventa.web.portal.page import _, services
from postventa.web.staff import enrolment
from postventa.web.staff.enrolment import Problem
from postventa.web.staff.guard import SIGNED_IN, require
from postventa.web.staff.page import render, t, visitor
from postventa.web.staff.welcome import BUSY, KNOWN

LAST = _("Es tu única manera de entrar: añade antes otra llave de acceso, o una contraseña con códigos.")
NO_CODES = _("Antes hacen falta una contraseña y una aplicación de códigos.")
SAVED = {
    "passkey": _("Guardado: ya puedes entrar con esa llave de acceso."),
    "removed": _("Quitada: esa llave de acceso ya no sirve."),
    "ended": _("Hecho: esa sesión está cerrada."),
}


@require(SIGNED_IN)
def show() -> Response:
    """Passkeys, password and codes, sessions."""
    return _page()


@require(SIGNED_IN, fresh=True)
def add_passkey() -> AnyResponse:
    """One more passkey."""
    return _prove(passkey=True)


@require(SIGNED_IN, fresh=True)
def set_password() -> AnyResponse:
    """A password with its app, both new: everybody else who is signed in with this account is signed out."""
    return _prove(passkey=False)


@require(SIGNED_IN, fresh=True)
def remove_passkey(number: int) -> AnyResponse:
    """Take a passkey away, unless nothing would be left."""
    me = _me()
    try:
        with transaction(services().engine) as session:
            account = session.get_one(Account, me.account.id)
            if store.remove_passkey(session, account, number) is None:
                abort(404)
            sessions.end_all(session, account.id, real_now(), but=me.session.id)
            _note(session, me, "account.passkey_removed", passkey=number)
    except ValueError:
        return _page(t(LAST), 422)
    return redirect(url_for("staff.security", saved="removed"), 303)


@require(SIGNED_IN, fresh=True)
def renew_codes() -> AnyResponse:
    """Ten new recovery codes; the old ones count no more."""
    me = _me()
    with transaction(services().engine) as session:
        account = session.get_one(Account, me.account.id)
        made = store.renew_codes(session, services().secret, account, real_now()) if account.password_hash else []
        if made:
            _note(session, me, "account.codes_renewed")
    return render("codes.html", codes=made) if made else _page(t(NO_CODES), 422)


@require(SIGNED_IN)
def end_session(number: int) -> AnyResponse:
    """Sign one of my browsers out."""
    me = _me()
    with transaction(services().engine) as session:
        if not sessions.end(session, number, me.account.id, real_now()):
            abort(404)
        _note(session, me, "account.session_ended", number=number)
    return redirect(url_for("staff.security", saved="ended"), 303)


@require(SIGNED_IN)
def end_others() -> AnyResponse:
    """Sign me out everywhere else."""
    me = _me()
    with transaction(services().engine) as session:
        sessions.end_all(session, me.account.id, real_now(), but=me.session.id)
        _note(session, me, "account.sessions_ended")
    return redirect(url_for("staff.security", saved="ended"), 303)


def _prove(*, passkey: bool) -> AnyResponse:
    me = _me()
    if passkey != bool(request.form.get("passkey")):
        return _page(t(enrolment.NO_PASSKEY), 422)
    try:
        proven = enrolment.proof(_purpose(me), me.account.email)
        codes = _keep(me, proven)
    except Problem as problem:
        return _page(str(problem), 422)
    except enrol.Known:
        return _page(t(KNOWN), 422)
    except passwords.Busy:
        return _page(t(BUSY), 503)
    return render("codes.html", codes=codes) if codes else redirect(url_for("staff.security", saved="passkey"), 303)


def _keep(me: Visitor, proven: enrol.Proof) -> list[str]:
    with transaction(services().engine) as session:
        account = session.get_one(Account, me.account.id)
        codes = enrol.prove(session, services().secret, account, proven, real_now())
        if proven.passkey is None:
            sessions.end_all(session, account.id, real_now(), but=me.session.id)
        _note(session, me, "account.passkey_added" if proven.passkey else "account.password_set")
    return codes


def _page(problem: str = "", status: int = 200) -> Response:
    me, now = _me(), real_now()
    with reading(services().engine) as session:
        account = session.get_one(Account, me.account.id)
        mine, places = store.passkeys_of(session, account.id), sessions.standing(session, account.id, now)
        left = store.codes_left(session, account)
    offer = enrolment.offer(_purpose(me), account.handle, account.email, account.name, [row.credential_id for row in mine])
    saved = SAVED.get(request.args.get("saved", ""), "")
    known = {"me": me, "account": account, "passkeys": mine, "places": places, "left": left, "offer": offer, "least": passwords.SHORTEST}
    return render("security.html", status, **known, fresh=sessions.fresh(me, now), problem=problem, saved=t(saved) if saved else "")


def _me() -> Visitor:
    found = visitor()
    assert found is not None
    return found


def _purpose(me: Visitor) -> str:
    return f"register {me.account.id}"


def _note(session: Session, me: Visitor, action: str, **after: int) -> None:
    audit.record(session, f"account:{me.account.id}", action, subject=f"account {me.account.id}", after=after)
