"""What a customer does about a return: open it, change how it is to go, call it off. Only what the rules let through, worked out here anew."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import label_anew, return_photos, settle_return
from jobs.open_return import begin, void
from jobs.pickups import book
from jobs.return_photos import OfLines
from jobs.return_steps import settle_if_due, tell
from jobs.world import World
from postventa import audit
from postventa.clock import now
from postventa.events import ReturnApproved, ReturnEvent, ReturnRequested
from postventa.models import DispatchProof, LabelRow, Order, ReturnCase
from postventa.models.types import word
from postventa.returns import appointment, material
from postventa.returns.appointment import Stage
from postventa.returns.fetching import known_phone
from postventa.returns.policy import Verdict
from postventa.returns.policy.store import in_force
from postventa.returns.problems import Problem
from postventa.returns.quote import Quote, reckon
from postventa.returns.reasons import CODES
from postventa.returns.rules import ReturnRefused
from postventa.returns.slots import slot_of
from postventa.returns.wish import Method, Swap, Wish, WishLine, cut
from postventa.shops import ConnectedShop

OPEN = ("requested", "approved")
"""States in which the goods are still with the customer."""


class Refused(ReturnRefused):
    """The rules do not let it through; `why` has the sentences for the customer."""

    def __init__(self, why: Sequence[Problem]) -> None:
        super().__init__([problem.sentence("es") for problem in why])
        self.why = tuple(why)


class TooLate(ValueError):
    """It cannot be changed by the customer any more: it is on its way, settled, or over."""


def open_case(
    session: Session,
    world: World,
    shop: ConnectedShop,
    order: Order,
    wish: Wish,
    *,
    form_key: str,
    source: str = "portal",
    actor: str = "customer",
    photos: OfLines | None = None,
    phone: str = "",
) -> ReturnCase:
    """Open a return, and approve it where the rules do. The same `form_key` for one order is the same return, however often and at once it is sent.

    `photos`: of each line, as `postventa.reviews.photos.take` made them. `phone`: whom to call when it is fetched; empty: the order's own number.

    Raises `Refused`.
    """
    order, ref = locked(session, order.id), _ref(source, form_key)
    known = opened_by(session, order, form_key, source)
    if known is not None:
        return known
    wish = replace(wish, photos=return_photos.with_new({}, photos or {}))
    answer = reckon(in_force(session, shop), shop, material.load(session, order), wish, now())
    if answer.problems:
        raise Refused(answer.problems)
    case = _told(session, world, shop, order, ref, source, answer)
    return_photos.keep(session, case, photos or {})
    if case.method == Method.PICKUP and (slot := slot_of(wish.slot)) is not None:
        book.open_with(session, world, shop, order, case, slot, phone or known_phone(order))
    after = {"order": order.ref, "state": case.state, "resolution": case.resolution, "lines": case.lines, "quoted": case.quoted}
    audit.record(session, actor, "return.open", shop_id=shop.id, subject=f"return {case.number}", after=after)
    settle_if_due(session, world, shop, order, case, settle_return.OURS)
    return case


def opened_by(session: Session, order: Order, form_key: str, source: str = "portal") -> ReturnCase | None:
    """The return that this form has opened already; None: it has not."""
    return session.scalars(select(ReturnCase).where(ReturnCase.order_id == order.id, ReturnCase.ref == _ref(source, form_key))).first()


def change(
    session: Session,
    world: World,
    shop: ConnectedShop,
    number: str,
    *,
    resolution: str = "",
    method: str = "",
    note: str | None = None,
    exchange: Sequence[Swap] | None = None,
    actor: str = "customer",
) -> ReturnCase:
    """Another resolution, another way, other words; what is not named stays. For other goods it is called off and another one opened.

    Raises `LookupError`, `TooLate` when it is on its way or its label is made, and `Refused`.
    """
    order, case = by_number(session, shop, number)
    still_hers(session, case, label_matters=bool(method or resolution) and (method or case.method) != case.method)
    before = standing_wish(case)
    wish = Wish(
        before.lines,
        resolution or case.resolution,
        method or case.method,
        before.note if note is None else note,
        before.exchange if exchange is None else tuple(exchange),
        photos=return_photos.counts(session, case),
    )
    then = case.requested_at or case.created_at  # her rights are those of the day on which she asked
    answer = reckon(in_force(session, shop), shop, material.load(session, order).without(case.ref), wish, then)
    if answer.problems:
        raise Refused(answer.problems)
    _agreed(case, answer, other=resolution not in ("", case.resolution) or wish.exchange != before.exchange)
    was = {"resolution": case.resolution, "method": case.method}
    keep(case, answer)
    if case.method != Method.PICKUP:
        book.call_off(session, shop, order, case, "it comes back in another way")
    tell(session, world, shop, order, ())
    label_anew.make(session, shop, order, case)
    after = {"resolution": case.resolution, "method": case.method, "quoted": case.quoted}
    audit.record(session, actor, "return.change", shop_id=shop.id, subject=f"return {number}", before=was, after=after)
    settle_if_due(session, world, shop, order, case, settle_return.OURS)
    return case


def cancel(session: Session, world: World, shop: ConnectedShop, number: str, *, reason: str = "", actor: str = "customer") -> ReturnCase:
    """Call it off and void its label; harmless when that was done. Raises `LookupError`, and `TooLate` when it is on its way."""
    _, case = by_number(session, shop, number)
    if case.state == "cancelled":
        return case
    still_hers(session, case, label_matters=False)
    return void(session, world.settings, shop, number, reason, actor=actor)


def locked(session: Session, order_id: int) -> Order:
    """The order as it stands now, for this transaction alone."""
    return session.scalars(select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)).one()


def by_number(session: Session, shop: ConnectedShop, number: str) -> tuple[Order, ReturnCase]:
    """A return with its order locked. Raises `LookupError`."""
    found = (ReturnCase.shop_id == shop.id, ReturnCase.number == number)
    order_id = session.scalar(select(ReturnCase.order_id).where(*found))
    if order_id is None:
        raise LookupError(f"{shop.settings.name} has no return {number}")
    order = locked(session, order_id)
    return order, session.scalars(select(ReturnCase).where(*found).execution_options(populate_existing=True)).one()


def wish_of(case: ReturnCase) -> Wish:
    """What the customer asked for, as it was kept."""
    lines = tuple(
        WishLine(str(one["ref"]), int(one["quantity"]), str(one.get("reason", "")), str(one.get("note", ""))) for one in case.wish.get("lines", [])
    )
    swaps = tuple(
        Swap(str(one["ref"]), str(one["variant"]), int(one["quantity"]), str(one.get("product", "")), str(one.get("title", "")))
        for one in case.wish.get("exchange", [])
    )
    held = appointment.of(case)
    slot = held.slot.code if held is not None and held.live else ""
    return Wish(lines, case.resolution, case.method, str(case.wish.get("note", "")), swaps, slot=slot)


def standing_wish(case: ReturnCase) -> Wish:
    """What of it stands: only what was agreed to, once a person has cut it down."""
    return cut(wish_of(case), dict(material.pairs(case.accepted))) if case.accepted else wish_of(case)


def is_hers(session: Session, case: ReturnCase) -> bool:
    """Whether the customer may still call it off by herself."""
    try:
        still_hers(session, case, label_matters=False)
    except TooLate:
        return False
    return True


def swaps_document(wish: Wish) -> list[dict[str, object]]:
    """What is wanted in exchange, as it is kept."""
    return [{"ref": one.ref, "variant": one.variant_ref, "quantity": one.quantity, **_more(one)} for one in wish.exchange]


def _more(swap: Swap) -> dict[str, object]:
    return {name: told for name, told in (("product", swap.product_ref), ("title", swap.title)) if told}


def still_hers(session: Session, case: ReturnCase, *, label_matters: bool) -> None:
    """Raises `TooLate` when it is on its way, settled or over; with `label_matters` also when its label is made."""
    held = appointment.of(case)
    taken = case.scanned_at is not None or bool(case.arrivals) or (held is not None and held.stage is Stage.FETCHED)
    if case.state not in OPEN or taken or case.settled_at is not None:
        raise TooLate(f"return {case.number} is {case.state} or on its way: only the shop can change it now")
    proven = (DispatchProof.return_case_id == case.id, DispatchProof.state == word("open"))
    if session.scalar(select(DispatchProof.id).where(*proven).limit(1)) is not None:
        raise TooLate(f"the customer says that return {case.number} is on its way: look at her proof first")
    made = (LabelRow.return_case_id == case.id, LabelRow.voided_at.is_(None))
    if label_matters and (label_anew.under_way(session, case) or session.scalar(select(LabelRow.id).where(*made).limit(1)) is not None):
        raise TooLate(f"the label of return {case.number} is made, or being made: call the return off to send it in another way")


def _ref(source: str, form_key: str) -> str:
    return f"{source}-{hashlib.sha256(form_key.encode()).hexdigest()[:16]}"


def _agreed(case: ReturnCase, answer: Quote, *, other: bool) -> None:
    """What was agreed to is not changed into what a person would have to agree to first."""
    if case.state == "approved" and answer.verdict is not Verdict.APPROVE and (other or case.decided_by == "policy"):
        raise TooLate(f"the shop has to agree to that: call return {case.number} off, and ask for it in another one")


def _told(session: Session, world: World, shop: ConnectedShop, order: Order, ref: str, source: str, answer: Quote) -> ReturnCase:
    """The events, the case with all that was worked out, and the plan."""
    lines = tuple((line.ref, line.quantity) for line in answer.wish.lines)
    reason, at = reason_of(answer.wish), now()
    events: list[ReturnEvent] = [ReturnRequested(order.ref, at, ref, lines, reason)]
    if answer.verdict is Verdict.APPROVE:
        events.append(ReturnApproved(order.ref, at, ref, lines, reason))

    def fill(case: ReturnCase) -> None:
        case.decided_by = "policy" if answer.verdict is Verdict.APPROVE else ""
        keep(case, answer)

    return begin(session, world.settings, shop, order, events, source, fill)


def keep(case: ReturnCase, answer: Quote) -> None:
    """What was wished and worked out, as it is kept."""
    wish = answer.wish
    case.resolution = wish.resolution
    case.method = (wish.method or str(next(iter(answer.methods), ""))) if answer.methods else ""
    case.wish = {
        "lines": [{"ref": one.ref, "quantity": one.quantity, "reason": one.reason, "note": clean(one.note)} for one in wish.lines],
        "note": clean(wish.note),
        "exchange": swaps_document(wish),
    }
    case.quoted = settle_return.document(answer.sums, answer.currency)
    case.decision, case.policy_version = answer.decision.document(), answer.policy_version
    case.destination, case.refund_when = answer.destination, answer.refund_when


def clean(text: str) -> str:
    """As every database keeps it."""
    return text.replace("\0", "").strip()


def reason_of(wish: Wish) -> str:
    """The platform's word for the first reason that says something: what labels and Shopify understand."""
    codes = (CODES[line.reason].shopify if line.reason in CODES else "OTHER" for line in wish.lines if line.reason)
    return next((code for code in codes if code != "UNKNOWN"), "")
