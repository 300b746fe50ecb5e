"""/orders/<number>/note: a private note on the order in the shop."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from jobs import give
from postventa.accounts.roles import Right
from postventa.models.db import reading, transaction
from postventa.web.orders import forms, sealed
from postventa.web.orders.page import actor, me, render, writable
from postventa.web.portal.page import services
from postventa.web.staff.guard import require

LONGEST = 1000


@require(Right.MESSAGES_SEND)
def propose(number: int) -> AnyResponse:
    """The note as it will stand there, with who wrote it."""
    words = "\n".join(forms.clean(part) for part in request.form.get("note", "")[:LONGEST].strip().splitlines())
    with reading(services().engine) as session:
        it, _shop = writable(session, number)
    if not words:
        return redirect(url_for("orders.order", number=number, _anchor="note"), 303)
    whole = f"{words}\n({me().account.name}, Postventa)"
    return render("note_confirm.html", it=it, whole=whole, wish=sealed.seal("note", number, words=whole))


@require(Right.MESSAGES_SEND)
def confirm(number: int) -> AnyResponse:
    """Have it written. The page sent again writes no second one."""
    told = sealed.opened("note", number)
    if told is None:
        return redirect(url_for("orders.order", number=number), 303)
    with transaction(services().engine) as session:
        _it, shop = writable(session, number)
        given = give.give_note(session, shop, number, str(told["words"]), key=told["key"], actor=actor())
    return redirect(url_for("orders.order", number=number, saved="note" if given.new else "before", _anchor="writes"), 303)
