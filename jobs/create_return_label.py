"""One return label: claim, ask the carrier, keep the PDF in the label ledger, and plan the mail that brings it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.carriers.base import Label, LabelRequest, Method
from connectors.errors import ConnectorError
from jobs import ask_carrier, erased_labels, label_anew
from jobs import carrier_accounts as accounts
from jobs.ask import ask_soon
from jobs.ask_carrier import Ready
from jobs.carrier_accounts import carrier_of
from jobs.deeds import note, returns
from jobs.heartbeat import beating
from jobs.labels import label_request
from jobs.world import World, current
from postventa import alarms, effects, failpoints
from postventa.clock import now
from postventa.followups.base import Basis
from postventa.followups.schedule import effect_key
from postventa.models import Effect, LabelRow, Order, ReturnCase, State
from postventa.models.db import transaction
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.labels")

CALLED_OFF = ("declined", "cancelled")


def create_return_label(effect_id: int) -> None:
    """Make the label of one return case, once: the carrier is asked under the return's number, and after a doubt looks it up first."""
    world = current()
    with transaction(world.engine) as session:
        ready = _prepare(session, world, effect_id)
    if ready is None:
        return
    failpoints.hit("label.after_sending")
    with beating(world, [ready.held]):
        label = _made(world, ready) if ready.doubted is None else _found(world, ready, ready.doubted)
    if label is None:
        return
    failpoints.hit("label.after_answer")
    with transaction(world.engine) as session:
        mail = _keep(session, world, ready.held, label, ready.request)
    failpoints.hit("label.after_done")
    if mail is not None:
        ask_soon(world, [mail])


def _prepare(session: Session, world: World, effect_id: int) -> Ready | None:
    order = effects.locked_order(session, effect_id)
    held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, ("label",))
    if held is None:
        return None
    effect = session.get_one(Effect, effect_id, populate_existing=True)
    shop = find(session, effect.shop_id, world.settings, world.secret)
    case, doubted = _case(session, effect), effects.doubted(effect)
    unwanted = _unwanted(order, case)
    if unwanted and doubted is None:
        effects.drop(session, held, State.CANCELLED, unwanted)
        return None
    request = label_request(session, world.settings, shop, order, case, _again(effect), _parcel(effect))
    carrier = str(effect.data["carrier"]) if doubted else shop.settings.carrier  # who was asked is who knows
    kind = label_anew.CODE if request.method is Method.QR else label_anew.LABEL
    effect.data = {**effect.data, "carrier": carrier, "kind": kind}
    session.flush()
    effects.begin(session, held, world.owner, "")
    return Ready(held, request, shop, carrier, doubted, unwanted)


def _unwanted(order: Order, case: ReturnCase) -> str:
    """Why no label is called for any more; empty: one is."""
    if order.trashed:
        return "the shop threw the order away"
    if order.erased_at is not None:
        return "the customer's data were erased"
    if case.state in CALLED_OFF:
        return f"the return was {case.state}"
    return "the customer changed it, and a person has to agree first" if case.changes and case.state == "requested" else ""


def _again(effect: Effect) -> int:
    """How many labels the return had before this one."""
    return int(str(effect.data.get("again", 0)))


def _parcel(effect: Effect) -> int:
    """Which of the return's parcels it is for; 1: the only one, or the first."""
    return int(str(effect.data.get("parcel", 1)))


def _case(session: Session, effect: Effect) -> ReturnCase:
    return session.scalars(select(ReturnCase).where(ReturnCase.order_id == effect.order_id, ReturnCase.ref == effect.subject_ref)).one()


def _made(world: World, ready: Ready) -> Label | None:
    try:
        return carrier_of(world, ready.shop, ready.carrier).return_label(ready.request)
    except (ConnectorError, ValueError) as error:
        with transaction(world.engine) as session:
            ask_carrier.failed(session, world, ready, error)
        log.warning("label not made: %s", error, extra={"effect": ready.held.effect_id})
        return None


