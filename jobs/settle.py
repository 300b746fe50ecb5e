"""Which buttons stand beside an effect, and what ends a doubt about a write when a person has looked into the shop.

What a person was shown and what is done are the same: a page carries the effect's `stamp`, and a button that is pressed twice, or late, does nothing.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.shops.writes import Done
from jobs import by_hand
from jobs.deeds import credited, exchange, owed
from jobs.deeds.base import told as wish_of
from postventa import audit
from postventa.clock import now, real_now
from postventa.models import Attempt, Effect, State

CANCEL, RESEND, DONE = "cancel", "resend", "done"
GIVEN_UP = (State.DEAD, State.UNKNOWN)


def options(effect: Effect) -> tuple[str, ...]:
    """What a person may do to it now; `jobs/by_hand.py` has the last word."""
    doubted = bool(effect.data.get("doubt"))
    if effect.merged_into is not None or effect.kind in ("alert", "fetch"):
        return ()
    if effect.state == State.PLANNED:
        return () if effect.kind != "mail" and doubted else (CANCEL,)
    if effect.state == State.UNKNOWN and effect.lease_until is not None:
        return (CANCEL,)
    if effect.kind == "mail":
        return (RESEND,) if effect.state in (State.DONE, State.CANCELLED, State.SUPPRESSED, *GIVEN_UP) else ()
    if effect.state in GIVEN_UP:
        return (DONE, RESEND) if effect.kind == "write" and effect.state == State.UNKNOWN else (RESEND,)
    return ()


def stamp(session: Session, effect: Effect) -> str:
    """Changes with everything that happens to an effect, its repetitions included."""
    first = effect.key.partition(":again-")[0]
    again = select(func.count()).where(Effect.order_id == effect.order_id, Effect.key.startswith(f"{first}:again-", autoescape=True))
    told = f"{effect.id}:{effect.state}:{effect.fence}:{effect.attempts}:{session.scalar(again)}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def lock(session: Session, effect_id: int, shown: str) -> Effect:
    """The effect, which nobody else changes until the end of the transaction. Raises `by_hand.Refused` when it is not as it was shown."""
    effect, _ = by_hand.locked(session, effect_id)
    if stamp(session, effect) != shown:
        raise by_hand.Refused(f"effect {effect_id} has changed meanwhile: nothing was done")
    return effect


def settle(session: Session, effect_id: int, *, actor: str, reason: str) -> Effect:
    """A write in doubt was found done in the shop, by a person. Raises `LookupError`, `by_hand.Refused`."""
    effect, _ = by_hand.locked(session, effect_id)
    if effect.kind != "write" or effect.state != State.UNKNOWN:
        raise by_hand.Refused(f"effect {effect_id} is {effect.state}: only a write in doubt can be said to be done")
    before = {"state": str(effect.state)}
    effect.fence += 1
    effect.state, effect.reason, effect.done_at, effect.lease_until = State.DONE, "seen in the shop by hand", now(), None
    session.add(Attempt(effect_id=effect.id, fence=effect.fence, at=real_now(), outcome="sent", detail="seen in the shop by hand", worker=actor))
    _follows(session, effect)
    told = {"state": str(effect.state)}
    audit.record(session, actor, "ledger.settle", shop_id=effect.shop_id, subject=f"effect {effect_id}", reason=reason, before=before, after=told)
    return effect


def _follows(session: Session, effect: Effect) -> None:
    """What the shop's answer would have brought with it: a mail where it can be written, else a person's work."""
    if effect.followup == owed.REFUND and wish_of(effect)["as_credit"]:
        credited.tell(session, effect)
    elif effect.followup == owed.EXCHANGE:
        owed.say_by_hand(session, effect, f"exchange {effect.subject_ref} is settled: give back what its goods leave over, or send the link to pay")
    elif effect.followup == exchange.CANCEL:
        exchange.CALL_OFF.after(session, effect, Done("", "seen in the shop by hand"))
    elif effect.followup == owed.CREDIT:
        owed.say_by_hand(session, effect, f"credit {effect.subject_ref} is settled: tell the customer how she can spend it")
