"""The contract of a mail transport."""

from __future__ import annotations

from typing import Protocol

from connectors.errors import ConnectorError


class RecipientRefused(ConnectorError):
    """This address will never take our mail: it does not exist, or is closed. The one refusal that says something about the recipient."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class ServerAway(ConnectorError):
    """The mail server takes nothing from us now, whoever it is for: it does not answer, does not let us in, or ends the conversation."""


class MailboxFull(ConnectorError):
    """The address exists and has no room: its owner has to make some first, so it is tried a few times, days apart."""

    TRIES, AGAIN = 3, 35 * 3600.0
    """Tries in all, and seconds between two: the last one comes just within three days, while most news is still news."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message} (the mailbox is full)", retry_after=self.AGAIN)


class Letter(Protocol):
    """A message ready to travel."""

    @property
    def sender(self) -> str:
        """The bare address in `From`: the envelope's sender."""

    @property
    def raw(self) -> bytes:
        """Headers and body; every line ends in CRLF, none is longer than 998 bytes (RFC 5322, 2.1.1)."""

    @property
    def utf8(self) -> bool:
        """Its headers have letters beyond ASCII as they are (RFC 6531)."""


class Transport(Protocol):
    """Sends one message to one recipient.

    Returns what the other side answered. Raises `ConnectorError`: `permanent` when this message will never be taken (`RecipientRefused`
    when it is for the address), not permanent for what may be tried again (nothing was handed over; `MailboxFull` when that takes days,
    `ServerAway` when it would be so with any other message);
    `InDoubt` when the message may have been taken.
    """

    name: str

    def send(self, letter: Letter, recipient: str) -> str:
        """Hand it over; `recipient` is the envelope's address."""

    def close(self) -> None:
        """End a kept connection."""
