"""One mail of the ledger: claim, judge, compose, commit `sending`, hand over, commit the outcome."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, InDoubt
from jobs.alerts import alert_message
from jobs.bounces import settle
from jobs.heartbeat import beating
from jobs.mail_data import Source, mail_data
from jobs.world import World, current
from postventa import effects, failpoints
from postventa.clock import now
from postventa.emails import compose
from postventa.followups.guards import Drop, Wait, judge
from postventa.followups.load import view
from postventa.followups.schedule import replan
from postventa.models import Effect, LabelRow, Order, ReturnCase, State
from postventa.models.db import transaction
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.mail")


@dataclass(frozen=True)
class Ready:
    """A message whose effect is in state `sending`."""

    held: effects.Claim
    message: EmailMessage
    recipient: str


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
        with beating(world, ready.held):
            _hand_over(world, ready)


def _prepare(session: Session, world: World, effect_id: int) -> Ready | None:
    order = effects.locked_order_if_any(session, effect_id)
    held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, ("mail", "alert"))
    if held is None:
        return None
    effect = session.get_one(Effect, effect_id, populate_existing=True)
    shop = find(session, effect.shop_id, world.settings, world.secret)
    message = (_alert if effect.kind == "alert" else _mail)(session, world, held, effect, order, shop)
    if message is None:
        return None
    effects.begin(session, held, world.owner, str(message["Message-ID"]))
    return Ready(held, message, effect.recipient)


def _alert(session: Session, world: World, held: effects.Claim, effect: Effect, order: Order | None, shop: ConnectedShop) -> EmailMessage | None:
    if not effect.recipient:
        effects.drop(session, held, State.SUPPRESSED, "the shop has no address for alerts: set alert_email")
        return None
    return alert_message(session, world, effect, order, shop)


def _mail(session: Session, world: World, held: effects.Claim, effect: Effect, order: Order | None, shop: ConnectedShop) -> EmailMessage | None:
    if order is None:
        raise LookupError(f"effect {effect.id} is a mail to a customer and has no order")
    facts = view(session, order, shop.settings)
    verdict = judge(session, effect, order, facts, shop, world.settings.journey)
    if isinstance(verdict, Wait):
        effects.wait(session, held, verdict.until, verdict.reason)
        return None
    if isinstance(verdict, Drop):
        effects.drop(session, held, verdict.state, verdict.reason, undo=verdict.undo)
        return None
    return compose(mail_data(Source(session, world.settings, world.secret, shop, order, facts), effect), sent_at=now())


def _unprepared(world: World, effect_id: int, error: Exception) -> None:
    """It could not even be composed: counted on the row like any other failure, so that somebody sees it."""
    with transaction(world.engine) as session:
        held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, ("mail", "alert"))
        if held is not None:
            effects.retry(session, held, world.owner, f"{type(error).__name__}: {error}")


def _hand_over(world: World, ready: Ready) -> None:
    try:
        answer = world.transport.send(ready.message, ready.recipient)
    except InDoubt as error:
        with transaction(world.engine) as session:
            effects.doubt(session, ready.held, world.owner, str(error), world.settings.recovery.doubt_after)
        return
    except ConnectorError as error:
        _failed(world, ready.held, error)
        return
    except Exception as error:
        # Not foreseen, so nobody knows how far it came: a doubt on the row, and the error rises.
        with transaction(world.engine) as session:
            effects.doubt(session, ready.held, world.owner, f"{type(error).__name__}: {error}", world.settings.recovery.doubt_after)
        raise
    failpoints.hit("send.after_answer")
    with transaction(world.engine) as session:
        order = effects.locked_order_if_any(session, ready.held.effect_id)
        effects.done(session, ready.held, world.owner, answer)
        _after(session, world, order, session.get_one(Effect, ready.held.effect_id, populate_existing=True))
    failpoints.hit("send.after_done")
    log.info("mail sent", extra={"effect": ready.held.effect_id})


def _failed(world: World, held: effects.Claim, error: ConnectorError) -> None:
    with transaction(world.engine) as session:
        outcome = settle(session, world, held, error)
    log.warning("mail not sent", extra={"effect": held.effect_id, "outcome": str(outcome)})


def _after(session: Session, world: World, order: Order | None, effect: Effect) -> None:
    """What follows from a mail that went out."""
    if effect.kind != "mail" or order is None:
        return
    if effect.followup == "return_label":
        case = select(ReturnCase.id).where(ReturnCase.order_id == effect.order_id, ReturnCase.ref == effect.subject_ref)
        for label in session.scalars(select(LabelRow).where(LabelRow.return_case_id.in_(case), LabelRow.state == "made")):
            label.state, label.mailed_at = "mailed", now()
    if effect.followup == "review_request":
        shop = find(session, effect.shop_id, world.settings, world.secret)
        replan(session, order, shop, world.rules(shop))
