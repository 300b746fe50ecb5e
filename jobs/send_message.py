"""One mail of the ledger: claim, judge, compose, commit `sending`, hand over, commit the outcome.

Transactional mails go out in batches (`jobs/send_mails.py`); those that may never be repeated, and alerts, go this way: what may still keep one
from going out is looked at in the very transaction that commits `sending`.
"""

from __future__ import annotations

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, InDoubt
from jobs.alerts import alert_message
from jobs.bounces import settle
from jobs.deeds import note
from jobs.heartbeat import beating
from jobs.mail_data import mail_data
from jobs.mail_source import Source
from jobs.withdrawals import receipt
from jobs.world import World, current
from postventa import effects, failpoints
from postventa.clock import now
from postventa.dossier import Dossier, load_one
from postventa.emails import Message, compose
from postventa.followups import FOLLOWUPS
from postventa.followups.guards import Drop, Wait, judge
from postventa.followups.load import view
from postventa.followups.schedule import replan
from postventa.models import Effect, LabelRow, Order, ReturnCase, State
from postventa.models.db import transaction
from postventa.shops import ConnectedShop, find
from postventa.value import value

log = logging.getLogger("postventa.mail")


@value
class Ready:
    """A message that waits to be handed over. `order_id` and `revision`: the order as it stood when the mail was judged."""

    held: effects.Claim
    message: Message
    recipient: str
    order_id: int | None = None
    revision: int = 0
    followup: str = ""
    noting: ConnectedShop | None = None
    """The shop, if its merchant wants a note of each mail on its order."""


KINDS = ("mail", "alert", "receipt")
WITH_AFTERMATH = frozenset({"return_label", "review_request"})
"""Follow-ups whose having gone out changes more than their own row (`after`)."""

Outcome = str | Exception
"""What the mail server answered, or why there is no answer."""


def send_message(effect_id: int) -> None:
    """Send one mail. Running it twice, or on two workers, sends it once."""
    world = current()
    failpoints.hit("send.before_claim")
    try:
        with transaction(world.engine) as session:
            ready = _prepare(session, world, effect_id)
            failpoints.hit("send.before_sending")
        failpoints.hit("send.after_sending")
    except Exception as error:
        _unprepared(world, effect_id, error)
        raise
    if ready is not None:
        with beating(world, [ready.held]):
            outcome = hand_over(world, ready)
        with transaction(world.engine) as session:
            write_outcome(session, world, ready, outcome)
        failpoints.hit("send.after_done")
        raise_unforeseen(outcome)


def _prepare(session: Session, world: World, effect_id: int) -> Ready | None:
    order = effects.locked_order_if_any(session, effect_id)
    held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, KINDS)
    if held is None:
        return None
    effect = session.get_one(Effect, effect_id, populate_existing=True)
    if effect.kind == "receipt":
        letter = receipt.message(session, world, effect)
        effects.begin(session, held, world.owner, letter.message_id)
        return Ready(held, letter, effect.recipient)
    shop = find(session, effect.shop_id, world.settings, world.secret)
    ready = _alert(session, world, held, effect, order, shop) if effect.kind == "alert" else _mail(session, world, held, effect, order, shop)
    if isinstance(ready, Ready):
        effects.begin(session, held, world.owner, ready.message.message_id)
        return ready
    put_off(session, held, ready)
    return None


def _alert(session: Session, world: World, held: effects.Claim, effect: Effect, order: Order | None, shop: ConnectedShop) -> Ready | Drop:
    if not effect.recipient:
        return Drop(State.SUPPRESSED, "the shop has no address for alerts: set alert_email")
    return Ready(held, alert_message(session, world, effect, order, shop), effect.recipient)


def _mail(session: Session, world: World, held: effects.Claim, effect: Effect, order: Order | None, shop: ConnectedShop) -> Ready | Wait | Drop:
    if order is None:
        raise LookupError(f"effect {effect.id} is a mail to a customer and has no order")
    return judged(session, world, held, effect, load_one(session, order, recipients=True), shop)


