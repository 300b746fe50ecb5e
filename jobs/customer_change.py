"""A customer changes a return of hers, while its goods are still with her: what goes back, why, what comes of it, and how it travels.

Judged by the rules and for the day on which she opened it, so that no change costs her a right. What a person would have been asked about waits for
that person again; what a person agreed to stands as long as the change stays within it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import change_told, label_anew, return_photos, settle_return
from jobs.customer_return import Refused, TooLate, by_number, keep, reason_of, standing_wish, still_hers
from jobs.deeds import mirror
from jobs.pickups import book, choose
from jobs.return_photos import OfLines
from jobs.return_steps import settle_if_due, tell
from jobs.world import World
from postventa import audit
from postventa.clock import now
from postventa.events import ReturnApproved, ReturnChanged, ReturnEvent
from postventa.mirror import known_as
from postventa.models import Effect, Order, ReturnCase, State
from postventa.returns import appointment, material
from postventa.returns.fetching import known_phone
from postventa.returns.material import Material
from postventa.returns.policy import Verdict
from postventa.returns.policy.store import InForce, at_version
from postventa.returns.quote import Quote, reckon
from postventa.returns.rules import state_of
from postventa.returns.slots import Slot, slot_of
from postventa.returns.wish import Method, Resolution, Wish, cut
from postventa.shops import ConnectedShop

MOST = 20
"""Changes of one return before a person has to be asked: each of them writes a mail."""


class Overtaken(Exception):
    """It is not as it was when she looked at it."""


class Busy(TooLate):
    """Its label is being made at this moment."""


@dataclass(frozen=True)
class Terms:
    """What a change is judged by: the rules that decided, the order as if there were no such return, and the day on which it was opened."""

    rules: InForce
    known: Material
    at: datetime
    held: Slot | None = None
    """When it is fetched as things stand."""

    def quote(self, shop: ConnectedShop, wish: Wish) -> Quote:
        return reckon(self.rules, shop, self.known, wish, self.at, today=now(), held=self.held)


def terms(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase) -> Terms:
    """For one return."""
    rules = at_version(session, shop, case.policy_version)
    held = appointment.of(case)
    slot = held.slot if held is not None and held.live else None
    return Terms(rules, material.load(session, order).without(case.ref), case.requested_at or case.created_at, slot)


def may_change(session: Session, case: ReturnCase) -> bool:
    """Whether the customer may still change it by herself."""
    try:
        _still_open(session, case)
    except TooLate:
        return False
    return True


def stamp(case: ReturnCase) -> str:
    """Changes with all that she was shown of it; 32 hexadecimal signs."""
    told = (
        case.number,
        case.state,
        case.lines,
        case.accepted,
        case.resolution,
        case.method,
        case.wish,
        case.quoted,
        case.decided_by,
        standing_wish(case).slot,
    )
    return hashlib.sha256(repr((*told, len(case.changes))).encode("utf-8", "replace")).hexdigest()[:32]


def change(
    session: Session,
    world: World,
    shop: ConnectedShop,
    number: str,
    wish: Wish,
    *,
    seen: str,
    photos: OfLines | None = None,
    phone: str = "",
    actor: str = "customer",
) -> ReturnCase:
    """Put this wish in the place of what stands, once, however often and at once it is sent. `seen`: the stamp of what she looked at; `phone`: whom
    to call when it is fetched.

    Raises `LookupError`, `TooLate` when it is on its way or over, `Busy`, `Overtaken`, and `Refused` with what the rules have against it.
    """
    order, case = by_number(session, shop, number)
    before = standing_wish(case)
    if _same(before, wish) and not any((photos or {}).values()):
        choose.redial(session, world, shop, order, case, phone)
        return case  # all else is as it was, or it was this very change
    if stamp(case) != seen:
        raise Overtaken(f"return {number} was changed meanwhile")
    _still_open(session, case)
    judged = terms(session, shop, order, case)
    answer = judged.quote(shop, replace(wish, photos=return_photos.with_new(return_photos.counts(session, case), photos or {})))
    if answer.problems:
        raise Refused(answer.problems)
    was, pieces = _document(case), material.pieces_of(case, judged.known.lines)
    _not_kept_by_shop(session, case, answer, before)
    _still_movable(shop, order, case, wish, before)
    freight, kinds = label_anew.freight(judged.known.lines, pieces, case.destination), label_anew.serves(session, shop, case)
    events = _write(case, answer, before)
    return_photos.keep(session, case, photos or {})
    same = freight == label_anew.freight(judged.known.lines, material.pairs(case.lines), case.destination)
    _labels(session, case, fits=same and label_anew.kind_of(shop, case.method) in kinds)
    _fetch(session, world, shop, order, case, wish, before, phone)
    case.changes = [*case.changes, {"at": now().isoformat(), "by": actor, "before": was, "after": _document(case), "asks": case.state == "requested"}]
    tell(session, world, shop, order, [ReturnChanged(order.ref, now(), case.ref), *(event(order.ref, now(), case.ref) for event in events)])
    _withdraw_mail(session, case)
    change_told.bring_up_to_date(session, shop, order, case)
    audit.record(session, actor, "return.change", shop_id=shop.id, subject=f"return {number}", before=was, after=_document(case))
    settle_if_due(session, world, shop, order, case, settle_return.OURS)
    return case


def keeps_label(session: Session, shop: ConnectedShop, case: ReturnCase, known: Material, answer: Quote) -> bool:
    """Whether the label that there is would still fit. For the page that shows what will happen."""
    pieces = tuple((line.ref, line.quantity) for line in answer.wish.lines)
    method = (answer.wish.method or str(next(iter(answer.methods), ""))) if answer.methods else "none"
    if label_anew.kind_of(shop, method) not in label_anew.serves(session, shop, case):
        return False
    before = label_anew.freight(known.lines, material.pieces_of(case, known.lines), case.destination)
    return _stays_agreed(case, answer, standing_wish(case)) and before == label_anew.freight(known.lines, pieces, answer.destination)


def _still_open(session: Session, case: ReturnCase) -> None:
    still_hers(session, case, label_matters=False)
    if not case.resolution or not case.wish.get("lines"):
        raise TooLate(f"return {case.number} was not opened by its customer")
    if len(case.changes) >= MOST:
        raise TooLate(f"return {case.number} was changed {MOST} times: ask the shop")


def _not_kept_by_shop(session: Session, case: ReturnCase, answer: Quote, before: Wish) -> None:
    """Shops take no more goods into a return that they keep themselves, and no yes back: it has to be called off and opened anew."""
    if not known_as(case) and not mirror.under_way(session, case):
        return
    there = {line.ref: line.quantity for line in before.lines}
    more = any(line.quantity > there.get(line.ref, 0) for line in answer.wish.lines)
    if more or (case.state == "approved" and not _stays_agreed(case, answer, before)):
        raise TooLate(f"the shop keeps return {case.number} as it was: call it off, and open another one")


def _still_movable(shop: ConnectedShop, order: Order, case: ReturnCase, wish: Wish, before: Wish) -> None:
    """Nobody is moved or called off here who would not be on the pickup's own page."""
    held, fetched = appointment.of(case), wish.method == Method.PICKUP and wish.resolution != Resolution.KEEP_ITEM
    if held is None or (fetched and wish.slot == before.slot):
        return
    if choose.is_fixed(shop, order, held) or (fetched and wish.slot and choose.is_used_up(held)):
        raise TooLate(f"return {case.number}: whoever comes has it on his list already, or had too many appointments")


