"""What goes with the parcel: the label as a file, the carrier's code as a picture, our number as a code, the address where it goes."""

from __future__ import annotations

from typing import NamedTuple

from flask import abort, make_response
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from jobs import label_more
from postventa.events import Address
from postventa.locale import formats
from postventa.models import LabelRow, ReturnCase
from postventa.models.db import reading
from postventa.step_up import Purpose
from postventa.web.portal import step_up
from postventa.web.portal.page import services
from postventa.web.returns.visit import Visit, visit


class Code(NamedTuple):
    """A QR code as one path, and its side in modules."""

    path: str
    side: int


def label(token: str, number: str) -> Response | Redirect:
    """The PDF, for whoever proved that they may see whose address is on it; 404 while there is none, and after it was voided. Changes nothing."""
    with reading(services().engine) as session:
        it, row = _label(session, token, number)
        ask = step_up.required(session, it.order, Purpose.DATA, token, "returns.label", number) if row is not None and row.pdf is not None else None
    return ask or _file(row.pdf if row is not None else None, "application/pdf", f"{number}.pdf")


def picture(token: str, number: str) -> Response:
    """The carrier's code (PNG), which tells nothing of anybody; 404 in the same cases."""
    with reading(services().engine) as session:
        _, row = _label(session, token, number)
    return _file(row.qr if row is not None else None, "image/png", f"{number}.png")


def _label(session: Session, token: str, number: str) -> tuple[Visit, LabelRow | None]:
    """By the return's number its first parcel's, by a label's own reference that one."""
    it = visit(session, token)
    case = next((case for case in it.known.cases if number == case.number or number.startswith(f"{case.number}-")), None)
    held = label_more.living(session, case) if case is not None else []
    return it, next((one for one in held if one.reference == number), held[0] if held and case is not None and number == case.number else None)


def _file(content: bytes | None, mime: str, name: str) -> Response:
    if content is None:
        abort(404)
    response = make_response(content)
    response.headers["Content-Type"] = mime
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def code(text: str) -> Code:
    """A QR code, four modules of quiet around it."""
    from connectors.carriers.own.codes import qr  # loads reportlab, which no start waits for

    runs, size = qr(text)
    return Code("".join(f"M{column + 4} {row + 4}h{length}v1h-{length}z" for row, column, length in runs), size + 8)


def destination(it: Visit, case: ReturnCase) -> tuple[str, ...]:
    """Where it goes, line by line."""
    known = Address(**case.destination) if case.destination else it.shop.settings.return_address.address()
    return formats.postal(known, it.face.language, it.shop.settings.country)
