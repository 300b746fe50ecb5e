"""What a person may do to one effect of the ledger: have it sent (again), or call it off. Each is one row in the audit log.

A repetition goes the same road as everything else: a row that is due, a claim with a fence, the guards, `sending` before the mail server hears of it.
Only the rules about lateness and turns do not hold for it, as the person decided that; consent, blocked addresses, quiet hours and the order's own
facts do.

**Which Message-ID.** What perhaps arrived (`unknown`, or in doubt before) is repeated on its own row under the same Message-ID, marked as a possible
duplicate, so that mail programs show one message if both arrive. What certainly did not (`dead`, `cancelled`, `suppressed`) goes out on its own row
under its own id, for the first time. What certainly did (`done`) gets a row of its own beside it, with a key and so a Message-ID of its own: under
the old id many mail programs would hide it, and the person who asks for it wants it seen ("she deleted it"). So the first row stays the true record
of what went out and when, and for each key it still holds that it went out once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from postventa import audit, effects
from postventa.clock import now, real_now
from postventa.config import Settings
from postventa.dossier import load_one
from postventa.followups.guards import Drop, Wait, judge
from postventa.followups.load import view
from postventa.models import Attempt, Effect, Order, State, Suppression
from postventa.shops import find

KEPT = frozenset({"order_ref", "again_of", "doubt", "carrier", "effect", "reason", "page", "wanted", "turn", "slot", "zone", "ref", "again", "proof"})
"""What of an effect's `data` its work needs to know when it is done again by hand."""


class House(Protocol):
    """What the guards have to know of the service."""

    @property
    def settings(self) -> Settings: ...
    @property
    def secret(self) -> bytes: ...


class Refused(Exception):
    """It was not done, and nothing was changed: why, and what would do it."""


@dataclass(frozen=True)
class Resent:
    """`effect_id`: the row that goes out; another one than was asked for if that one had gone out. `wait`: why not within seconds."""

    effect_id: int
    due_at: datetime
    wait: str
    unblocked: bool


def resend(session: Session, world: House, effect_id: int, *, actor: str, reason: str, force: bool = False, unblock: bool = False) -> Resent:
    """Have a mail sent (again). `force`: although it arrived, or may have; `unblock`: the address bounced once and works again.

    Raises `LookupError` for an unknown number, `Refused` for what must not be.
    """
    effect, order = locked(session, effect_id)
    doubtful = _in_doubt(session, effect)
    refusal = _refusal(effect, doubtful, force)
    if refusal:
        raise Refused(refusal)
    before = {"state": str(effect.state), "attempts": effect.attempts}
    unblocked = unblock and _unblock(session, effect)
    going = _another(session, effect) if effect.state == State.DONE else _once_more(session, effect, doubtful, actor)
    wait = _judged(session, world, going, order)
    told = {
        "state": str(going.state),
        "forced": force,
        "address_unblocked": unblocked,
        **({"as": f"effect {going.id}"} if going is not effect else {}),
    }
    audit.record(session, actor, "ledger.resend", shop_id=effect.shop_id, subject=f"effect {effect_id}", reason=reason, before=before, after=told)
    return Resent(going.id, wait.until if wait else going.due_at, wait.reason if wait else "", unblocked)


def cancel(session: Session, effect_id: int, *, actor: str, reason: str) -> list[int]:
    """Call off what has not gone out: the numbers of the effects that were, those told in the same mail included.

    Of one in doubt, the repetition is called off. Raises `LookupError` or `Refused`.
    """
    effect, _ = locked(session, effect_id)
    before = {"state": str(effect.state)}
    called_off = [effect.id]
    if effect.state == State.UNKNOWN and effect.lease_until is not None:
        effect.lease_until, effect.done_at, effect.reason = None, now(), f"in doubt, and its repetition was called off: {reason}"
    elif effect.state == State.PLANNED:
        rows = [effect, *session.scalars(select(Effect).where(Effect.merged_into == effect.id).with_for_update())]
        for row in rows:
            row.state, row.reason, row.done_at, row.merged_into = State.CANCELLED, f"called off by hand: {reason}", now(), None
            row.fence += 1
        called_off = [row.id for row in rows]
    else:
        raise Refused(f"effect {effect_id} is {effect.state}: only what is planned, or waits to be repeated after a doubt, can be called off")
    after = {"state": str(effect.state), "effects": called_off}
    audit.record(session, actor, "ledger.cancel", shop_id=effect.shop_id, subject=f"effect {effect_id}", reason=reason, before=before, after=after)
    return called_off


