"""/returns-desk/<number>/photos: what customers showed, and what the warehouse shows of what it found."""

from __future__ import annotations

from flask import abort, make_response, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy import func, select
from werkzeug.wrappers import Response as AnyResponse

from postventa import audit
from postventa.accounts.roles import Right
from postventa.clock import now
from postventa.models import ReturnPhoto
from postventa.models.db import reading, transaction
from postventa.reviews import photos
from postventa.web.orders.page import actor
from postventa.web.portal import photo_links
from postventa.web.portal.page import _, services
from postventa.web.returns_desk.page import found, render, workable
from postventa.web.returns_desk.proofs import SANDBOX
from postventa.web.staff.guard import MAX_FORM, require
from postventa.web.staff.page import t

MOST = 12
"""Photos of one return by the warehouse."""
FULL = _("Ya hay {most} fotos de esta devolución.")
NOT_TAKEN = {
    photos.Refusal.TOO_HEAVY: _("La foto pesa más de 10 MB."),
    photos.Refusal.TOO_MANY_PIXELS: _("La foto es demasiado grande: hazla con menos resolución."),
    photos.Refusal.NOT_A_PHOTO: _("Eso no es una foto en JPEG, PNG o WebP."),
    photos.Refusal.HEIC: _("La foto está en HEIC, que aquí no se puede abrir: en el iPhone, elígela desde Fotos y no desde Archivos."),
    photos.Refusal.UNREADABLE: _("No hemos podido leer la foto: hazla otra vez."),
    photos.Refusal.BUSY: _("Ahora hay muchas fotos en cola: prueba dentro de un momento."),
}


@require(Right.ORDERS_READ)
def show(number: int, name: str) -> Response:
    """One of them, by its random name; `?size=small` for a thumbnail. 404 for another return's, and where photos have a host of their own.

    Only our own encoder wrote it, and even so a browser that opens it runs nothing and asks nobody for anything.
    """
    if photo_links.apart():
        abort(404)
    with reading(services().engine) as session:
        back = found(session, number)
        row = session.scalars(select(ReturnPhoto).where(ReturnPhoto.name == name, ReturnPhoto.return_case_id == back.case.id)).first()
        if row is None:
            abort(404)
        jpeg = row.jpeg
    response = make_response(photos.thumbnail(jpeg) if request.args.get("size") == "small" else jpeg)
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.jpg"'
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require(Right.RETURNS_RECEIVE, most=photos.MAX_BYTES + MAX_FORM)
def add(number: int) -> AnyResponse:
    """Keep what the warehouse shows."""
    upload, line = request.files.get("photo"), request.form.get("line", "")
    with reading(services().engine) as session:
        back, _shop = workable(session, number)
        if line not in ("", *(ref for ref, _ in back.pieces)):
            abort(400)
        of_ours = (ReturnPhoto.return_case_id == number, ReturnPhoto.taken_by == "warehouse")
        many = session.scalar(select(func.count()).select_from(ReturnPhoto).where(*of_ours)) or 0
    if many >= MOST:
        return render("message.html", 409, back=back, title=t(FULL, most=MOST))
    try:
        taken = photos.take(upload.stream.read(photos.MAX_BYTES + 1) if upload is not None else b"")
    except photos.Refused as refused:
        return render("message.html", 422, back=back, title=t(NOT_TAKEN[refused.refusal]))
    with transaction(services().engine) as session:
        kept = {"name": taken.name, "jpeg": taken.jpeg, "width": taken.width, "height": taken.height}
        session.add(ReturnPhoto(shop_id=back.case.shop_id, return_case_id=number, taken_by="warehouse", line_ref=line, created_at=now(), **kept))
        audit.record(session, actor(), "return.photo", shop_id=back.case.shop_id, subject=f"return {back.case.number}")
    return redirect(url_for("returns_desk.goods", number=number, saved="photo"), 303)
