"""One return label: claim, ask the carrier, keep the PDF in the label ledger, and plan the mail that brings it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.carriers import CARRIERS
from connectors.carriers.base import Carrier, Label, LabelRequest
from connectors.errors import ConnectorError, InDoubt
from jobs.ask import ask_soon
from jobs.labels import label_request
from jobs.world import World, current
from postventa import effects, failpoints
from postventa.clock import now
from postventa.followups.base import Basis
from postventa.followups.schedule import effect_key
from postventa.models import Effect, LabelRow, ReturnCase, State
from postventa.models.db import transaction
from postventa.shops import find

log = logging.getLogger("postventa.labels")


def create_return_label(effect_id: int) -> None:
    """Make the label of one return case. The carrier is asked under the return's number, so a repetition gives the same label."""
    world = current()
    with transaction(world.engine) as session:
        prepared = _prepare(session, world, effect_id)
    if prepared is None:
        return
    held, request, carrier = prepared
    failpoints.hit("label.after_sending")
    try:
        label = carrier_called(carrier).return_label(request)
        failpoints.hit("label.after_answer")
    except (ConnectorError, ValueError) as error:
        _failed(world, held, error)
        return
    with transaction(world.engine) as session:
        mail = _keep(session, world, held, label, request)
    failpoints.hit("label.after_done")
    if mail is not None:
        ask_soon(world, [mail])


def carrier_called(name: str) -> Carrier:
    """The carrier that a shop's settings name. Raises `ValueError` with the names there are."""
    if name not in CARRIERS:
        raise ValueError(f'there is no carrier "{name}": set carrier to one of {", ".join(CARRIERS)}')
    return CARRIERS[name]


def _prepare(session: Session, world: World, effect_id: int) -> tuple[effects.Claim, LabelRequest, str] | None:
    order = effects.locked_order(session, effect_id)
    held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, ("label",))
    if held is None:
        return None
    effect = session.get_one(Effect, effect_id, populate_existing=True)
    shop = find(session, effect.shop_id, world.settings, world.secret)
    case = _case(session, effect)
    if case.state in ("declined", "cancelled") or order.trashed:
        effects.drop(session, held, State.CANCELLED, f"the return was {case.state}" if not order.trashed else "the shop threw the order away")
        return None
    request = label_request(session, world.settings, shop, order, case)
    effects.begin(session, held, world.owner, "")
    return held, request, shop.settings.carrier


def _case(session: Session, effect: Effect) -> ReturnCase:
    return session.scalars(select(ReturnCase).where(ReturnCase.order_id == effect.order_id, ReturnCase.ref == effect.subject_ref)).one()


def _failed(world: World, held: effects.Claim, error: ConnectorError | ValueError) -> None:
    with transaction(world.engine) as session:
        if isinstance(error, InDoubt):
            effects.doubt(session, held, world.owner, str(error), world.settings.recovery.doubt_after)
        elif isinstance(error, ValueError) or error.permanent:
            effects.drop(session, held, State.DEAD, str(error))
        else:
            effects.retry(session, held, world.owner, str(error), error.retry_after)
    log.warning("label not made: %s", error, extra={"effect": held.effect_id})


def _keep(session: Session, world: World, held: effects.Claim, label: Label, request: LabelRequest) -> Effect | None:
    order = effects.locked_order(session, held.effect_id)
    effect = session.get_one(Effect, held.effect_id)
    case = _case(session, effect)
    values = {
        "shop_id": effect.shop_id,
        "return_case_id": case.id,
        "effect_id": effect.id,
        "carrier": label.carrier,
        "reference": label.reference,
        "carrier_ref": label.carrier_ref,
        "tracking_number": label.tracking_number,
        "state": "made",
        "cost": Decimal(label.cost),
        "currency": label.currency,
        "pdf": label.pdf,
        "created_at": now(),
        "expires_at": _end_of(request),
    }
    session.execute(effects.insert_once(session, LabelRow, values, ["shop_id", "reference"]))
    effects.done(session, held, world.owner, f"{label.carrier} {label.reference}")
    shop = find(session, effect.shop_id, world.settings, world.secret)
    return effects.plan(
        session,
        key=effect_key(shop, order, "return_label", case.ref),
        shop_id=effect.shop_id,
        order_id=order.id,
        kind="mail",
        followup="return_label",
        recipient=order.email,
        legal_basis=Basis.TRANSACTIONAL,
        at=effect.at,
        due_at=now(),
        subject_ref=case.ref,
    )


def _end_of(request: LabelRequest) -> datetime | None:
    return datetime.combine(request.valid_until, time.max, UTC) if request.valid_until else None