def locked(session: Session, effect_id: int) -> tuple[Effect, Order | None]:
    """The order first, then the effect, as everybody locks them."""
    known = session.get(Effect, effect_id)
    if known is None:
        raise LookupError(f"there is no effect {effect_id}: `postventa ledger` lists them")
    order = effects.locked_order(session, effect_id) if known.order_id is not None else None
    return session.get_one(Effect, effect_id, with_for_update=True, populate_existing=True), order


def _in_doubt(session: Session, effect: Effect) -> bool:
    """Whether it may have arrived although nobody said so: it ended in doubt at some time."""
    doubts = select(func.count()).where(Attempt.effect_id == effect.id, Attempt.outcome == "in_doubt")
    return effect.state == State.UNKNOWN or effect.maybe_duplicate or bool(session.scalar(doubts))


def _refusal(effect: Effect, doubtful: bool, force: bool) -> str:
    """Why it must not be sent by hand; empty if it may."""
    name = f"effect {effect.id} ({effect.followup})"
    if effect.state in (State.PLANNED, State.CLAIMED, State.SENDING):
        return f"{name} is {effect.state}: it goes out by itself{f' ({effect.reason})' if effect.reason else ''}"
    if effect.merged_into is not None:
        return f"{name} was told in the mail of effect {effect.merged_into}: resend that one"
    if effect.kind not in ("mail", "alert", "receipt") and effect.state not in (State.DEAD, State.UNKNOWN):
        return f"{name} is no mail: of labels, writes and questions to the shop only those that were given up (dead, unknown) can be tried again"
    if effect.state == State.DONE and not force:
        return f"{name} went out on {effect.done_at:%Y-%m-%d %H:%M} UTC, so the customer would get it twice: add --force if that is what you want"
    if doubtful and not force:
        where = "the shop" if effect.kind == "write" else "your mail server's log"
        what = "have been done" if effect.kind == "write" else "have arrived"
        return f"{name} may {what}: look for {effect.message_id} in {where}. If it did not, or twice is better than never: --force"
    return ""


def _unblock(session: Session, effect: Effect) -> bool:
    """Take a bounced address off the list; what its owner said about mails stays."""
    blocked = (Suppression.shop_id == effect.shop_id, Suppression.email == effect.recipient.lower(), Suppression.category == "all")
    lifted = session.scalars(delete(Suppression).where(*blocked).returning(Suppression.id)).all()
    return bool(lifted)


def _once_more(session: Session, effect: Effect, doubtful: bool, actor: str) -> Effect:
    effect.fence += 1
    effect.state, effect.reason, effect.data = State.PLANNED, "repeated by hand", {"by_hand": True, **_kept(effect)}
    effect.due_at, effect.not_before, effect.done_at, effect.lease_until = now(), real_now(), None, None
    effect.maybe_duplicate = doubtful
    if effect.attempts:
        session.add(Attempt(effect_id=effect.id, fence=effect.fence, at=real_now(), outcome="resumed", detail="by hand", worker=actor))
    session.flush()
    return effect


def _another(session: Session, effect: Effect) -> Effect:
    first = effect.data.get("again_of", effect.id)
    key = session.scalars(select(Effect.key).where(Effect.id == first)).one()
    before = (
        session.scalar(select(func.count()).where(Effect.order_id == effect.order_id, Effect.key.startswith(f"{key}:again-", autoescape=True))) or 0
    )
    made = effects.plan(
        session,
        key=f"{key}:again-{before + 1}",
        shop_id=effect.shop_id,
        order_id=effect.order_id,
        kind=effect.kind,
        followup=effect.followup,
        recipient=effect.recipient,
        legal_basis=effect.legal_basis,
        at=effect.at,
        due_at=now(),
        subject_ref=effect.subject_ref,
        parcel_ref=effect.parcel_ref,
        reason="repeated by hand",
        data={"by_hand": True, "again_of": first, **_kept(effect)},
    )
    if made is None:
        raise Refused(f"effect {effect.id} is being repeated by somebody else just now")
    return made


def _kept(effect: Effect) -> dict[str, object]:
    """What else the effect's work needs to know; a label in doubt is looked for at the carrier that was asked, also by hand."""
    return {name: value for name, value in effect.data.items() if name in KEPT}


def _judged(session: Session, world: House, effect: Effect, order: Order | None) -> Wait | None:
    """The guards' word now, so that the person hears it instead of finding it in the ledger later."""
    if effect.kind != "mail" or order is None:
        return None
    shop = find(session, effect.shop_id, world.settings, world.secret)
    dossier = load_one(session, order, recipients=True)
    verdict = judge(session, effect, dossier, view(dossier, shop.settings), shop, world.settings.journey)
    if isinstance(verdict, Drop):
        blocked = "; --unblock if the address works again" if verdict.reason.startswith("the address is blocked") else ""
        raise Refused(f"effect {effect.id} ({effect.followup}) may not go out: {verdict.reason}{blocked}")
    return verdict
