"""/account/people: who works here, with which role; invitations, whose links are shown once and passed on by whoever made them."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from postventa.accounts import enrol, invitations, people, store
from postventa.accounts.people import LastOwner, NotAllowed
from postventa.accounts.roles import Right, Role, manageable, may_manage
from postventa.clock import real_now
from postventa.models import Account
from postventa.models.db import reading, transaction
from postventa.web.portal.page import _, services
from postventa.web.staff import enrolment, mishaps
from postventa.web.staff.guard import require
from postventa.web.staff.page import render, t, visitor
from postventa.web.staff.welcome import KNOWN, NO_EMAIL

MANAGE = Right.ACCOUNTS_MANAGE
LAST = _("Es la única cuenta de propiedad que queda: da antes ese papel a otra persona.")
SAVED = {"role": _("Guardado."), "disabled": _("Hecho: esa persona ya no puede entrar."), "withdrawn": _("Hecho: esa invitación ya no sirve.")}


@require(MANAGE)
def show() -> Response:
    """Everybody, and invitations that wait."""
    return _page()


@require(MANAGE, fresh=True)
def invite() -> AnyResponse:
    """Make a link for a colleague."""
    email, role = enrolment.line("email", 320).lower(), request.form.get("role", "")
    if not enrol.is_address(email):
        return _page(t(NO_EMAIL), 422)
    try:
        with transaction(services().engine) as session:
            token = people.invite(session, _by(session), email, _role(role), real_now())
    except NotAllowed:
        return mishaps.not_allowed()
    except invitations.Taken:
        return _page(t(KNOWN), 422)
    return _page(link=invitations.address(services().settings.public_url, token), email=email)


@require(MANAGE, fresh=True)
def change_role(number: int) -> AnyResponse:
    """Give somebody another role."""
    try:
        with transaction(services().engine) as session:
            people.change_role(session, _by(session), _account(session, number), _role(request.form.get("role", "")), real_now())
    except NotAllowed:
        return mishaps.not_allowed()
    except LastOwner:
        return _page(t(LAST), 422)
    return redirect(url_for("staff.people", saved="role"), 303)


@require(MANAGE, fresh=True)
def disable(number: int) -> AnyResponse:
    """Sign somebody out for good."""
    try:
        with transaction(services().engine) as session:
            by, account = _by(session), _account(session, number)
            if not may_manage(by.role, account.role):
                raise NotAllowed
            people.disable(session, f"account:{by.id}", account, real_now())
    except NotAllowed:
        return mishaps.not_allowed()
    except LastOwner:
        return _page(t(LAST), 422)
    return redirect(url_for("staff.people", saved="disabled"), 303)


@require(MANAGE, fresh=True)
def withdraw(number: int) -> AnyResponse:
    """Call an invitation off."""
    try:
        with transaction(services().engine) as session:
            if not people.withdraw(session, _by(session), number, real_now()):
                abort(404)
    except NotAllowed:
        return mishaps.not_allowed()
    return redirect(url_for("staff.people", saved="withdrawn"), 303)


def _page(problem: str = "", status: int = 200, link: str = "", email: str = "") -> Response:
    with reading(services().engine) as session:
        by, everyone, waiting = _by(session), store.everyone(session), invitations.waiting(session, real_now())
    givable, saved = manageable(by.role), SAVED.get(request.args.get("saved", ""), "")
    known = {"everyone": everyone, "waiting": waiting, "givable": givable, "link": link, "email": email, "me": by}
    return render("people.html", status, **known, problem=problem, saved=t(saved) if saved else "", may_manage=may_manage, role_of=Role)


def _by(session: Session) -> Account:
    """Who asks, as the database has them at this moment."""
    found = visitor()
    assert found is not None
    return session.get_one(Account, found.account.id)


def _account(session: Session, number: int) -> Account:
    return session.get(Account, number) or abort(404)


def _role(text: str) -> Role:
    return Role(text) if text in list(Role) else abort(400)
