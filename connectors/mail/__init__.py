"""Mail transports, one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.mail.base import Transport
from connectors.mail.mailbox import MailboxTransport
from connectors.mail.smtp import SmtpTransport, Tls


@dataclass(frozen=True)
class MailOptions:
    """What the transports need to know, as plain values."""

    folder: Path = Path("var/mailbox")
    """Where the mailbox keeps its files."""
    host: str = ""
    port: int = 587
    username: str = ""
    password: str = ""
    tls: Tls = "starttls"


TRANSPORTS: dict[str, Callable[[MailOptions], Transport]] = {
    "mailbox": lambda options: MailboxTransport(options.folder),
    "smtp": lambda o: SmtpTransport(o.host, o.port, username=o.username, password=o.password, tls=o.tls),
}


def open_transport(name: str, options: MailOptions) -> Transport:
    """The transport called `name`, one per worker process; raises `KeyError` for one that is not listed. Connects when first used."""
    return TRANSPORTS[name](options)
