"""Brings the ledger in line with the plan: new effects are written, planned ones moved, merged or called off; what went out stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from postventa import effects
from postventa.clock import now, real_now
from postventa.config import Settings
from postventa.dossier import Dossier
from postventa.followups import FOLLOWUPS
from postventa.followups.base import Basis
from postventa.followups.load import UNTRACKED, view
from postventa.followups.plan import Wanted, plan
from postventa.followups.view import OrderView, Rules
from postventa.models import Effect, Order, State, assign, insert_new, number
from postventa.shops import ConnectedShop

SENT = (State.DONE, State.SENDING, State.UNKNOWN)
NOT_OF_THE_PLAN = frozenset({"return_label", *(name for name, followup in FOLLOWUPS.items() if followup.asked)})
"""The label's mail is planned when the label is made, what somebody asks for when it is asked."""


def rules_for(shop: ConnectedShop, settings: Settings, native: dict[str, str]) -> Rules:
    """The merchant's switches over the platform's defaults. `native`: follow-up -> the shop's own mail that would be doubled."""
    journey, own = settings.journey, shop.settings
    reasons = {name: f'the shop sends "{mail}" itself' for name, mail in native.items() if name not in own.on}
    reasons |= dict.fromkeys((*journey.off, *own.off), "switched off by the merchant")
    return Rules(frozenset(reasons), reasons, timedelta(seconds=journey.settle), timedelta(seconds=journey.merge_window))


def replan(
    session: Session,
    dossiers: Sequence[Dossier],
    shop: ConnectedShop,
    rules: Rules,
    claim: Callable[[Sequence[Dossier]], None] | None = None,
    planned: Sequence[Dossier] = (),
) -> list[Effect]:
    """Plan orders anew (their rows and their effects are locked) and return the effects that are due within moments.

    `planned`: orders whose plan was made before they had ids (`draft`), and is only written; `claim` may take new effects for the caller before
    they are written. All of them are among those returned.
    """
    everything = (*dossiers, *planned)
    with session.no_autoflush:
        for dossier in dossiers:
            _replan(session, dossier, shop, rules)
        for dossier in planned:
            _of_order(dossier)
        new = [effect for dossier in everything for effect in dossier.new_effects]
        number(session, new)
        if claim is not None:
            claim(everything)
        insert_new(session, new)
    for dossier in everything:
        dossier.new_effects = []
    soon = now() + timedelta(seconds=1)
    return [effect for dossier in everything for effect in dossier.effects if effect.state == State.PLANNED and effect.due_at <= soon]


def draft(dossiers: Sequence[Dossier], shop: ConnectedShop, rules: Rules) -> None:
    """Plan orders that are not written yet."""
    for dossier in dossiers:
        _replan(None, dossier, shop, rules)


def _of_order(dossier: Dossier) -> None:
    """The order has its id now."""
    for effect in dossier.new_effects:
        assign(effect, {"order_id": dossier.order.id})


def _replan(session: Session | None, dossier: Dossier, shop: ConnectedShop, rules: Rules) -> None:
    order = dossier.order
    if order.number == "" and order.updated_at is None:
        return  # only an event came so far: the description with the address is still to come
    facts = view(dossier, shop.settings)
    known = {effect.key: effect for effect in dossier.effects}
    in_time = {(e.followup, e.subject_ref, e.at) for e in known.values() if not e.data.get("final")}
    wanted = plan(facts, rules, now(), in_time)
    kept: set[str] = set()
    for item in wanted:
        effect = _bring(dossier, shop, item, known)
        kept.add(effect.key)
    _merge(session, order, shop, wanted, known)
    _stand_in(facts, order, shop, known)
    for key, effect in known.items():
        ours = effect.kind == "mail" and effect.followup not in NOT_OF_THE_PLAN
        if key not in kept and ours and effect.state == State.PLANNED and effect.attempts == 0 and not effect.data.get("by_hand"):
            effect.data = {"skipped": True}
            _end(effect, State.CANCELLED, "the shop took back what it was about")
    dossier.effects = list(known.values())


def effect_key(shop: ConnectedShop, order: Order, followup: str, subject: str, kind: str = "mail") -> str:
    """One row per (order or part of it, follow-up): what makes an effect happen once."""
    return ":".join((shop.key, order.ref, followup if kind == "mail" else f"{followup}({kind})", subject))


def _bring(dossier: Dossier, shop: ConnectedShop, item: Wanted, known: dict[str, Effect]) -> Effect:
    order = dossier.order
    kind = "label" if item.followup.name == "return_label" else "mail"
    key = effect_key(shop, order, item.followup.name, item.occasion.subject, kind)
    effect = known.get(key)
    if effect is None:
        effect = known[key] = _new(order, item, key, kind)
        dossier.new_effects.append(effect)
        return effect
    _move(effect, order, item)
    return effect


