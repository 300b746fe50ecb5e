"""The invariants I1 to I10 of the promises, judged over an `Account`: each function yields what is wrong, in words, and nothing else.

They know the promises, not the product's code: what they compare are rows and messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from postventa.audit import digest
from postventa.models import Attempt, Effect
from tests.checker.account import Account, grouped
from tests.checker.tenants import no_row_refers_to_another_shops

REPEATABLE = ("transactional", "legal_duty", "operational")
REQUESTS = ("soft_optin", "consent")
SETTLED = ("done", "cancelled", "suppressed", "unknown", "dead")
STAGES = {"order_received": 1, "order_prepared": 2, "shipped": 3, "out_for_delivery": 4, "ready_for_pickup": 4, "delivered": 5}
PATIENCE = timedelta(seconds=5)
"""An effect that became due this long ago may still be on its way."""
LEGITIMATE = ("merged", "told already", "overtaken", "stale", "the shop took back", "the shop sends", "switched off", "cancelled", "everything was")
"""Beginnings of the reasons for which a step that was called for needs no mail of its own."""


def everything_taken_is_in_the_inbox(account: Account) -> Iterator[str]:
    """I1."""
    for taken in account.taken:
        if (taken.shop, taken.topic, taken.delivery_id, taken.digest) not in account.stored:
            yield f"{taken.topic} {taken.delivery_id} of order {taken.order_ref} was answered with 2xx and is not in the inbox"


def nothing_arrived_more_often_than_promised(account: Account) -> Iterator[str]:
    """I2, by effect, by message and by what a customer sees."""
    for effect_id, mails in account.arrived.items():
        effect = account.effects.get(effect_id)
        if effect is None:
            yield f"a mail of effect {effect_id}, which is not in the ledger, arrived"
            continue
        if len({mail.message_id for mail in mails}) > 1:
            yield f"effect {effect_id} ({effect.followup}) arrived under several Message-IDs"
        most = 2 if effect.legal_basis in REPEATABLE else 1
        if len(mails) > most:
            yield f"effect {effect_id} ({effect.followup}) arrived {len(mails)} times"
        if len(mails) == 2 and not effect.maybe_duplicate:
            yield f"effect {effect_id} ({effect.followup}) arrived twice and is not marked as a possible duplicate"
        if any({effect.recipient, ""}.isdisjoint(mail.recipients) and effect.recipient for mail in mails):
            yield f"effect {effect_id} ({effect.followup}) arrived at another address"
    yield from _the_same_news_twice(account)


def _the_same_news_twice(account: Account) -> Iterator[str]:
    told = grouped((_news(effect), effect.id) for effect in account.effects.values() if effect.id in account.arrived and effect.kind == "mail")
    for news, effects in told.items():
        if len(effects) > 1:
            yield f"effects {effects} told the same: {news}"


def _news(effect: Effect) -> tuple[object, ...]:
    return effect.order_id, effect.followup, effect.subject_ref, effect.recipient


def everything_due_was_settled(account: Account) -> Iterator[str]:
    """I3. What is settled without a mail has a reason, and what is done has arrived."""
    for effect in account.effects.values():
        if effect.state not in SETTLED and effect.due_at < account.now - PATIENCE:
            yield f"effect {effect.id} ({effect.followup}) was due at {effect.due_at:%H:%M:%S} and is still {effect.state}: {effect.reason}"
        if effect.state in SETTLED and effect.state != "done" and not effect.reason:
            yield f"effect {effect.id} ({effect.followup}) is {effect.state} for no reason"
        if effect.state == "done" and effect.kind in ("mail", "alert") and effect.id not in account.arrived:
            yield f"effect {effect.id} ({effect.followup} of order {_ref(account, effect)}) is done and never arrived"
        if effect.state in ("planned", "dead", "suppressed") and effect.id in account.arrived and not account.attempts.get(effect.id):
            yield f"effect {effect.id} ({effect.followup}) arrived without an attempt"


def every_step_was_told(account: Account) -> Iterator[str]:
    """I3, from the customer's side: what the deliveries call for was sent, or was left out for a reason that the promises know."""
    found = grouped(((account.shops[e.shop_id].key, _ref(account, e), e.followup), e) for e in account.effects.values() if e.kind == "mail")
    for (shop, order), followups in account.expected.items():
        for followup in sorted(followups):
            effects = found.get((shop, order, followup), [])
            if not effects:
                yield f"order {order}: {followup} is not in the ledger"
            for effect in effects:
                seen = effect.state == "unknown" and effect.id in account.arrived  # in doubt twice, and a person was told
                if effect.state != "done" and not seen and not effect.reason.startswith(LEGITIMATE):
                    yield f"order {order}: {followup} is {effect.state}: {effect.reason}"


def no_forbidden_order(account: Account) -> Iterator[str]:
    """I4: the journey's steps in their order, no request before the delivery, none after a cancellation."""
    mails = [(mails[0].at, account.effects[i]) for i, mails in account.arrived.items() if i in account.effects]
    by_order = grouped((effect.order_id, (at, effect)) for at, effect in mails if effect.kind == "mail")
    for told in by_order.values():
        yield from _in_order(account, sorted(told, key=lambda pair: pair[0]))
        for _, effect in told:
            if effect.followup.startswith("review"):
                yield from _review_in_time(account, effect)


