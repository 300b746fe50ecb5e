"""Expected trouble with somebody else's computer, as types that decide what happens next."""

from __future__ import annotations


class ConnectorError(Exception):
    """A foreign system said no or said nothing.

    `permanent`: trying the same again cannot help. `retry_after`: seconds that the other side asked us to wait, if it did.
    """

    def __init__(self, message: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class Refused(ConnectorError):
    """The other side knows us no more: keys that were revoked, or that lack a right. Only a person can mend it, and nothing is given up meanwhile."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class Lacking(ConnectorError):
    """Our keys are good, and lack the right for this one thing; everything else goes on. `right`: what to grant, in the other side's words."""

    def __init__(self, message: str, right: str = "") -> None:
        super().__init__(message, permanent=True)
        self.right = right


class SentOn(ConnectorError):
    """It answered with another address, to which nobody goes unasked. `location`: as it said it, which proves nothing."""

    def __init__(self, message: str, location: str) -> None:
        super().__init__(message, permanent=True)
        self.location = location


class Untrusted(ConnectorError):
    """Its certificate does not prove who it is. `why`: "expired", "other-name", "self-signed", "chain", or "tls" for all else."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


class BadSignature(ConnectorError):
    """The delivery was not signed with any of the shop's active secrets."""

    def __init__(self, message: str = "the signature does not match any active secret") -> None:
        super().__init__(message, permanent=True)


class NotTrusted(ConnectorError):
    """Whoever came did not prove where they come from. The same for every fault: nobody learns from it which check failed."""

    def __init__(self) -> None:
        super().__init__("this request does not prove that it comes from the shop's admin: open the app there", permanent=True)


class Unreadable(ConnectorError):
    """A signed delivery whose body cannot be understood: kept as poison for a person to look at."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class Unsupported(ConnectorError):
    """This platform, carrier or transport cannot do that."""

    def __init__(self, operation: str, who: str) -> None:
        super().__init__(f"{who} cannot {operation}", permanent=True)
        self.operation, self.who = operation, who


class InDoubt(ConnectorError):
    """The other side may or may not have done it (the connection broke after the point of no return)."""


class AskAPerson(InDoubt):
    """The same, and no question to the other side can end the doubt: somebody has to look there."""


class SlowDown(ConnectorError):
    """The other side has too much to do, and did nothing of what it was asked."""


def of_a_write(error: ConnectorError) -> ConnectorError:
    """What a failure of a request means that would have changed something: it was certainly not done, or nobody knows."""
    if error.permanent or isinstance(error, InDoubt | SlowDown | Untrusted):
        return error
    return InDoubt(str(error), retry_after=error.retry_after)
