"""/returns-desk/rules: a shop's rules for returns in plain words, as a document, tried out on an order, and in versions."""

from __future__ import annotations

import json
from typing import Any

from flask import abort, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from postventa import shops as directory
from postventa.accounts.roles import Right
from postventa.models import Account, ReturnPolicy, Shop
from postventa.models.db import reading, transaction
from postventa.returns.policy import BadPolicy, Checked, read
from postventa.returns.policy.store import InFile, in_force, put, rollback, versions
from postventa.returns.reasons import CODES
from postventa.shops import ConnectedShop
from postventa.web.orders.page import actor
from postventa.web.portal.page import _, services
from postventa.web.returns_desk import faults, plain, tried
from postventa.web.returns_desk.page import render
from postventa.web.staff.guard import require
from postventa.web.staff.page import language, t

NEWER = _("Alguien ha guardado otras reglas mientras escribías. Las tuyas están abajo y no se han guardado.")
GONE = _("Esa versión no está, o ya no se puede leer.")
SAVED = {"new": _("Guardado: rige desde ahora."), "same": _("Ya estaban guardadas así.")}
KEPT = 20
"""Versions that the page shows."""


@require(Right.SETTINGS_WRITE)
def choose() -> AnyResponse:
    """Which shop's; where there is one, its rules at once."""
    with reading(services().engine) as session:
        rows = session.scalars(select(Shop).order_by(Shop.name, Shop.id)).all()
    if len(rows) == 1:
        return redirect(url_for("returns_desk.rules_of", number=rows[0].id), 303)
    return render("rules_choose.html", rows=rows)


@require(Right.SETTINGS_WRITE)
def show(number: int) -> Response:
    """The rules in force."""
    with reading(services().engine) as session:
        row, shop = _shop(session, number)
        saved = SAVED.get(request.args.get("saved", ""), "")
        return _page(session, row, shop, saved=t(saved) if saved else "")


@require(Right.SETTINGS_WRITE)
def write(number: int) -> AnyResponse:
    """Look at what was typed, try it on an order, or put it in force."""
    text = request.form.get("document", "").replace("\r\n", "\n")
    with reading(services().engine) as session:
        row, shop = _shop(session, number)
        try:
            checked = read(text or "{}", "")
        except BadPolicy as error:
            return _page(session, row, shop, 422, text=text, faults=faults.placed(error.problems, text, language()))
        if request.form.get("do") != "save":
            return _page(session, row, shop, text=text, checked=checked, looked=True)
    try:
        return redirect(url_for("returns_desk.rules_of", number=number, saved=_save(number, checked)), 303)
    except (_Newer, InFile):
        with reading(services().engine) as session:
            row, shop = _shop(session, number)
            return _page(session, row, shop, 409, text=text, problem=t(NEWER))


@require(Right.SETTINGS_WRITE)
def back(number: int) -> AnyResponse:
    """An older version again, as a new one."""
    typed = request.form.get("version", "")
    with transaction(services().engine) as session:
        row, shop = _shop(session, number)
        if not _is_newest(session, shop):
            return _page(session, row, shop, 409, problem=t(NEWER))
        try:
            rollback(session, shop, int(typed) if typed.isdecimal() and len(typed) < 9 else 0, author=actor())
        except (LookupError, BadPolicy):
            return _page(session, row, shop, 404, problem=t(GONE))
    return redirect(url_for("returns_desk.rules_of", number=number, saved="new"), 303)


class _Newer(Exception):
    """There is a newer version than the one that the page showed."""


def _save(number: int, checked: Checked) -> str:
    with transaction(services().engine) as session:
        _row, shop = _shop(session, number)
        session.get_one(Shop, shop.id, with_for_update={"key_share": True})  # as `put` does: two people at once
        newest = next(iter(versions(session, shop)), None)
        if newest is not None and newest.document == checked.policy.document():
            return "same"
        if not _is_newest(session, shop):
            raise _Newer
        put(session, shop, checked, author=actor(), note=request.form.get("note", "")[:200])
        return "new"


def _is_newest(session: Session, shop: ConnectedShop) -> bool:
    newest = next(iter(versions(session, shop)), None)
    return request.form.get("base", "") == str(newest.version if newest is not None else 0)


def _shop(session: Session, number: int) -> tuple[Shop, ConnectedShop]:
    """Ends the request with 404 for a shop that is not connected."""
    row = session.get(Shop, number) if number < 2**63 else None
    shop = directory.connected(row, services().settings, services().secret) if row is not None else None
    if row is None or shop is None:
        abort(404)
    return row, shop


def _page(session: Session, row: Shop, shop: ConnectedShop, status: int = 200, **more: Any) -> Response:
    force, kept = in_force(session, shop), versions(session, shop)
    checked: Checked | None = more.get("checked")
    policy = checked.policy if checked is not None else force.policy
    trial = tried.of_form(session, shop, policy, force.version) if more.get("looked") else None
    known: dict[str, Any] = {
        "row": row,
        "force": force,
        "rules": plain.told(force.policy),
        "text": _written(force.policy.document()),
        "base": kept[0].version if kept else 0,
        "versions": [(version, _author(session, version)) for version in kept[:KEPT]],
        "reasons": sorted((t(reason.words), code) for code, reason in CODES.items()),
        "trial": trial,
        "typed": request.form,
        "said": language(),
    }
    return render("rules.html", status, **(known | more))


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) if document else ""


def _author(session: Session, version: ReturnPolicy) -> str:
    """By name, for those who have an account."""
    kind, _colon, number = version.author.partition(":")
    account = session.get(Account, int(number)) if kind == "account" and number.isdecimal() else None
    return account.name if account is not None else version.author
