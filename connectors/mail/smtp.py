"""SMTP with a kept connection and an honest account of what happened.

What counts is the moment of the final dot (RFC 5321, 4.5.3.2.6: wait ten minutes for its answer). Before it nothing was handed over and
trying again is safe; after it, a lost answer means that the mail may have been taken: `InDoubt`.
"""

from __future__ import annotations

import contextlib
import os
import smtplib
import ssl
import time
from collections.abc import Sequence

from connectors.errors import ConnectorError, InDoubt
from connectors.mail.base import Letter, MailboxFull, RecipientRefused, ServerAway
from connectors.mail.wire import Link, Patience, Tls, envelope, readable, said, wire_bytes

SETTINGS_FAULT = frozenset({530, 534, 535, 538})
"""Answers about our own login (RFC 4954). Like a refused sender they are no recipient's fault: tried again, so that there is time to mend them."""
SENDER, RECIPIENT = "the sender's address", "the recipient's address"


class SmtpTransport:
    """One connection, kept for up to `batch` messages. For one thread; after a fork the child makes its own."""

    name = "smtp"

    def __init__(
        self,
        host: str,
        port: int = 587,
        *,
        username: str = "",
        password: str = "",
        tls: Tls = "starttls",
        cafile: str = "",
        batch: int = 100,
        patience: Patience | None = None,
    ) -> None:
        """`cafile`: trust this certificate authority instead of the system's."""
        self.host, self.port, self.username, self.password, self.tls = host, port, username, password, tls
        self.cafile, self.batch, self.patience = cafile, batch, patience or Patience()
        self._link: Link | None = None
        self._owner = 0
        self._sent = 0
        self._used = 0.0

    def send(self, letter: Letter, recipient: str) -> str:
        """Hand one letter over to the server; what it answered to the final dot."""
        body = wire_bytes(letter)
        recipient = envelope(recipient)
        link, kept = self._connection()
        try:
            self._address(link, letter, recipient, body)
        except _Gone as error:
            if not kept:
                raise self._lost(error) from error
            link = self._connect()  # it ended while it rested; nothing was said about this message yet
            try:
                self._address(link, letter, recipient, body)
            except _Gone as again:
                raise self._lost(again) from again
        return self._deliver(link, body)

    def check(self) -> str:
        """Connect and log in without sending anything; one line that says so. Raises `ConnectorError`."""
        self._connect()
        self.close()
        return f"{self.host}:{self.port} lets us in" + (f" as {self.username}" if self.username else " without a login")

    def close(self) -> None:
        """Say goodbye and hang up."""
        link, self._link = self._link, None
        if link is None or self._owner != os.getpid():
            return
        with contextlib.suppress(OSError, smtplib.SMTPException):
            link.sock_timeout(5)
            link.quit()
        link.close()

    # the connection

    def _connection(self) -> tuple[Link, bool]:
        """(connection, whether it was kept from an earlier message)."""
        if self._link is None or self._owner != os.getpid():
            return self._connect(), False
        if self._sent >= self.batch:
            self.close()
            return self._connect(), False
        if time.monotonic() - self._used > self.patience.idle and not self._alive(self._link):
            return self._connect(), False
        return self._link, True

    def _alive(self, link: Link) -> bool:
        try:
            return link.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _connect(self) -> Link:
        self._drop()
        where = f"{self.host}:{self.port}"
        try:
            link = self._open()
        except smtplib.SMTPAuthenticationError as error:
            raise ServerAway(f"the mail server {where} refuses the username or password ({said(error)})") from error
        except ssl.SSLCertVerificationError as error:
            raise ServerAway(f"the certificate of the mail server {where} cannot be trusted: {error.verify_message}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise ServerAway(f"the mail server {where} does not offer what the settings ask for: {error}") from error
        except smtplib.SMTPResponseException as error:
            raise ServerAway(f"the mail server {where} does not let us in ({said(error)})") from error
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway(f"the mail server {where} cannot be reached: {error}") from error
        self._link, self._owner, self._sent, self._used = link, os.getpid(), 0, time.monotonic()
        return link

    def _open(self) -> Link:
        """Connect, encrypt, log in; closes what it opened when a step fails."""
        context = ssl.create_default_context(cafile=self.cafile or None) if self.tls != "none" else None
        link = Link(self.host, self.patience, context if self.tls == "tls" else None)
        try:
            link.expect_ready(*link.connect(self.host, self.port))
            link.ehlo_or_helo_if_needed()
            if self.tls == "starttls":
                link.expect_ready(*link.starttls(context=context))
                link.ehlo_or_helo_if_needed()
            if self.username:
                link.login(self.username, self.password)
        except BaseException:
            link.close()
            raise
        return link

    def _drop(self) -> None:
        """Forget the connection without a word; in a forked child this closes only the child's copy."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    # the conversation

    def _address(self, link: Link, letter: Letter, recipient: str, body: bytes) -> None:
        """Everything before the message itself, in one breath where the server allows it (RFC 2920). Raises `_Gone` when the line breaks."""
        options = self._options(link, letter, body)
        steps = (
            (SENDER, f"MAIL FROM:<{letter.sender}>{options}", (250,)),
            (RECIPIENT, f"RCPT TO:<{recipient}>", (250, 251)),
            ("the message", "DATA", (354,)),
        )
        if link.has_extn("pipelining"):
            self._in_one_breath(link, steps)
            return
        for step, command, wanted in steps:
            self._expect(link, step, command, *wanted)

    def _in_one_breath(self, link: Link, steps: Sequence[tuple[str, str, tuple[int, ...]]]) -> None:
        replies: list[tuple[int, bytes]] = []
        try:
            link.raw("".join(f"{command}\r\n" for _, command, _ in steps).encode(link.command_encoding))
            for _ in steps:
                replies.append(link.getreply())  # noqa: PERF401  (those that came before the line broke count)
            broken = None
        except (OSError, smtplib.SMTPException) as error:
            broken = error
        for (step, _, wanted), (code, text) in zip(steps, replies, strict=False):
            if code not in wanted:
                raise self._refused_at_once(link, step, code, text, replies)
        if broken is not None:
            self._drop()
            raise _Gone(broken) from broken

    def _refused_at_once(self, link: Link, step: str, code: int, text: bytes, replies: Sequence[tuple[int, bytes]]) -> ConnectorError:
        """Some servers wait for the message even so: an empty one for nobody ends that."""
        if replies[-1][0] == 354:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                link.raw(b".\r\n")
                link.getreply()
        return self._refused(link, step, code, text)

    def _options(self, link: Link, letter: Letter, body: bytes) -> str:
        options = f" SIZE={len(body)}" if link.has_extn("size") else ""
        link.command_encoding = "ascii"
        if letter.utf8:
            if not link.has_extn("smtputf8"):
                raise ConnectorError("the mail server cannot write to addresses with letters beyond ASCII (no SMTPUTF8)", permanent=True)
            link.command_encoding = "utf-8"
            return f"{options} BODY=8BITMIME SMTPUTF8"
        return options if body.isascii() or not link.has_extn("8bitmime") else f"{options} BODY=8BITMIME"

    def _expect(self, link: Link, step: str, command: str, *wanted: int) -> None:
        try:
            link.putcmd(command)
            code, text = link.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise _Gone(error) from error
        if code not in wanted:
            raise self._refused(link, step, code, text)

    def _deliver(self, link: Link, body: bytes) -> str:
        """The message, then the final dot, then the long wait."""
        try:
            link.raw(body)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise self._lost(error) from error
        try:
            link.sock_timeout(self.patience.final_dot)
            link.raw(b".\r\n")
            code, text = link.getreply()
            link.sock_timeout(self.patience.command)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise InDoubt(f"the mail server took the message but its answer never came: {error}") from error
        if 200 <= code < 300:
            self._sent, self._used = self._sent + 1, time.monotonic()
            return f"{code} {readable(text)}"
        if not 400 <= code < 600:
            self._drop()
            raise InDoubt(f"the mail server's answer to the message makes no sense: {code} {readable(text)}")
        raise self._refused(link, "the message", code, text)

    def _refused(self, link: Link, step: str, code: int, text: bytes) -> ConnectorError:
        """The server said no. The connection goes on with a clean slate, unless the server ends it (421)."""
        try:
            clean = code != 421 and link.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            clean = False
        if clean:
            self._used = time.monotonic()
        else:
            self._drop()
        return _refusal(step, code, readable(text))

    def _lost(self, error: BaseException) -> ConnectorError:
        """Broken before the final dot: nothing was handed over."""
        return ServerAway(f"the connection to the mail server {self.host}:{self.port} broke before the message was handed over: {error}")


class _Gone(Exception):
    """The line broke before the message was sent."""


def _refusal(step: str, code: int, text: str) -> ConnectorError:
    """What a server's no means: by its code, and by the enhanced code that most servers put first (RFC 3463)."""
    words = f"the mail server refused {step}: {code} {text}"
    if (code == 552 and not text.startswith("5.3.")) or text.startswith("5.2.2"):
        return MailboxFull(words)
    if code == 421 or code in SETTINGS_FAULT or step == SENDER:
        return ServerAway(words)
    if not 500 <= code < 600:
        return ConnectorError(words)
    # 5.7 is policy, such as "relaying denied": about us, not about the address. Some servers judge the address only after the message.
    of_address = not text.startswith("5.7.") if step == RECIPIENT else text.startswith("5.1.")
    return RecipientRefused(words) if of_address else ConnectorError(words, permanent=True)
