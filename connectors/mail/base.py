"""The contract of a mail transport."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol

from connectors.errors import ConnectorError


class RecipientRefused(ConnectorError):
    """This address will never take our mail: it does not exist, or is closed. The one refusal that says something about the recipient."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class Transport(Protocol):
    """Sends one message to one recipient.

    Returns what the other side answered. Raises `ConnectorError`: `permanent` when this message will never be taken (`RecipientRefused`
    when it is for the address), not permanent for what may be tried again (nothing was handed over); `InDoubt` when the message may have
    been taken.
    """

    name: str

    def send(self, message: EmailMessage, recipient: str) -> str:
        """Hand the message over; `recipient` is the envelope's address."""

    def close(self) -> None:
        """End a kept connection."""
