"""The last look before a message goes out: may it, now, to this address?

Every answer carries a reason that staff can read in the ledger. Nothing here sends anything.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from postventa.clock import now, real_now
from postventa.config import Journey
from postventa.dossier import Dossier
from postventa.followups import FOLLOWUPS
from postventa.followups.base import Basis, FollowUp, Occasion
from postventa.followups.plan import refusal
from postventa.followups.view import OrderView
from postventa.models import Customer, Effect, Order, State, Suppression
from postventa.shops import ConnectedShop
from postventa.value import value

BUDGET = ((timedelta(days=7), 1), (timedelta(days=90), 3))
"""Non-transactional messages per recipient and shop: at most so many in so long (product.md)."""
LATE = timedelta(minutes=30)
"""How far behind we must be ourselves before an overtaken step is dropped instead of sent in order."""
TROUBLE = 45
"""The stage of mails about trouble on the way."""
HELD_FOR = timedelta(minutes=5)
ASK_AGAIN = timedelta(days=1)
IN_TURN = timedelta(seconds=1)
LOOK_AGAIN = timedelta(minutes=1)
SOON = timedelta(minutes=15)
"""Longer than the merge window that an earlier step may still be waiting for."""


@value
class Wait:
    until: datetime
    reason: str


@value
class Drop:
    state: State
    reason: str
    undo: bool = False
    """Later facts may call for it again."""


Verdict = Wait | Drop | None
"""None: send it."""


def judge(session: Session, effect: Effect, dossier: Dossier, facts: OrderView, shop: ConnectedShop, journey: Journey) -> Verdict:
    """What is to be done with a claimed mail effect now. `dossier`: loaded with its recipients.

    One that a person sends by hand (`jobs/by_hand.py`) may come late and after later steps; everything else holds for it too.
    """
    followup, order = FOLLOWUPS[effect.followup], dossier.order
    occasion = _occasion(followup, effect, facts)
    by_hand = bool(effect.data.get("by_hand"))
    return (
        _address(effect, dossier)
        or _held(effect, shop)
        or _refused(followup, facts, occasion)
        or _ended(followup, occasion)
        or (None if by_hand else _stale(followup, effect, occasion))
        or _consent(session, followup, effect, dossier)
        or (None if by_hand else _overtaken(dossier, followup, effect))
        or _patience(followup, facts, occasion)
        or (None if by_hand else _in_turn(dossier, followup, effect))
        or _quiet(followup, order, journey, occasion)
        or _budget(session, followup, effect, order, occasion)
    )


def _occasion(followup: FollowUp, effect: Effect, facts: OrderView) -> Occasion | None:
    if followup.asked:
        return Occasion(effect.at, effect.subject_ref)
    return next((o for o in followup.after(facts) if o.subject == effect.subject_ref), None)


def _address(effect: Effect, dossier: Dossier) -> Verdict:
    if dossier.order.erased_at is not None:
        return Drop(State.CANCELLED, "the customer's data were erased")
    if not effect.recipient:
        return Drop(State.SUPPRESSED, "the order has no e-mail address", undo=True)
    fault = _not_an_address(effect.recipient)
    if fault:
        return Drop(State.SUPPRESSED, f"the order's e-mail address is not valid: {fault}")
    bounced = _blocked(dossier, effect, "all")
    return Drop(State.SUPPRESSED, f"the address is blocked: {bounced.reason}") if bounced else None


_PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*", re.ASCII)


@lru_cache(maxsize=4096)
def _not_an_address(text: str) -> str:
    """Why it is none; empty if it is one. Of most, only the domain need be looked at, and that once."""
    local, _, domain = text.rpartition("@")
    if local != "postmaster" and len(local) <= 64 and len(text) <= 254 and _PLAIN.fullmatch(local):
        return "" if not _fault(f"postmaster@{domain}") else _fault(text)
    return _fault(text)


@lru_cache(maxsize=4096)
def _fault(text: str) -> str:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        return str(error)
    return ""


def _blocked(dossier: Dossier, effect: Effect, *categories: str) -> Suppression | None:
    return next((row for row in dossier.blocked if row.email == effect.recipient and row.category in categories), None)


def _held(effect: Effect, shop: ConnectedShop) -> Verdict:
    if shop.disconnected and not FOLLOWUPS[effect.followup].transactional:
        return Wait(now() + ASK_AGAIN, "the shop is disconnected")
    if shop.hold or effect.followup in shop.held_followups:
        what = "the shop" if shop.hold else "this follow-up"
        return Wait(now() + HELD_FOR, f"on hold: the merchant holds {what}")
    return None


def _refused(followup: FollowUp, facts: OrderView, occasion: Occasion | None) -> Verdict:
    if facts.test:
        return Drop(State.SUPPRESSED, "a test order: no customer is written to")
    if occasion is None:
        return Drop(State.CANCELLED, "the shop took back what it was about", undo=True)
    reason = refusal(facts, followup, occasion)
    return Drop(State.CANCELLED, reason, undo=True) if reason else None


def _ended(followup: FollowUp, occasion: Occasion | None) -> Verdict:
    end = followup.end(occasion) if occasion else None
    return Drop(State.SUPPRESSED, f"its window ended on {end:%Y-%m-%d}") if end is not None and now() >= end else None


def _stale(followup: FollowUp, effect: Effect, occasion: Occasion | None) -> Verdict:
    if occasion is not None and followup.end(occasion) is not None:
        return None  # its window says how long it may wait
    age = now() - (effect.at + followup.delay)
    return Drop(State.SUPPRESSED, f"stale: news of {effect.at:%Y-%m-%d %H:%M} UTC is no news any more") if age > followup.stale_after else None


def _consent(session: Session, followup: FollowUp, effect: Effect, dossier: Dossier) -> Verdict:
    if followup.transactional:
        return None
    category = "reviews" if effect.followup.startswith("review") else "marketing"
    objection = _blocked(dossier, effect, category, "marketing")
    if objection is not None:
        return Drop(State.SUPPRESSED, f"the customer does not want it: {objection.reason} on {objection.at:%Y-%m-%d}")
    customer = session.get(Customer, dossier.order.customer_id) if dossier.order.customer_id else None
    if customer is not None and customer.marketing is False:
        return Drop(State.SUPPRESSED, "the customer objected to marketing in the shop")
    return None


def _others(dossier: Dossier, effect: Effect) -> list[Effect]:
    """Other mails about the same parcel, or about the order as a whole."""
    mails = [other for other in dossier.effects if other.kind == "mail" and other.id != effect.id]
    return [other for other in mails if other.parcel_ref in ("", effect.parcel_ref)] if effect.parcel_ref else mails


def _stage(followup: str) -> int:
    return FOLLOWUPS[followup].stage if followup in FOLLOWUPS else 0


def _overtaken(dossier: Dossier, followup: FollowUp, effect: Effect) -> Verdict:
    """Never «we have your order» after «it has left»; and after a long outage of ours, only the newest step."""
    if not followup.stage or (followup.survives_cancel and followup.stage > 50):
        return None
    later = [o for o in _others(dossier, effect) if _stage(o.followup) > followup.stage and not _trouble_before(o, effect)]
    sent = next((o for o in later if o.state in (State.DONE, State.SENDING, State.UNKNOWN)), None)
    if sent is not None:
        return Drop(State.CANCELLED, f"overtaken: «{sent.followup}» went out already")
    about_to_go = now() + LOOK_AGAIN  # what waits for its turn behind this one is due within that time
    waiting = next((o for o in later if o.state in (State.PLANNED, State.CLAIMED) and o.due_at <= about_to_go), None)
    if waiting is not None and now() - effect.due_at > LATE:
        return Drop(State.CANCELLED, f"overtaken: it is late and «{waiting.followup}» says more")
    return None


def _trouble_before(other: Effect, effect: Effect) -> bool:
    """After a delay or a failed delivery the journey goes on: what happened later is news again."""
    return _stage(other.followup) == TROUBLE and other.at < effect.at


def _patience(followup: FollowUp, facts: OrderView, occasion: Occasion | None) -> Verdict:
    reason = followup.patient(facts, occasion) if occasion else ""
    if not reason or occasion is None:
        return None
    return _wait(now() + ASK_AGAIN, f"waits: {reason}", followup.end(occasion))


def _in_turn(dossier: Dossier, followup: FollowUp, effect: Effect) -> Verdict:
    """The mails of one order go out in the journey's order: what is planned before this one and about to go, goes first.

    One that rests for long after failures is not waited for: fresh news goes out, and the old one is overtaken when its turn comes.
    """
    if not followup.stage:
        return None
    earlier = [o for o in _others(dossier, effect) if 0 < _stage(o.followup) < followup.stage and not FOLLOWUPS[o.followup].delay]
    before = [o for o in earlier if _about_to_go(o)]
    if not before:
        return None
    first = min(before, key=lambda o: (o.due_at, o.id))
    free = now() + min(_pause(first), LOOK_AGAIN)
    return Wait(max(now() + IN_TURN, first.due_at, free), f"waits for «{first.followup}» to go first")


def _about_to_go(effect: Effect) -> bool:
    if effect.state == State.UNKNOWN:
        return effect.lease_until is not None  # it goes out once more, and must not come after this one
    soon = effect.due_at <= now() + SOON and effect.not_before <= real_now() + SOON
    return effect.state in (State.PLANNED, State.CLAIMED, State.SENDING) and soon


def _pause(effect: Effect) -> timedelta:
    """How long it rests by the machine's clock, after a failure or while in doubt."""
    rests_until = effect.lease_until if effect.state == State.UNKNOWN and effect.lease_until else effect.not_before
    return rests_until - real_now()


