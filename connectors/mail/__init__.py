"""Mail transports, one line each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from connectors.mail.base import RecipientRefused, Transport
from connectors.mail.mailbox import MailboxTransport
from connectors.mail.smtp import SmtpTransport
from connectors.mail.wire import Tls

__all__ = ["TRANSPORTS", "RecipientRefused", "Transport", "open_transport"]


class MailOptions(Protocol):
    """What the transports read of the settings: the `[mail]` section."""

    @property
    def transport(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def tls(self) -> Tls: ...


class Options(Protocol):
    """The settings, as far as mail goes."""

    @property
    def mail(self) -> MailOptions: ...
    @property
    def var(self) -> Path:
        """The folder for what the service writes."""


TRANSPORTS: dict[str, Callable[[MailOptions, Path], Transport]] = {
    "mailbox": lambda mail, var: MailboxTransport(var / "mailbox"),
    "smtp": lambda mail, var: SmtpTransport(mail.host, mail.port, username=mail.username, password=mail.password, tls=mail.tls),
}


def open_transport(settings: Options) -> Transport:
    """The transport that the settings name, one per worker process; it connects when it is first used."""
    return TRANSPORTS[settings.mail.transport](settings.mail, settings.var)
