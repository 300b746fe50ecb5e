"""Outages of the mail server: while it is away one of the waiting mails tries again every few minutes, and its success wakes the others.

Without it a mail that failed for two hours would rest for three more, however soon the server is back; and with short pauses for all of them a
server that does not answer would keep every worker busy with waiting.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from postventa.clock import now, real_now
from postventa.models import Attempt, Effect, State

AWAY = "the mail server is away"
"""How the account of such a failure begins (`detail` of the attempt)."""
PROBE = timedelta(minutes=5)
TRIES = 500
"""A mail that waits alone tries that often: for about two days."""


def attend(session: Session) -> None:
    """Wake what waits for the mail server if it is back; else see to it that somebody tries soon."""
    waiting = (Effect.state == State.PLANNED, Effect.due_at <= now(), Effect.reason.startswith(f"will be tried again: {AWAY}"))
    query = select(Effect).where(*waiting, Effect.not_before > real_now()).order_by(Effect.not_before, Effect.id)
    resting = session.scalars(query.with_for_update(skip_locked=True)).all()
    if not resting:
        return
    if _is_back(session):
        for effect in resting:
            effect.not_before = real_now()
    elif session.scalar(select(Effect.id).where(*waiting, Effect.not_before <= real_now() + PROBE).limit(1)) is None:
        resting[0].not_before = real_now() + PROBE


def _is_back(session: Session) -> bool:
    """Whether the last that we heard of the mail server is a mail that it took."""
    failed = and_(Attempt.outcome == "retry", Attempt.detail.startswith(AWAY))
    news = (Effect.kind.in_(("mail", "alert", "receipt")), or_(Attempt.outcome == "sent", failed))
    query = select(Attempt.outcome).join(Effect, Effect.id == Attempt.effect_id).where(*news).order_by(Attempt.id.desc()).limit(1)
    return session.scalar(query) == "sent"
