"""What a person should look at, open from when it was noticed until it is over (docs/operations.md has a section for each).

An alarm is a row: every process of every machine raises and sees the same ones, `/metrics` and `/readyz` show them, and the operator is written
to once for each (`jobs/watch.py`). Only that the database is damaged cannot be a row in it (`postventa.damage`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from postventa.clock import real_now
from postventa.damage import Damage, Marker, in_words
from postventa.effects import insert_once
from postventa.models import Alarm
from postventa.models.db import reading

Level = Literal["warn", "page"]
"""Somebody should look in working hours; or wake up now."""


def raise_alarm(session: Session, name: str, subject: str, level: Level, message: str) -> bool:
    """Open the alarm, or say that it is still so; whether it is new. What got worse is told again."""
    still = (Alarm.name == name, Alarm.subject == subject, Alarm.closed_at.is_(None))
    known = session.scalars(select(Alarm).where(*still).with_for_update()).first()
    if known is not None:
        if (known.level, level) == ("warn", "page"):
            known.told_at = None
        known.level, known.message, known.seen_at = level, message, real_now()
        return False
    instant = real_now()
    values = {"name": name, "subject": subject, "level": level, "message": message, "opened_at": instant, "seen_at": instant}
    opened = insert_once(session, Alarm, values, ["name", "subject"], where=text("closed_at IS NULL")).returning(Alarm.id)
    return session.scalar(opened) is not None


def clear(session: Session, name: str, subject: str = "") -> bool:
    """It is over; whether it was open."""
    still = (Alarm.name == name, Alarm.subject == subject, Alarm.closed_at.is_(None))
    over = update(Alarm).where(*still).values(closed_at=real_now()).returning(Alarm.id)
    return session.scalar(over.execution_options(synchronize_session="fetch")) is not None


def find(session: Session, name: str, subject: str = "") -> Alarm | None:
    """The open one."""
    return session.scalars(select(Alarm).where(Alarm.name == name, Alarm.subject == subject, Alarm.closed_at.is_(None))).first()


def open_alarms(session: Session) -> list[Alarm]:
    """The worst first, then the oldest."""
    found = session.scalars(select(Alarm).where(Alarm.closed_at.is_(None)).order_by(Alarm.opened_at))
    return sorted(found, key=lambda alarm: alarm.level != "page")


def standing(engine: Engine, *, over: bool = False) -> list[Alarm]:
    """The same, and first of all that the database is damaged, if it is: whatever can still be read of it. `over`: those that are over, too."""
    url = engine.url.render_as_string()
    known = Marker.of(url).read()
    try:
        with reading(engine) as session:
            rows = list(session.scalars(select(Alarm).order_by(Alarm.id.desc()))) if over else open_alarms(session)
    except OperationalError:
        known = known or Marker.of(url).read()
        if known is None:
            raise
        rows = []
    return [of_damage(known, url), *rows] if known else rows


def of_damage(known: Damage, url: str) -> Alarm:
    """An alarm that is no row. Its number serves for the mail that tells of it."""
    told = datetime.fromisoformat(known.told_at) if known.told_at else None
    values = {"message": in_words(known, url), "opened_at": known.began, "seen_at": known.began, "closed_at": None, "told_at": told}
    return Alarm(name="database-damaged", id=int(known.began.timestamp()), subject="", level="page", **values)