def _new(order: Order, item: Wanted, key: str, kind: str) -> Effect:
    effect = effects.new(
        key=key,
        shop_id=order.shop_id,
        order_id=order.id,
        kind=kind,
        followup=item.followup.name,
        recipient=order.email,
        legal_basis=item.followup.basis,
        at=item.occasion.at,
        due_at=item.due_at,
        subject_ref=item.occasion.subject,
        parcel_ref=item.occasion.parcel,
        state=State.SUPPRESSED if item.skip else State.PLANNED,
        reason=item.skip,
        data={"final": True} if item.skip and item.final else {"skipped": True} if item.skip else {},
    )
    if item.skip:
        effect.done_at = now()
    return effect


def _move(effect: Effect, order: Order, item: Wanted) -> None:
    """Facts changed before it went out: another time, another address, or a reason that fell away."""
    dropped = effect.state in (State.SUPPRESSED, State.CANCELLED) and effect.merged_into is None
    reopened = dropped and effect.data.get("skipped") and not item.skip
    if reopened:
        effect.state, effect.reason, effect.done_at, effect.data = State.PLANNED, "", None, {}
        effect.due_at, effect.not_before = item.due_at, real_now()
    if effect.state != State.PLANNED or effect.attempts or effect.data.get("by_hand"):
        return
    effect.recipient = order.email
    if item.skip and item.followup.basis is not Basis.OPERATIONAL:
        effect.data = {"skipped": True}
        _end(effect, State.SUPPRESSED, item.skip)
    elif effect.at != item.occasion.at:
        if item.followup.delay:
            effect.due_at = max(item.occasion.at + item.followup.delay, now())
        effect.at = item.occasion.at


def _merge(session: Session | None, order: Order, shop: ConnectedShop, wanted: list[Wanted], known: dict[str, Effect]) -> None:
    """One mail for several: the first of a group that has not gone out leads, the others point to it."""
    for name in {item.followup.name for item in wanted if item.followup.merges}:
        group: list[Effect] = []
        for item in (w for w in wanted if w.followup.name == name and not w.skip):
            effect = known[effect_key(shop, order, name, item.occasion.subject)]
            if not item.lead:
                _settle(session, group)
                group = []
            group.append(effect)
            if not item.lead and effect.state == State.PLANNED and not effect.attempts and item.due_at < effect.due_at:
                effect.due_at = item.due_at
        _settle(session, group)


def _settle(session: Session | None, group: list[Effect]) -> None:
    open_ones = [e for e in group if (e.state == State.PLANNED and not e.attempts) or (e.state == State.CANCELLED and e.merged_into is not None)]
    waiting = [e for e in open_ones if e.merged_into is None or not _told(e, group)]
    if not waiting:
        return
    lead, *others = waiting
    if lead.state == State.CANCELLED:
        lead.state, lead.reason, lead.merged_into, lead.done_at, lead.not_before = State.PLANNED, "", None, None, real_now()
    lead.due_at = min(e.due_at for e in waiting)
    if others and session is None:
        raise RuntimeError("mails are merged by their ids, which an order has that is written")
    if others and session is not None:
        number(session, [lead])  # the others name it
    for other in others:
        other.merged_into = lead.id
        _end(other, State.CANCELLED, f"merged: told in the same mail as effect {lead.id}")


def _told(effect: Effect, group: list[Effect]) -> bool:
    """Its mail went out with another one's."""
    return any(e.id == effect.merged_into and (e.state in SENT or e.attempts) for e in group)


def _stand_in(facts: OrderView, order: Order, shop: ConnectedShop, known: dict[str, Effect]) -> None:
    """A parcel got its tracking number after the order as a whole was announced: nobody is told twice."""
    for parcel in facts.parcels:
        if not parcel.stands_for:
            continue
        for name in ("shipped", "out_for_delivery", "ready_for_pickup", "ready_for_pickup_reminder", "delayed", "delivery_failed", "review_request"):
            before = known.get(effect_key(shop, order, name, UNTRACKED))
            after = known.get(effect_key(shop, order, name, parcel.ref))
            if before is not None and after is not None and before.state in SENT and after.state == State.PLANNED:
                _end(after, State.CANCELLED, f"told already in effect {before.id}, before the parcel had a number")


def _end(effect: Effect, state: State, reason: str) -> None:
    effect.state, effect.reason, effect.done_at = state, reason, now()
