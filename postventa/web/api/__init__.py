"""The REST API, `/api/v1`. Every request carries `Authorization: Bearer <key>`; a key belongs to one shop and sees nothing of another."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Response, current_app, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import open_return, tell_merchant
from postventa.config import Settings
from postventa.directory import Directory
from postventa.models import LabelRow, Order, ReturnCase
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
MAX_BODY = 64 * 1024


class ReturnItem(BaseModel):
    """One item that goes back: the line's id or its SKU."""

    model_config = ConfigDict(extra="forbid")
    item: str = Field(min_length=1, max_length=200)
    quantity: int = Field(ge=1, le=10_000)


class NewReturn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    order: str = Field(min_length=1, max_length=200)
    items: list[ReturnItem] = Field(default=[], max_length=500)
    reason: str = Field(default="", max_length=1000)
    reference: str = Field(default="", max_length=100, pattern=r"^[A-Za-z0-9_.:-]*$")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """This API's description (OpenAPI 3.1)."""
    return Response((Path(__file__).parent / "openapi.json").read_bytes(), mimetype="application/json")


@blueprint.post("/returns")
def create() -> Response:
    """Open a return: 201 with the case; its label is made within moments. The same `reference` again gives the same case with 200."""
    shop = _shop()
    if shop is None:
        return _problem(401, "no valid API key: send Authorization: Bearer <key>, one of the shop's api_keys")
    request.max_content_length = MAX_BODY
    try:
        wanted = NewReturn.model_validate_json(request.get_data())
    except ValidationError as error:
        return _problem(422, "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()))
    settings = _settings()
    try:
        with transaction(current_app.extensions["postventa"].engine) as session:
            order = open_return.find_order(session, shop, wanted.order)
            before = _known(session, order, wanted.reference)
            pairs = [(entry.item, entry.quantity) for entry in wanted.items]
            case = open_return.open_return(session, settings, shop, order, pairs, wanted.reason, "api", wanted.reference, actor=_actor())
            return _json(200 if before else 201, _describe(session, case))
    except LookupError as error:
        return _problem(404, str(error))
    except ValueError as error:
        return _problem(422, str(error))


@blueprint.get("/returns/<number>")
def show(number: str) -> Response:
    """One return of the key's shop."""
    shop = _shop()
    if shop is None:
        return _problem(401, "no valid API key")
    with reading(current_app.extensions["postventa"].engine) as session:
        case = _case(session, shop, number)
        return _json(200, _describe(session, case)) if case is not None else _problem(404, f"no return {number}")


@blueprint.get("/returns/<number>/label.pdf")
def label(number: str) -> Response:
    """The printable label; 404 until it is made, and after it was voided."""
    shop = _shop()
    if shop is None:
        return _problem(401, "no valid API key")
    with reading(current_app.extensions["postventa"].engine) as session:
        case = _case(session, shop, number)
        row = _label(session, case) if case is not None else None
    if row is None or row.pdf is None:
        return _problem(404, f"return {number} has no label (yet)")
    return Response(row.pdf, mimetype="application/pdf", headers={"Cache-Control": "no-store"})


@blueprint.delete("/returns/<number>")
def cancel(number: str) -> Response:
    """Call a return off and void its label."""
    shop = _shop()
    if shop is None:
        return _problem(401, "no valid API key")
    try:
        with transaction(current_app.extensions["postventa"].engine) as session:
            case = open_return.void(session, _settings(), shop, number, "called off through the API", actor=_actor())
            return _json(200, _describe(session, case))
    except LookupError as error:
        return _problem(404, str(error))
    except ValueError as error:
        return _problem(409, str(error))


@blueprint.get("/alarms")
def alarms() -> Response:
    """What this shop's merchant was told of and has to put right, as long as it is so."""
    shop = _shop()
    if shop is None:
        return _problem(401, "no valid API key")
    with reading(current_app.extensions["postventa"].engine) as session:
        found = tell_merchant.open_for(session, shop)
        return _json(200, {"alarms": [{"name": alarm.name, "level": alarm.level, "since": alarm.opened_at.isoformat()} for alarm in found]})


def _shop() -> ConnectedShop | None:
    """The shop that the request's key belongs to; every key is compared, so that time tells nothing."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    found = None
    for shop in cast(Directory, current_app.extensions["postventa.directory"]).fresh().everyone:
        for known in shop.settings.api_keys:
            if hmac.compare_digest(known.encode(), key.strip().encode()):
                found = shop
    return found


def _actor() -> str:
    """Whose key it was, as the audit log says it: enough to tell keys apart, too little to use one."""
    key = request.headers.get("Authorization", "").partition(" ")[2].strip()
    return f"api:{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["postventa"].settings)


def _known(session: Session, order: Order, ref: str) -> bool:
    return bool(ref) and session.scalar(select(ReturnCase.id).where(ReturnCase.order_id == order.id, ReturnCase.ref == ref)) is not None


def _case(session: Session, shop: ConnectedShop, number: str) -> ReturnCase | None:
    return session.scalars(select(ReturnCase).where(ReturnCase.shop_id == shop.id, ReturnCase.number == number)).first()


def _label(session: Session, case: ReturnCase) -> LabelRow | None:
    return session.scalars(select(LabelRow).where(LabelRow.return_case_id == case.id, LabelRow.voided_at.is_(None)).order_by(LabelRow.id)).first()


def _describe(session: Session, case: ReturnCase) -> dict[str, Any]:
    order = session.get_one(Order, case.order_id)
    made = _label(session, case)
    return {
        "number": case.number,
        "reference": case.ref,
        "order": order.ref,
        "order_number": order.number,
        "state": case.state,
        "items": [{"item": ref, "quantity": quantity} for ref, quantity in case.lines],
        "reason": case.reason,
        "label": {"state": made.state, "carrier": made.carrier, "reference": made.reference} if made is not None else None,
    }


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _problem(status: int, detail: str) -> Response:
    """RFC 9457."""
    return Response(json.dumps({"status": status, "detail": detail}, ensure_ascii=False), status, mimetype="application/problem+json")
