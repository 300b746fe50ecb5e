"""A customer asked for the link to an order: it is mailed to the order's own address, if number and address belong together.

The page only writes down what was typed in and says the same to everybody (`postventa/web/portal/look_up.py`); the clock has it answered within
seconds. Here nobody waits for the answer, so nobody can read it off the time either. What was typed in is forgotten with the answer.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from jobs import at_once, queue
from jobs.ask import ask_soon
from jobs.world import World, current
from postventa import links, track_links
from postventa.clock import now, real_now
from postventa.models import Effect, LookUp, Order, Shop
from postventa.models.db import reading, transaction

log = logging.getLogger("postventa.look_up")

NAME = "order_link"
APART = timedelta(hours=1)
"""One mail with links for an order in that time, however often somebody asks (promises.md 4.1, S6)."""
FEW = 3
"""Such mails to one address of a shop in that time, however many orders she has there."""
FORGET = timedelta(days=1)
"""What nobody could answer for so long is not answered any more: whoever asked has asked again."""
MOST = 200
"""Look-ups that are asked for at once."""
RETRY = 60
"""Seconds after which one that failed is tried again."""


def look_all(world: World) -> None:
    """Have answered what waits, and forget what waited for too long."""
    with reading(world.engine) as session:
        rows = session.execute(select(LookUp.id, LookUp.asked_at).where(LookUp.due_at <= real_now()).order_by(LookUp.due_at).limit(MOST)).all()
    too_old = [row_id for row_id, asked_at in rows if asked_at < now() - FORGET]
    if too_old:
        log.error("%s customers asked for a link to their order, and were not answered within a day", len(too_old))
        with transaction(world.engine) as session:
            session.execute(delete(LookUp).where(LookUp.id.in_(too_old)))
    wanted = [row_id for row_id, _ in rows if row_id not in too_old]
    try:
        queue.enqueue(world.redis, queue.LATER, "look_up.look_up", wanted, queue.stamp(real_now(), RETRY))
    except RedisError as error:
        log.warning("Redis is away (%s): links are mailed when it is back", type(error).__name__)


def look_up(number: int) -> None:
    """Answer one of them. Running it twice is harmless."""
    world = current()
    with transaction(world.engine) as session:
        asked = session.get(LookUp, number, with_for_update=True)
        if asked is None or asked.due_at > real_now() + timedelta(seconds=1):
            return
        effect, shop_id = _answer(session, world, asked), asked.shop_id
        session.delete(asked)
    log.info("a customer asked for a link: %s", "it is mailed" if effect else "nothing is mailed", extra={"shop": shop_id})
    if effect is not None:
        ask_soon(world, [effect])


def _answer(session: Session, world: World, asked: LookUp) -> Effect | None:
    """The mail, planned; None where there is no such order, or enough was mailed within the hour."""
    order = _order(session, asked)
    if order is None or _lately(session, order):
        return None
    shop = session.get_one(Shop, order.shop_id)
    subject = f"{now():%Y-%m-%dT%H:%M:%S}"
    effect = at_once.mail(session, order, f"{shop.key}:{order.ref}:{NAME}:{subject}", NAME, subject, purpose=asked.purpose)
    if effect is not None:
        _issue(session, world, order, effect)
    return effect


def _order(session: Session, asked: LookUp) -> Order | None:
    """The newest order with that number and address that anybody may be told of, locked."""
    same = (Order.shop_id == asked.shop_id, Order.number.in_(spellings(asked.number)))
    found = session.scalars(select(Order).where(*same).order_by(Order.id.desc()).with_for_update())
    return next((order for order in found if _may_see(order, asked.email)), None)


def spellings(number: str) -> set[str]:
    """How shops write what customers type: `#1042`, `1042`, `lola-1042` for `LOLA-1042`."""
    bare = number.strip().lstrip("#").strip()
    return {sign + word for sign in ("", "#") for word in (bare, bare.upper(), bare.lower())} if bare else set()


def _may_see(order: Order, email: str) -> bool:
    hidden = order.erased_at is not None or order.trashed or order.test
    return not hidden and email != "" and order.email.strip().lower() == email


def _lately(session: Session, order: Order) -> bool:
    """Whether that order was told of, or its owner written to often enough: whoever knows her address may try all numbers."""
    lately = (Effect.followup == NAME, Effect.planned_at > now() - APART)
    if session.scalar(select(Effect.id).where(Effect.order_id == order.id, *lately).limit(1)) is not None:
        return True
    hers = (Effect.shop_id == order.shop_id, Effect.recipient == order.email)
    return (session.scalar(select(func.count()).select_from(Effect).where(*hers, *lately)) or 0) >= FEW


def _issue(session: Session, world: World, order: Order, effect: Effect) -> None:
    """The rows of the links that the mail will carry: `jobs.mail_data.asked_links` derives the same tokens."""
    purposes = ("track", "return") if effect.data.get("purpose") == "return" else ("track",)
    for purpose in purposes:
        links.issue(
            session,
            secret=world.secret,
            shop_id=order.shop_id,
            purpose=purpose,
            subject=effect.key,
            order_id=order.id,
            effect_id=effect.id,
            email=order.email,
            now=now(),
            expires_at=max(track_links.ends_at(session, order), now() + track_links.ASKED_LIVES),
        )
