"""What SMTP says on the wire: one connection, and the bytes of a message."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from connectors.errors import ConnectorError
from connectors.mail.base import Letter

Tls = Literal["none", "starttls", "tls"]
_LINE_END = re.compile(rb"\r\n|\r|\n")
_NOT_IN_ADDRESS = re.compile(r"[\s<>\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Patience:
    """Seconds (RFC 5321, 4.5.3.2; the connection is given up sooner, since trying again costs nothing)."""

    connect: float = 10
    command: float = 60
    final_dot: float = 600
    idle: float = 5
    """A connection that rested longer is asked whether it is still there."""


class Link(smtplib.SMTP):
    """smtplib with separate patience for connecting and for answers, and TLS from the first byte where asked for."""

    def __init__(self, host: str, patience: Patience, context: ssl.SSLContext | None) -> None:
        self.patience, self.context = patience, context
        super().__init__(local_hostname=_own_name(), timeout=patience.command)
        self._host = host  # STARTTLS checks the certificate against it

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = socket.create_connection((host, port), self.patience.connect)
        line.settimeout(timeout)
        # The final dot is a small packet after a large one: without this it waits 40 ms for the other side's acknowledgement.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            return self.context.wrap_socket(line, server_hostname=host) if self.context else line
        except BaseException:
            line.close()
            raise

    def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        self.sock.sendall(data)

    def expect_ready(self, code: int, text: bytes) -> None:
        """220 is the only answer to go on with, both to a new connection and to STARTTLS."""
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)

    def sock_timeout(self, seconds: float) -> None:
        if self.sock is not None:
            self.sock.settimeout(seconds)


@dataclass(frozen=True)
class RawLetter:
    """A `Letter` (connectors/mail/base.py)."""

    sender: str
    raw: bytes
    utf8: bool = False


def as_letter(message: EmailMessage) -> RawLetter:
    """The standard library's message as a letter; for the few that are not worth composing faster."""
    raw = _LINE_END.sub(b"\r\n", message.as_bytes())
    sender = message["From"].addresses[0].addr_spec
    return RawLetter(sender, raw if raw.endswith(b"\r\n") else raw + b"\r\n", bool(getattr(message.policy, "utf8", False)))


def wire_bytes(letter: Letter) -> bytes:
    """The letter on the wire: leading dots doubled (RFC 5321, 4.5.2)."""
    wire = letter.raw.replace(b"\r\n.", b"\r\n..")
    return b"." + wire if wire.startswith(b".") else wire


def envelope(recipient: str) -> str:
    """The address as SMTP wants it; a broken one is refused before anything is said."""
    local, at, domain = recipient.rpartition("@")
    if not (local and at and domain) or _NOT_IN_ADDRESS.search(recipient):
        raise ConnectorError("the recipient is not a mail address", permanent=True)
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise ConnectorError("the recipient's domain is not valid", permanent=True) from error


def _own_name() -> str:
    """For EHLO; smtplib's own way asks the DNS and may wait for it (RFC 5321, 4.1.3 allows the literal)."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


def said(error: smtplib.SMTPResponseException) -> str:
    text = error.smtp_error
    return f"{error.smtp_code} {readable(text if isinstance(text, bytes) else text.encode())}"


def readable(text: bytes) -> str:
    """A server's answer on one line, for staff."""
    return " ".join(text.decode("utf-8", "replace").split())[:300]