def judged(session: Session, world: World, held: effects.Claim, effect: Effect, dossier: Dossier, shop: ConnectedShop) -> Ready | Wait | Drop:
    """The mail, or what is to be done instead."""
    facts = view(dossier, shop.settings)
    verdict = judge(session, effect, dossier, facts, shop, world.settings.journey)
    if verdict is not None:
        return verdict
    message = compose(mail_data(Source(session, world.settings, world.secret, shop, dossier, facts), effect), sent_at=now())
    noting = shop if note.wants(shop) and not FOLLOWUPS[effect.followup].private else None
    return Ready(held, message, effect.recipient, dossier.order.id, dossier.order.revision, effect.followup, noting)


def put_off(session: Session, held: effects.Claim, verdict: Wait | Drop) -> None:
    """The rules say later, or not at all."""
    if isinstance(verdict, Wait):
        effects.wait(session, held, verdict.until, verdict.reason)
    else:
        effects.drop(session, held, verdict.state, verdict.reason, undo=verdict.undo)


def _unprepared(world: World, effect_id: int, error: Exception) -> None:
    """The claim was rolled back with the rest."""
    with transaction(world.engine) as session:
        held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, KINDS)
        if held is not None:
            unprepared(session, world, held, error)


def unprepared(session: Session, world: World, held: effects.Claim, error: Exception) -> None:
    """It could not even be composed: counted on the row like any other failure, so that somebody sees it."""
    owed = session.get_one(Effect, held.effect_id).kind == "receipt"
    effects.retry(session, held, world.owner, f"{type(error).__name__}: {error}", most=receipt.TRIES if owed else len(effects.BACKOFF))


def hand_over(world: World, ready: Ready) -> Outcome:
    """Give it to the mail server. Never raises: whatever happened is the outcome."""
    try:
        answer = world.transport.send(ready.message, ready.recipient)
    except Exception as error:  # noqa: BLE001  (written down by `write_outcome`; what was not foreseen rises after that)
        return error
    failpoints.hit("send.after_answer")
    return answer


def write_outcome(session: Session, world: World, ready: Ready, outcome: Outcome) -> None:
    """What became of a mail in state `sending`."""
    held = ready.held
    if isinstance(outcome, str):
        order = effects.locked_order_if_any(session, held.effect_id)
        effects.done(session, held, world.owner, outcome)
        effect = session.get_one(Effect, held.effect_id, populate_existing=True)
        after(session, world, order, effect)
        note_it(session, ready, order, effect)
        log.info("mail sent", extra={"effect": held.effect_id})
    elif isinstance(outcome, ConnectorError) and not isinstance(outcome, InDoubt):
        state = settle(session, world, held, outcome)
        log.warning("mail not sent", extra={"effect": held.effect_id, "outcome": str(state)})
    else:  # not foreseen, so nobody knows how far it came; or foreseen, and nobody knows
        detail = str(outcome) if isinstance(outcome, InDoubt) else f"{type(outcome).__name__}: {outcome}"
        effects.doubt(session, held, world.owner, detail, world.settings.recovery.doubt_after)


def raise_unforeseen(outcome: Outcome) -> None:
    """What no connector expects is a fault of ours, or of the machine: the job fails with it."""
    if isinstance(outcome, Exception) and not isinstance(outcome, ConnectorError):
        raise outcome


def has_aftermath(ready: Ready) -> bool:
    """Whether more follows from its having gone out than what stands on its own row."""
    return ready.followup in WITH_AFTERMATH or ready.noting is not None


def after(session: Session, world: World, order: Order | None, effect: Effect) -> None:
    """What follows from a mail that went out."""
    if effect.kind == "receipt":
        receipt.sent(session, effect)
    if effect.kind != "mail" or order is None:
        return
    if effect.followup == "return_label":
        case = select(ReturnCase.id).where(ReturnCase.order_id == effect.order_id, ReturnCase.ref == effect.subject_ref)
        made = select(LabelRow).where(LabelRow.return_case_id.in_(case), LabelRow.state == "made")
        if named := str(effect.data.get("label", "")):  # another parcel's has a mail of its own
            made = made.where(LabelRow.reference == named)
        for label in session.scalars(made):
            label.state, label.mailed_at = "mailed", now()
    if effect.followup == "review_request":
        shop = find(session, effect.shop_id, world.settings, world.secret)
        replan(session, [load_one(session, order, lock=True)], shop, world.rules(shop))


def note_it(session: Session, ready: Ready, order: Order | None, effect: Effect) -> None:
    """For the shop's own people, if its merchant wants it."""
    if ready.noting is not None and order is not None:
        note.plan_note(session, ready.noting, order, effect, ready.message.subject)
