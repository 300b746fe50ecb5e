"""What a follow-up is: a name, what it comes after, how long after, and for whom.

A new one is a folder with a class of a few lines here, its wording beside it, and a line in `FOLLOWUPS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from postventa.followups.view import OrderView, ParcelFacts


class Basis(StrEnum):
    """Why we may write to somebody (LSSI art. 21, GDPR art. 6); a send without one is refused."""

    TRANSACTIONAL = "transactional"
    LEGAL_DUTY = "legal_duty"
    SOFT_OPTIN = "soft_optin"
    CONSENT = "consent"
    OPERATIONAL = "operational"
    """To the merchant's own staff."""


@dataclass(frozen=True)
class Occasion:
    """One time that a follow-up is called for."""

    at: datetime
    """When the thing happened that it answers."""
    subject: str = ""
    """What within the order: a parcel's, refund's or return's reference; empty: the order."""
    parcel: str = ""
    until: datetime | None = None
    """Nothing goes out later than this, whatever the reason for waiting."""


@dataclass(frozen=True)
class After:
    """What a follow-up comes after: finds its occasions among an order's facts."""

    find: Callable[[OrderView], Iterable[Occasion]]

    def __call__(self, order: OrderView) -> list[Occasion]:
        return list(self.find(order))


class FollowUp:
    """One kind of message. Everything here is pure: `OrderView` in, decisions out."""

    name: ClassVar[str]
    after: ClassVar[After]
    delay: ClassVar[timedelta] = timedelta(0)
    basis: ClassVar[Basis] = Basis.TRANSACTIONAL
    stage: ClassVar[int] = 0
    """Place in the journey: a mail never goes out after one of a later stage; 0: stands outside of that order."""
    urgent: ClassVar[bool] = True
    """Not held back by quiet hours."""
    stale_after: ClassVar[timedelta] = timedelta(days=3)
    """Older news than this, counted from when it is due, is not sent any more."""
    window: ClassVar[timedelta | None] = None
    """Counted from the occasion: nothing goes out later, whatever the reason for waiting; it replaces `stale_after` once planned."""
    merges: ClassVar[bool] = False
    """Several within the merge window become one mail."""
    survives_cancel: ClassVar[bool] = False
    """Still true and worth saying when the order was cancelled."""
    asked: ClassVar[bool] = False
    """Somebody asks for it (`jobs/look_up.py`, `jobs/pickups/`): the plan neither calls for it nor calls it off."""
    settles: ClassVar[bool] = True
    """Waits a few seconds for deliveries of the same breath that come in another order."""
    private: ClassVar[bool] = False
    """Its subject is for the customer alone: no note in the shop repeats it."""

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        """Empty when it should go out; else the reason why not, in words for the merchant's staff."""
        return ""

    def patient(self, order: OrderView, occasion: Occasion) -> str:
        """Why it has to wait for now (an open return, a complaint); empty: it need not."""
        return ""

    def end(self, occasion: Occasion) -> datetime | None:
        """The moment after which it is too late, if there is one."""
        return occasion.until or (occasion.at + self.window if self.window else None)

    @property
    def transactional(self) -> bool:
        return self.basis in (Basis.TRANSACTIONAL, Basis.LEGAL_DUTY, Basis.OPERATIONAL)


NEVER = After(lambda order: ())
"""After nothing that happens to an order: for what somebody asks for."""


def when(field: str) -> After:
    """After a time of the order itself, such as `placed_at`."""

    def occasions(order: OrderView) -> Iterable[Occasion]:
        moment = getattr(order, field)
        return [Occasion(moment)] if moment else []

    return After(occasions)


def each_parcel(field: str) -> After:
    """After a time of each parcel, such as `dispatched_at`."""

    def occasions(order: OrderView) -> Iterable[Occasion]:
        return [Occasion(moment, p.ref, p.ref) for p in order.parcels if (moment := getattr(p, field))]

    return After(occasions)


def each_trouble(field: str, apart: timedelta) -> After:
    """After each report of trouble with a parcel (`delayed`, `failed`) that comes `apart` from the one told before."""

    def occasions(order: OrderView) -> Iterable[Occasion]:
        for parcel in order.parcels:
            told: datetime | None = None
            for moment in getattr(parcel, field):
                if told is None or moment - told >= apart:
                    subject = parcel.ref if told is None else f"{parcel.ref}@{moment:%Y-%m-%d}"
                    told = moment
                    yield Occasion(moment, subject, parcel.ref)

    return After(occasions)


def each_return(field: str) -> After:
    """After a step of each return, such as `approved_at`."""

    def occasions(order: OrderView) -> Iterable[Occasion]:
        return [Occasion(moment, case.ref) for case in order.returns if (moment := getattr(case, field))]

    return After(occasions)


def _each_refund(order: OrderView) -> Iterable[Occasion]:
    return [Occasion(refund.at, refund.ref) for refund in order.refunds]


def _last_delivery(order: OrderView) -> Iterable[Occasion]:
    times = [p.delivered_at for p in order.dispatched]
    known = [t for t in times if t is not None]
    return [Occasion(max(known))] if known and len(known) == len(times) and order.all_on_the_way else []


each_refund = After(_each_refund)
last_delivery = After(_last_delivery)


def parcel_of(order: OrderView, occasion: Occasion) -> ParcelFacts | None:
    """The parcel that the occasion is about."""
    return next((p for p in order.parcels if p.ref == occasion.parcel), None)
