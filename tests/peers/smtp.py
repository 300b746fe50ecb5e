"""The customers' mail server: a real SMTP server on this machine that keeps what really arrived, and can be made to misbehave.

`with sink.having(Fault(Step.DOT, hang_up=True, to=ana))` misbehaves at one step of the conversation; `with sink.away()` is not there at all.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import Envelope, Session

from tests.peers.smtp_faults import Closed, Controller, Fault, Heard, Step
from tests.ports import free_port
from tests.runtime.processes import PATIENCE

HANG_UP = "hang up"
"""Instead of an answer: the message is kept, but its sender never hears of it."""
NOT_YET = "451 4.3.0 try again later"
NOBODY = "550 5.1.1 there is nobody of that name"
TAKEN = "250 2.0.0 taken"
ESTABLISHED = "01"
"""A connection that is alive (Linux, net/tcp_states.h)."""


@dataclass(frozen=True)
class Mail:
    """One message as it arrived."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)
    at: float = field(default_factory=time.monotonic)

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, _class=EmailMessage, policy=default)

    @property
    def followup(self) -> str:
        return str(self.message["X-Postventa-Followup"])

    @property
    def effect(self) -> int:
        return int(self.message["X-Postventa-Effect"])

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        assert part is not None
        return str(part.get_content())

    @property
    def attachments(self) -> list[tuple[str, bytes]]:
        return [(part.get_content_type(), bytes(part.get_content())) for part in self.message.iter_attachments()]


Answer = str | None
"""What the server says instead of yes; None: yes."""


@dataclass
class Sink:
    """Every test listens for its own recipients, so that many can share one server."""

    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    at_recipient: Callable[[str, int], Answer] = lambda recipient, peer: None
    at_message: Callable[[Mail, int], Answer] = lambda mail, peer: None
    slowness: float = 0.0
    """Seconds before the answer to a message."""
    faults: list[Fault] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    """Every step of every conversation, as it was answered."""
    lines: set[Any] = field(default_factory=set)
    """Connections that were ever made since it listens."""
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _controller: Controller | None = None
    _opening: bool = False

    def open(self) -> None:
        """Listen, on the same port as ever."""
        self._controller, self._opening = Controller(self, self.port), True  # its first visitor is itself
        self._controller.start()
        self._opening = False

    def close(self) -> None:
        """Break all lines and listen no more: who connects is refused."""
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.end()

    @contextmanager
    def away(self) -> Iterator[None]:
        """There is no such server while the block runs."""
        self.close()
        try:
            yield
        finally:
            self.open()

    @contextmanager
    def having(self, *faults: Fault) -> Iterator[Fault]:
        """Misbehave so while the block runs; yields the first, which counts how often it was met."""
        self.faults += faults
        try:
            yield faults[0]
        finally:
            for fault in faults:
                self.faults.remove(fault)

    def tries(self, recipient: str, step: Step = Step.RCPT) -> list[Heard]:
        """How often somebody came to that step with a mail for this address."""
        return [heard for heard in tuple(self.heard) if heard.to == recipient and heard.step == step]

    async def meet(self, server: Any, step: Step, recipient: str = "") -> str | None:
        """What a fault says at this step, after its delay; None: go on. Raises `Closed` when it hangs up."""
        if self._opening:
            return None
        fault = next((fault for fault in self.faults if fault.concerns(step, recipient)), None)
        if fault is not None:
            fault.met += 1
            await asyncio.sleep(fault.delay)
        self.heard.append(Heard(step, recipient, "" if fault is None else fault.words))
        if fault is not None and fault.hang_up:
            server.transport.abort()
            raise Closed(fault)
        return fault.answer or None if fault is not None else None

    def to(self, recipient: str) -> list[Mail]:
        """What arrived for one address, in the order of arrival."""
        return [mail for mail in tuple(self.mails) if recipient in mail.recipients]

    def followups(self, recipient: str) -> list[str]:
        return [mail.followup for mail in self.to(recipient)]

    def wait(self, recipient: str, number: int = 1) -> list[Mail]:
        """Until that many arrived; fails the test when they do not."""
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while len(self.to(recipient)) < number:
                left = deadline - time.monotonic()
                assert left > 0, f"{recipient} got {self.followups(recipient)} within {PATIENCE:g} s, not {number} mails"
                self._changed.wait(left)
        return self.to(recipient)

    @contextmanager
    def answering(self, recipient: str, *answers: Answer, at: str = "message") -> Iterator[list[Mail]]:
        """For this recipient, answer so, one after the other, and then as ever. Yields the mails that were answered so."""
        left, met = list(answers), list[Mail]()
        before_message, before_recipient = self.at_message, self.at_recipient

        def message(mail: Mail, peer: int) -> Answer:
            if recipient not in mail.recipients or not left:
                return before_message(mail, peer)
            met.append(mail)
            return left.pop(0)

        def address(name: str, peer: int) -> Answer:
            return left.pop(0) if name == recipient and left else before_recipient(name, peer)

        if at == "message":
            self.at_message = message
        else:
            self.at_recipient = address
        try:
            yield met
        finally:
            self.at_message, self.at_recipient = before_message, before_recipient

    async def handle_MAIL(self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        answer = await self.meet(server, Step.MAIL)
        if answer is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 2.1.0 fine"

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        answer = self.at_recipient(address, _port_of(session)) or await self.meet(server, Step.RCPT, address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 fine"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.original_content, bytes)
        mail = Mail(str(envelope.mail_from), tuple(envelope.rcpt_tos), envelope.original_content)
        await asyncio.sleep(self.slowness)
        answer = self.at_message(mail, _port_of(session))
        if answer is None:
            try:
                answer = await self.meet(server, Step.DOT, mail.recipients[0])
            except Closed as closed:
                if closed.fault.keeps:
                    self._keep(mail)
                raise
        if answer in (None, HANG_UP):
            self._keep(mail)
        if answer == HANG_UP:
            server.transport.abort()
        return answer or TAKEN

    def _keep(self, mail: Mail) -> None:
        with self._changed:
            self.mails.append(mail)
            self._changed.notify_all()


def _port_of(session: Session) -> int:
    return int(cast(Any, session.peer)[1])


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    """Run one on a free port."""
    sink = Sink(free_port())
    sink.open()
    try:
        yield sink
    finally:
        sink.close()


def kill_sender(peer: int) -> None:
    """Kill -9 the process at the other end of a connection from this machine's port `peer`."""
    os.kill(owner(peer), signal.SIGKILL)


def owner(port: int) -> int:
    """Whose socket that is (proc(5): /proc/net/tcp names the inode, /proc/*/fd who holds it).

    Of the lines with that port one is alive; others are what is left of conversations that are over, which nobody holds.
    """
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next(row[9] for row in rows if int(row[1].rpartition(":")[2], 16) == port and row[3] == ESTABLISHED)
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(link.readlink()) == f"socket:[{inode}]":
                return int(link.parts[2])
    raise LookupError(f"nobody holds port {port}")