def _same(one: Wish, other: Wish) -> bool:
    told = ("lines", "resolution", "method", "slot")
    swaps = [[replace(swap, title="") for swap in wish.exchange] for wish in (one, other)]
    return all(getattr(one, name) == getattr(other, name) for name in told) and swaps[0] == swaps[1] and one.note == other.note.strip()


def _write(case: ReturnCase, answer: Quote, before: Wish) -> list[type[ReturnEvent]]:
    """The wish into the return; the events that follow from it."""
    agreed = _stays_agreed(case, answer, before)
    case.lines = sorted([line.ref, line.quantity] for line in answer.wish.lines)
    case.accepted, case.reason = [], reason_of(answer.wish)
    keep(case, answer)
    if not agreed:
        case.approved_at, case.decided_by = None, ""
    elif answer.verdict is Verdict.APPROVE:
        case.decided_by = "policy"
    newly = agreed and case.approved_at is None
    case.state = state_of(case)
    return [ReturnApproved] if newly else []


def _stays_agreed(case: ReturnCase, answer: Quote, before: Wish) -> bool:
    """The rules let it through, or a person agreed to that much already."""
    if answer.verdict is Verdict.APPROVE:
        return True
    by_person = case.state == "approved" and case.decided_by != "policy"
    return by_person and _within(answer.wish, before)


def _within(wish: Wish, agreed: Wish) -> bool:
    pieces = {line.ref: line.quantity for line in wish.lines}
    reasons = {line.ref: line.reason for line in agreed.lines}
    fewer = {line.ref: line.quantity for line in agreed.lines}
    less = all(line.quantity <= fewer.get(line.ref, 0) and line.reason == reasons.get(line.ref) for line in wish.lines)
    return less and wish.resolution == agreed.resolution and wish.exchange == cut(agreed, pieces).exchange


def _labels(session: Session, case: ReturnCase, *, fits: bool) -> None:
    """Nothing travels on a label of another parcel, nor while a person has to agree first."""
    if fits and case.state == "approved":
        return
    if label_anew.under_way(session, case):
        raise Busy(f"the label of return {case.number} is being made: try again in a moment")
    label_anew.void(session, case)


def _fetch(
    session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, wish: Wish, before: Wish, phone: str
) -> None:  # fmt: skip
    """Who was to come stays away where nobody is wanted any more, and comes when she wants it now, once the return is agreed to."""
    slot, held = slot_of(wish.slot), appointment.of(case)
    if case.method != Method.PICKUP or slot is None:
        book.call_off(session, shop, order, case, "the customer changed the return")
    elif held is None:
        book.open_with(session, world, shop, order, case, slot, phone or known_phone(order))
    elif not held.live or wish.slot != before.slot or case.state == "requested":
        book.begin(session, world, shop, order, case, slot, phone or held.phone or known_phone(order))
    else:
        choose.redial(session, world, shop, order, case, phone)
        book.agree(session, world, shop, order, case)


def _withdraw_mail(session: Session, case: ReturnCase) -> None:
    """That it was asked for was told long ago: what waits for a person again is told as a change."""
    if case.state != "requested" or not any(not one["before"]["asks"] for one in case.changes):
        return
    waiting = (Effect.order_id == case.order_id, Effect.subject_ref == case.ref, Effect.followup == "return_requested")
    for effect in session.scalars(select(Effect).where(*waiting, Effect.state == State.PLANNED, Effect.attempts == 0)):
        effect.state, effect.reason, effect.done_at = State.CANCELLED, "told with the change of the return", now()


def _document(case: ReturnCase) -> dict[str, object]:
    """What a change may touch, as it is kept: no words of hers."""
    reasons = {str(one["ref"]): str(one.get("reason", "")) for one in case.wish.get("lines", [])}
    told = {"lines": case.accepted or case.lines, "reasons": reasons, "resolution": case.resolution, "method": case.method}
    return {**told, "refund": str(case.quoted.get("refund", "0")), "asks": case.state == "requested"}
