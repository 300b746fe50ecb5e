"""From facts to what should go out and when. Pure: the same facts, in whatever order they came, give the same plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from postventa.followups import FOLLOWUPS
from postventa.followups.base import FollowUp, Occasion, parcel_of
from postventa.followups.view import OrderView, Rules
from postventa.value import value

Planned = tuple[str, str, datetime]
"""A follow-up, the subject within the order, and when the thing happened that it answers."""


@value
class Wanted:
    """One effect that should be in the ledger."""

    followup: FollowUp
    occasion: Occasion
    due_at: datetime
    skip: str = ""
    """Why it does not go out; empty: it does."""
    final: bool = False
    """A skip that later facts cannot undo."""
    lead: str = ""
    """The subject of the effect whose mail tells this one too; empty: its own."""


def plan(order: OrderView, rules: Rules, now: datetime, planned: Collection[Planned] = ()) -> list[Wanted]:
    """Everything that this order calls for, at the journey's order. `planned`: what was planned in time, and so is not learnt late now."""
    wanted = [_one(order, followup, occasion, rules, now, planned) for followup in FOLLOWUPS.values() for occasion in followup.after(order)]
    return [item for name in FOLLOWUPS for item in _merged(order, [w for w in wanted if w.followup.name == name], rules, now)]


def _one(order: OrderView, followup: FollowUp, occasion: Occasion, rules: Rules, now: datetime, planned: Collection[Planned]) -> Wanted:
    due = max(occasion.at + followup.delay, now)
    if not followup.delay:  # at once means now, also when the shop's clock is ahead of ours
        due = now + rules.settle if followup.settles or _later_steps_known(order) else now
    learnt_at = now if (followup.name, occasion.subject, occasion.at) not in planned else occasion.at
    skip, final = _skip(order, followup, occasion, rules, learnt_at)
    return Wanted(followup, occasion, due, skip, final)


def _skip(order: OrderView, followup: FollowUp, occasion: Occasion, rules: Rules, learnt_at: datetime) -> tuple[str, bool]:
    if order.test:
        return "a test order: no customer is written to", True
    if order.is_history(occasion.at):
        return "imported history: nothing is sent for what happened before the shop was connected", True
    if followup.name in rules.off:
        return rules.off_reasons.get(followup.name, "switched off"), False
    if learnt_at - (occasion.at + followup.delay) > followup.stale_after:
        return f"stale: it happened on {occasion.at:%Y-%m-%d %H:%M} UTC, too long ago to be news", True
    return refusal(order, followup, occasion), False


def refusal(order: OrderView, followup: FollowUp, occasion: Occasion) -> str:
    """Why it must not go out as things stand now; asked when planning and again just before sending."""
    if order.trashed:
        return "the shop threw the order away"
    if order.cancelled and not followup.survives_cancel:
        return "the order was cancelled"
    return followup.wanted(order, occasion)


def _later_steps_known(order: OrderView) -> bool:
    """The order was met in the middle of its journey: other deliveries of the same breath may be on their way."""
    return bool(order.prepared_at or order.dispatched or order.cancelled_at or order.refunds)


def _merged(order: OrderView, items: list[Wanted], rules: Rules, now: datetime) -> Iterable[Wanted]:
    """Within one follow-up: those whose occasions lie within the merge window of the first share its mail."""
    if not items or not items[0].followup.merges:
        return items
    result: list[Wanted] = []
    lead: Wanted | None = None
    for item in sorted(items, key=lambda w: (w.occasion.at, w.occasion.subject)):
        if lead is not None and not item.skip and item.occasion.at - lead.occasion.at <= rules.merge_window:
            result.append(replace(item, lead=lead.occasion.subject))
            continue
        if not item.skip:
            lead = item
        complete = order.all_on_the_way or item.followup.delay or _further(order, item)
        result.append(item if complete else replace(item, due_at=max(item.due_at, item.occasion.at + rules.merge_window)))
    return result


def _further(order: OrderView, item: Wanted) -> bool:
    """The parcel has moved on since: its news cannot wait for siblings."""
    parcel = parcel_of(order, item.occasion)
    return parcel is not None and bool(parcel.out_for_delivery_at or parcel.ready_for_pickup_at or parcel.delivered_at)
