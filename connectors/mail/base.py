"""The contract of a mail transport."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol


class Transport(Protocol):
    """Sends one message to one recipient.

    Returns what the other side answered. Raises `ConnectorError`: `permanent` for a refusal of this recipient (5xx), not permanent
    for what may be tried again (nothing was handed over); `InDoubt` when the message may have been taken (promises.md 2.3).
    """

    name: str

    def send(self, message: EmailMessage, recipient: str) -> str:
        """Hand the message over; `recipient` is the envelope's address."""

    def close(self) -> None:
        """End a kept connection."""