def _found(world: World, ready: Ready, since: datetime) -> Label | None:
    """What the carrier has under our number; made only once it is sure that nothing comes of the earlier request."""
    try:
        label = carrier_of(world, ready.shop, ready.carrier).find(ready.request)
    except (ConnectorError, ValueError) as error:
        _unreadable(world, ready, error)
        return None
    if label is None:
        with transaction(world.engine) as session:
            if ask_carrier.rests(session, world, ready, since, "label"):
                return None
            if ready.unwanted:
                effects.drop(session, ready.held, State.CANCELLED, ready.unwanted)
                return None
    return label or _made(world, ready)


def _unreadable(world: World, ready: Ready, error: ConnectorError | ValueError) -> None:
    """Nobody can say whether there is a label: tried again for as long as that may help, then a person has to look."""
    told = f"in doubt, please look whether {ready.carrier} made the label {ready.request.reference}: {error}"
    with transaction(world.engine) as session:
        order = effects.locked_order(session, ready.held.effect_id)
        if ask_carrier.unreadable(session, world, ready, error, told) and order.erased_at is not None:
            erased_labels.tell(session, ready.shop.id, order, f"the label {ready.request.reference} of {ready.carrier}", erased_labels.DOUBT)
    log.warning("label in doubt: %s", error, extra={"effect": ready.held.effect_id})


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
        "pdf": (label.pdf or None) if order.erased_at is None else None,
        "qr": (label.qr or None) if order.erased_at is None else None,
        "created_at": now(),
        "expires_at": _end_of(request),
    }
    session.execute(effects.insert_once(session, LabelRow, values, ["shop_id", "reference"]))
    effects.done(session, held, world.owner, f"{label.carrier} {label.reference}")
    if unwanted := _unwanted(order, case):
        _void(session, effect.shop_id, label.reference, unwanted)
        return None
    shop = find(session, effect.shop_id, world.settings, world.secret)
    _show_it(session, shop, order, case, label.reference)
    if request.method is Method.QR and not label.qr:
        _tell_staff(session, shop, order, label)
    if shop.settings.carriers.keys(label.carrier):
        accounts.answered(session, shop, label.carrier)
    again = _again(effect)
    return effects.plan(
        session,
        key=effect_key(shop, order, "return_label", f"{case.ref}:{again}" if again else case.ref),
        shop_id=effect.shop_id,
        order_id=order.id,
        kind="mail",
        followup="return_label",
        recipient=order.email,
        legal_basis=Basis.TRANSACTIONAL,
        at=effect.at,
        due_at=now(),
        subject_ref=case.ref,
        data={"label": label.reference, "parcel": _parcel(effect)},
    )


def _void(session: Session, shop_id: int, reference: str, why: str) -> None:
    """It was called off while its carrier was asked: it goes back (`jobs/give_back_labels.py`), and nobody is sent it."""
    row = session.scalars(select(LabelRow).where(LabelRow.shop_id == shop_id, LabelRow.reference == reference)).one()
    row.state, row.voided_at, row.void_reason = "voided", now(), why


def _show_it(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, reference: str) -> None:
    """To the shop's own people: at the return where the shop keeps returns, else in a note on the order, if its merchant wants notes."""
    row = session.scalars(select(LabelRow).where(LabelRow.shop_id == shop.id, LabelRow.reference == reference)).one()
    if returns.plan_label(session, shop, order, case, row) is None and note.wants(shop):
        note.plan_label_note(session, shop, order, case, row)


def _tell_staff(session: Session, shop: ConnectedShop, order: Order, label: Label) -> None:
    """The customer has a label to print, and reads why; whoever chose the carrier's way should know that it gives no codes."""
    said = f"{shop.settings.name}: {label.carrier} gave no QR code for {label.reference} (order {order.number}), so its customer has a label to print"
    alarms.raise_alarm(session, "qr-not-given", f"{shop.settings.name}, {label.reference}", "warn", f"{said}. Look at qr_option")


def _end_of(request: LabelRequest) -> datetime | None:
    return datetime.combine(request.valid_until, time.max, UTC) if request.valid_until else None