def _quiet(followup: FollowUp, order: Order, journey: Journey, occasion: Occasion | None) -> Verdict:
    if followup.urgent:
        return None
    opens = next_opening(now(), order.timezone, journey.quiet_from, journey.quiet_until)
    if opens is None:
        return None
    return _wait(opens, f"quiet hours at the customer's ({order.timezone})", followup.end(occasion) if occasion else None)


def next_opening(moment: datetime, zone: str, quiet_from: str, quiet_until: str) -> datetime | None:
    """When the quiet hours end that `moment` lies in, aware UTC; None outside of them. Times are local wall clock "HH:MM"."""
    local = moment.astimezone(ZoneInfo(zone))
    begin, end = time.fromisoformat(quiet_from), time.fromisoformat(quiet_until)
    clock = local.time().replace(tzinfo=None)
    over_midnight = begin > end
    quiet = (clock >= begin or clock < end) if over_midnight else begin <= clock < end
    if not quiet:
        return None
    day = local.date() + timedelta(days=1) if over_midnight and clock >= begin else local.date()
    return datetime.combine(day, end, ZoneInfo(zone)).astimezone(moment.tzinfo)


def _budget(session: Session, followup: FollowUp, effect: Effect, order: Order, occasion: Occasion | None) -> Verdict:
    if followup.transactional:
        return None
    if order.customer_id is not None:
        session.get_one(Customer, order.customer_id, with_for_update=True)  # two orders of one customer may be judged at the same moment
    rows = session.execute(
        select(Effect.state, Effect.done_at).where(
            Effect.shop_id == effect.shop_id,
            Effect.recipient == effect.recipient,
            Effect.kind == "mail",
            Effect.legal_basis.in_((Basis.SOFT_OPTIN, Basis.CONSENT)),
            or_(Effect.state == State.SENDING, Effect.done_at > now() - BUDGET[-1][0]),
            Effect.state.in_((State.DONE, State.SENDING, State.UNKNOWN)),
            Effect.id != effect.id,
        )
    )
    sent = sorted((at or now() for _, at in rows), reverse=True)
    for span, most in BUDGET:
        recent = [at for at in sent if at > now() - span]
        if len(recent) >= most:
            days = f"{most} in {span.days} days"
            return _wait(recent[most - 1] + span, f"moved: the message budget ({days}) is spent", followup.end(occasion) if occasion else None)
    return None


def _wait(until: datetime, reason: str, end: datetime | None) -> Verdict:
    if end is not None and until >= end:
        return Drop(State.SUPPRESSED, f"{reason}, and the window ends on {end:%Y-%m-%d} before that")
    return Wait(until, reason)