def _in_order(account: Account, told: list[tuple[float, Effect]]) -> Iterator[str]:
    for place, (_, later) in enumerate(told):
        for _, before in told[:place]:
            same = not before.parcel_ref or not later.parcel_ref or before.parcel_ref == later.parcel_ref
            if same and STAGES.get(before.followup, 0) > STAGES.get(later.followup, 9):
                yield f"order {_ref(account, later)}: {later.followup} arrived after {before.followup}"


def _review_in_time(account: Account, effect: Effect) -> Iterator[str]:
    order = account.orders[effect.order_id or 0]
    if effect.done_at is None:
        return
    delivered = [parcel.delivered_at for parcel in account.parcels.get(order.id, ()) if parcel.delivered_at]
    if not [at for at in delivered if at <= effect.done_at]:
        yield f"order {order.ref}: {effect.followup} before anything was delivered"
    if order.cancelled and order.cancelled_at and order.cancelled_at < effect.done_at:
        yield f"order {order.ref}: {effect.followup} after it was cancelled"
    for case in account.returns.get(order.id, ()):
        if case.state in ("requested", "approved") and case.created_at < effect.done_at:
            yield f"order {order.ref}: {effect.followup} while return {case.number} is open"


def no_stale_hand_wrote(account: Account) -> Iterator[str]:
    """I5: every outcome belongs to the attempt that began under its fence, fences only rise, and nothing follows a success."""
    for effect_id, attempts in account.attempts.items():
        begun: set[int] = set()
        highest, sent = 0, 0
        for attempt in sorted(attempts, key=lambda a: a.id):
            if attempt.outcome == "sending":
                begun.add(attempt.fence)
                if sent:
                    yield f"effect {effect_id} was begun again after it was sent"
            if attempt.outcome in ("sent", "in_doubt") and attempt.fence not in begun:
                yield f"effect {effect_id}: «{attempt.outcome}» under fence {attempt.fence}, under which nothing had begun"
            if attempt.fence < highest:
                yield f"effect {effect_id}: a write under fence {attempt.fence} after one under {highest}"
            highest, sent = max(highest, attempt.fence), sent + (attempt.outcome == "sent")
        effect = account.effects[effect_id]
        if sent > 1 or (effect.state == "done") != bool(sent):
            yield f"effect {effect_id} ({effect.followup}) is {effect.state} ({effect.reason}) with {sent} successes: {_story(attempts)}"
        if highest > effect.fence:
            yield f"effect {effect_id}: fence {effect.fence} in the row, {highest} in an attempt"


def _story(attempts: list[Attempt]) -> str:
    return ", ".join(f"{a.outcome} {a.fence} {a.at:%M:%S.%f} by {a.worker}" for a in sorted(attempts, key=lambda a: a.id))


def no_request_at_night_or_against_the_customers_will(account: Account) -> Iterator[str]:
    """I7."""
    for effect in account.effects.values():
        if effect.state != "done" or effect.legal_basis not in REQUESTS or effect.done_at is None or effect.order_id is None:
            continue
        zone = account.orders[effect.order_id].timezone
        if _quiet(effect.done_at, zone, account.quiet):
            yield f"effect {effect.id} ({effect.followup}) went out at {effect.done_at.astimezone(ZoneInfo(zone)):%H:%M} {zone}"
        for objection in account.suppressions:
            mine = (objection.shop_id, objection.email) == (effect.shop_id, effect.recipient.lower())
            if mine and objection.at < effect.done_at:
                yield f"effect {effect.id} ({effect.followup}) went out after its recipient had objected"


def _quiet(moment: datetime, zone: str, quiet: tuple[str, str]) -> bool:
    local = moment.astimezone(ZoneInfo(zone)).time()
    begin, end = (time.fromisoformat(text) for text in quiet)
    return (local >= begin or local < end) if begin > end else begin <= local < end


def nobody_gets_back_more_than_was_paid(account: Account) -> Iterator[str]:
    """I8."""
    for order in account.orders.values():
        if order.refunded_total > order.total > 0:
            yield f"order {order.ref}: {order.refunded_total} refunded of {order.total}"


def the_audit_log_is_whole(account: Account) -> Iterator[str]:
    """I9: numbered without a gap, each row with the hash of the one before and its own."""
    previous = ""
    for number, entry in enumerate(sorted(account.audit, key=lambda row: row.id), 1):
        if (entry.id, entry.previous) != (number, previous):
            yield f"row {entry.id} of the audit log does not follow row {number - 1}"
        if digest(entry) != entry.hash:
            yield f"row {entry.id} of the audit log was changed"
        previous = entry.hash


def _ref(account: Account, effect: Effect) -> str:
    return account.orders[effect.order_id].ref if effect.order_id else ""


INVARIANTS: dict[str, Callable[[Account], Iterator[str]]] = {
    "I1": everything_taken_is_in_the_inbox,
    "I2": nothing_arrived_more_often_than_promised,
    "I3": everything_due_was_settled,
    "I3 for customers": every_step_was_told,
    "I4": no_forbidden_order,
    "I5": no_stale_hand_wrote,
    "I6": no_row_refers_to_another_shops,
    "I7": no_request_at_night_or_against_the_customers_will,
    "I8": nobody_gets_back_more_than_was_paid,
    "I9": the_audit_log_is_whole,
}


def violations(account: Account) -> list[str]:
    """Everything that is wrong, each with its invariant; empty when all promises were kept."""
    return [f"{name}: {wrong}" for name, invariant in INVARIANTS.items() for wrong in invariant(account)]
