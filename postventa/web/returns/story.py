"""Where a return is, and the steps of it that were done and are to come. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from postventa.models import Effect, ReturnCase, State
from postventa.returns.wish import Method, RefundWhen, Resolution
from postventa.web.portal.track_sheet import Reader
from postventa.web.returns import words

CARRIED = (Method.PRINTED_LABEL, Method.QR, Method.PICKUP)
"""Ways on which a carrier tells us when it has the parcel."""
OVER = ("declined", "cancelled")


@dataclass(frozen=True)
class Step:
    """`at` None: it is still to come."""

    name: str
    at: datetime | None


@dataclass(frozen=True)
class Money:
    """What was planned of it, as the ledger has it: refunds and an exchange under the return's number."""

    refunds: tuple[Effect, ...] = ()
    exchange: Effect | None = None

    @property
    def paid_at(self) -> datetime | None:
        """When the shop had made all of it."""
        done = [effect.done_at for effect in self.refunds if effect.state == State.DONE and effect.done_at is not None]
        return max(done) if done and len(done) == len(self.refunds) else None


def where(case: ReturnCase) -> str:
    """One of `words.HEADLINES`."""
    if case.state != "approved":
        return case.state
    if case.resolution == Resolution.KEEP_ITEM:
        return "kept"
    return "on_the_way" if case.scanned_at is not None or case.arrivals else "send"


def word(reader: Reader, case: ReturnCase) -> str:
    """How it stands, in a word or two."""
    state = where(case)
    return reader.say(words.PENDING["approved" if state in ("send", "kept") else state])


def steps(case: ReturnCase, money: Money) -> list[Step]:
    """In the order in which they come; of one that was called off only what was done."""
    known = list(_path(case, money))
    if case.state in OVER:
        ended = case.declined_at if case.state == "declined" else case.cancelled_at
        return [*(step for step in known if step.at is not None), Step(case.state, ended)]
    last = max(place for place, step in enumerate(known) if step.at is not None)
    return [step for place, step in enumerate(known) if step.at is not None or place > last]  # what was skipped does not come any more


def amount(case: ReturnCase) -> Decimal:
    """What the customer was told that she gets."""
    bonus = case.quoted.get("bonus", "0") if case.resolution == Resolution.STORE_CREDIT else "0"
    return Decimal(str(case.quoted.get("refund", "0"))) + Decimal(str(bonus))


def _path(case: ReturnCase, money: Money) -> Iterator[Step]:
    yield Step("requested", case.requested_at or case.created_at)
    yield Step("approved", case.approved_at)
    end, early = _end(case, money), case.refund_when == RefundWhen.AT_FIRST_SCAN
    if case.resolution == Resolution.KEEP_ITEM:
        yield end
        return
    if case.method in CARRIED or case.scanned_at is not None:
        yield Step("scanned", case.scanned_at)
    if early:
        yield end
    yield Step("received", case.received_at)
    if case.refund_when == RefundWhen.AFTER_INSPECTION or case.inspected_at is not None:
        yield Step("inspected", case.inspected_at)
    if not early:
        yield end


def _end(case: ReturnCase, money: Money) -> Step:
    if case.resolution == Resolution.STORE_CREDIT:
        return Step("credited", case.credited_at or money.paid_at)
    if case.resolution in (Resolution.REFUND, Resolution.KEEP_ITEM) and amount(case) > 0 and case.quoted.get("settled_by", "refund") == "refund":
        return Step("paid", money.paid_at)
    return Step("solved", case.closed_at)
