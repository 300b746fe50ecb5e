"""A statement comes in, from the page or written down by staff: kept first, then acknowledged, then matched."""

from __future__ import annotations

import logging

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from jobs import queue
from jobs.withdrawals import receipt
from postventa.models import Effect, Withdrawal
from postventa.models.db import transaction
from postventa.shops import ConnectedShop
from postventa.withdrawal import store
from postventa.withdrawal.statement import Statement
from postventa.withdrawal.store import Submission

log = logging.getLogger("postventa.withdrawals")


def take(engine: Engine, secret: bytes, shop: ConnectedShop, statement: Statement, how: Submission, redis: Redis) -> Withdrawal:
    """Keep it with its receipt planned, in one transaction; the same form again gives the same statement. Redis may be away."""
    with transaction(engine) as session:
        excess = store.excess(session, secret, how.ip, statement.email)
        row, new = store.submit(session, secret, shop.id, shop.key, shop.settings.timezone, statement, how)
        effect = receipt.plan(session, shop, row, excess) if new else None
    if new:
        _wake(redis, row, effect)
    return row


def _wake(redis: Redis, row: Withdrawal, effect: Effect | None) -> None:
    """Both jobs at once, best effort: what Redis does not hear of, the clock finds."""
    try:
        if effect is not None and effect.due_at <= row.created_at:
            queue.enqueue(redis, queue.NOW, "send_message.send_message", [effect.id], f"-{effect.fence}")
        queue.enqueue(redis, queue.NOW, "withdrawals.match.match", [row.id])
    except RedisError as error:
        log.warning("Redis is away (%s): the clock will find the statement", type(error).__name__)
