"""How the customers' mail server misbehaves on the wire."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, AnyStr

from aiosmtpd.controller import Controller as Listener
from aiosmtpd.smtp import SMTP


class Step(StrEnum):
    """Where in the conversation (RFC 5321, 3)."""

    CONNECT = "connect"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "."


@dataclass(eq=False)
class Fault:
    """What happens at one step instead of the usual."""

    step: Step
    answer: str = ""
    """Said instead of yes; empty: yes. A 421 ends the connection, as it should."""
    delay: float = 0.0
    """Seconds before the answer."""
    hang_up: bool = False
    """Instead of an answer."""
    keeps: bool = False
    """Hanging up after the final dot: the message is kept all the same."""
    to: str = ""
    """For this recipient only; empty: for everybody. Before RCPT nobody knows for whom a mail is."""
    times: int = 1_000_000
    met: int = 0

    def __post_init__(self) -> None:
        if self.to and self.step in (Step.CONNECT, Step.MAIL):
            raise ValueError(f"at {self.step} the recipient is not known yet")

    @property
    def words(self) -> str:
        return "hung up" if self.hang_up else self.answer

    def concerns(self, step: Step, recipient: str) -> bool:
        return self.step == step and self.to in ("", recipient) and self.met < self.times


@dataclass(frozen=True)
class Heard:
    """Somebody came to a step of a conversation."""

    step: Step
    to: str
    answer: str
    """Empty: as usual."""
    at: float = field(default_factory=time.monotonic)


class Closed(asyncio.CancelledError):
    """The server hung up: the conversation ends here, without another word."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


class _Server(SMTP):
    """One conversation; `event_handler` is the sink."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.event_handler.lines.add(transport)

    async def _handle_client(self) -> None:
        answer = await self.event_handler.meet(self, Step.CONNECT)
        if answer is None:
            await super()._handle_client()
        else:
            await self.push(answer)
            self.transport.close()  # type: ignore[union-attr]

    async def smtp_DATA(self, arg: str) -> None:
        recipient = self.envelope.rcpt_tos[0] if self.envelope is not None and self.envelope.rcpt_tos else ""
        answer = await self.event_handler.meet(self, Step.DATA, recipient)
        if answer is None:
            await super().smtp_DATA(arg)
        else:
            await self.push(answer)

    async def push(self, status: AnyStr) -> None:
        await super().push(status)
        if str(status).lstrip("b'").startswith("421") and self.transport is not None:
            self.transport.close()


class Controller(Listener):
    """The server's thread; at its end every line is broken."""

    def __init__(self, sink: Any, port: int) -> None:
        super().__init__(sink, hostname="127.0.0.1", port=port, server_hostname="mx.test", ready_timeout=60)
        sink.lines.clear()

    def factory(self) -> _Server:
        return _Server(self.handler, **self.SMTP_kwargs)

    def end(self) -> None:
        broken = threading.Event()

        def break_lines() -> None:
            for line in self.handler.lines:
                line.abort()
            self.loop.call_later(0.05, broken.set)  # what they lose is noticed in the loop's next turns

        self.loop.call_soon_threadsafe(break_lines)
        broken.wait(60)
        self.stop()
