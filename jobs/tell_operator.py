"""One alarm, told to whoever runs the service: by mail, and to a program of theirs that may ring a telephone."""

from __future__ import annotations

import json
import logging
import subprocess
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from connectors.errors import ConnectorError
from connectors.mail.wire import as_letter
from jobs import tell_merchant
from jobs.world import World, current
from postventa.clock import now, real_now
from postventa.models import Alarm
from postventa.models.db import reading, transaction

log = logging.getLogger("postventa.watch")

PATIENCE = 30.0
"""Seconds that the operator's program may take."""


class NotTold(Exception):
    """Nobody could be told; the alarm stays untold and is tried again at the next look."""


def tell_operator(alarm_id: int) -> None:
    """Tell once; an alarm that is over meanwhile, or was told, is left alone. Twice is possible after a crash, never is not."""
    world = current()
    with reading(world.engine) as session:
        alarm = session.get(Alarm, alarm_id)
    if alarm is None or alarm.told_at is not None or alarm.closed_at is not None:
        return
    if not told(world, alarm):
        raise NotTold(f"alarm {alarm.name} was told to nobody")
    with transaction(world.engine) as session:
        session.get_one(Alarm, alarm_id).told_at = real_now()


def told(world: World, alarm: Alarm) -> bool:
    """Tell it in all ways that there are; whether one of them worked."""
    return any([way(world, alarm) for way in (_by_program, _by_mail, _as_merchant)])  # noqa: C419  (each is tried)


def _by_program(world: World, alarm: Alarm) -> bool:
    """The alarm as one JSON document on its standard input; an exit status other than 0 is a failure."""
    command = world.settings.alerts.command
    if not command:
        return False
    document = {"name": alarm.name, "subject": alarm.subject, "level": alarm.level, "message": alarm.message, "since": alarm.opened_at.isoformat()}
    try:
        subprocess.run(command, input=json.dumps(document), text=True, timeout=PATIENCE, check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        log.error("the operator's program failed: %s", error)
        return False
    return True


def _by_mail(world: World, alarm: Alarm) -> bool:
    recipient = world.settings.alerts.email
    if not recipient or _as_merchant(world, alarm):
        return False
    try:
        world.transport.send(as_letter(_message(world, alarm, recipient)), recipient)
    except ConnectorError as error:
        log.error("the operator could not be written to: %s", error)
        return False
    return True


def _as_merchant(world: World, alarm: Alarm) -> bool:
    """Who runs the service for his own shop reads of it in that shop's mail, which says more, and not twice."""
    recipient = world.settings.alerts.email
    if not recipient or not alarm.subject:  # about no shop, such as a damaged database, of which nothing can be asked
        return False
    with reading(world.engine) as session:
        return tell_merchant.told(session, alarm, recipient)


def _message(world: World, alarm: Alarm, recipient: str) -> EmailMessage:
    sender = world.settings.mail.from_address or recipient
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Postventa", addr_spec=sender)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = f"[Postventa] {alarm.level}: {alarm.name}" + (f" ({alarm.subject})" if alarm.subject else "")
    message["Date"] = now()
    message["Message-ID"] = f"<alarm-{alarm.id}-{alarm.level}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"{alarm.message}\n\nSince {alarm.opened_at:%Y-%m-%d %H:%M:%S} UTC, on {world.settings.public_url}.\n"
        f'What it means and what to do: docs/operations.md, section "{alarm.name}". All open alarms: postventa alarms\n'
    )
    return message
