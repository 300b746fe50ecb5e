"""A return's label as a file, for a shop that fetches it from us: the link is the key, and opens nothing else."""

from __future__ import annotations

from flask import abort, make_response
from flask.wrappers import Response
from sqlalchemy.orm import Session

from postventa import links
from postventa.clock import now
from postventa.models import LabelRow
from postventa.models.db import reading
from postventa.web.portal.page import insist, services


def show(token: str) -> Response:
    """The PDF; 404 for whatever is no living link to a label that still counts. Fetching it changes nothing."""
    with reading(services().engine) as session:
        label = _label(session, token)
        pdf = label.pdf if label is not None and label.voided_at is None else None
    if label is None or pdf is None:
        abort(404)
    response = make_response(pdf)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{label.reference}.pdf"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _label(session: Session, token: str) -> LabelRow | None:
    link = links.find(session, token, "label", now())
    if link is None:
        return None
    insist(link.shop_id)
    label = session.get(LabelRow, int(str(link.data["label"])))
    return label if label is not None and label.shop_id == link.shop_id else None
