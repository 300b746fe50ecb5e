"""What happened to an order and what we did, will do, or decided not to do, in one line of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jobs import settle
from jobs.deeds import coupon, owed
from postventa.locale import formats
from postventa.models import Effect, EventRow, State
from postventa.web.orders import reasons, words
from postventa.web.orders.page import Found
from postventa.web.staff.page import language, t


@dataclass(frozen=True)
class Step:
    """One line. `mark`, `state`: of an effect, empty for an event; `said`: the ledger's own words, where ours do not say all."""

    at: datetime
    when: str
    text: str
    mark: str = ""
    state: str = ""
    reason: str = ""
    said: str = ""
    effect: int = 0
    money: bool = False
    buttons: tuple[str, ...] = ()
    write: bool = False
    code: str = ""
    mail: bool = False
    gone: bool = False
    """Whether it went out, or may have."""


def timeline(it: Found, events: Sequence[EventRow], effects: Sequence[Effect]) -> list[Step]:
    """The oldest first; what is planned comes last."""
    steps = [_happened(it, event) for event in events if event.kind in words.EVENTS]
    steps += [_ours(it, effect) for effect in effects if effect.kind != "fetch"]
    return sorted(steps, key=lambda step: step.at)


def _happened(it: Found, event: EventRow) -> Step:
    amount = it.money(Decimal(str(event.data["amount"]))) if event.kind == "OrderRefunded" else ""
    day = _day(it, event) if event.kind in ("DeliveryEstimated", "DeliveryPromised") else ""
    return Step(event.at, it.when(event.at), t(words.EVENTS[event.kind], amount=amount, day=day))


def _day(it: Found, event: EventRow) -> str:
    """A moment, or a day of the calendar, which is the same in all zones."""
    by = str(event.data["by"])
    if event.kind == "DeliveryPromised":
        return formats.date_of(date.fromisoformat(by), language())
    return formats.date(datetime.fromisoformat(by), it.zone, language())


def _ours(it: Found, effect: Effect) -> Step:
    at = effect.done_at or effect.due_at
    mark, state = words.STATES[State(effect.state)]
    name = words.FOLLOWUPS.get(effect.followup)
    what = t(name) if name else effect.followup.replace("_", " ")
    merged = effect.merged_into is not None
    reason = t("Se contó en otro correo.") if merged else t(found) if (found := reasons.words(effect.state, effect.reason)) else ""
    return Step(
        at,
        it.when(at),
        t(words.KINDS[effect.kind], what=what) if effect.kind in words.KINDS else f"{what}{_of_what(it, effect)}",
        mark,
        t(state),
        reason,
        effect.reason if effect.state in (State.DEAD, State.UNKNOWN) or (effect.kind == "write" and effect.reason) else "",
        effect.id,
        effect.followup in words.MONEY,
        _buttons(it, effect),
        effect.kind == "write",
        _code(effect),
        effect.kind == "mail",
        effect.state in (State.DONE, State.UNKNOWN),
    )


def _buttons(it: Found, effect: Effect) -> tuple[str, ...]:
    """Of an erased order only its money can still be put right: nothing else is known any more that could be written."""
    forgotten = it.order.erased_at is not None and effect.followup != owed.REFUND
    return settle.options(effect) if it.shop is not None and not forgotten else ()


def _of_what(it: Found, effect: Effect) -> str:
    """The sum, and the shop's own number for it."""
    wanted = effect.data.get("wanted")
    if not isinstance(wanted, dict):
        return ""
    amount = f" · {it.money(_sum(effect, wanted))}" if effect.followup in (owed.REFUND, owed.CREDIT) else ""
    ref = effect.data.get("ref")
    return f"{amount} · #{ref}" if ref and effect.followup != "write_note" else amount


def _sum(effect: Effect, wanted: dict[str, Any]) -> Decimal:
    """What went back, or will; a credit with its bonus, unless the shop could not give that."""
    return Decimal(str(effect.data.get("worth") or Decimal(str(wanted["amount"])) + Decimal(str(wanted.get("bonus", 0)))))


def _code(effect: Effect) -> str:
    """Of a coupon that counts, or soon will; of a credit once the shop has made it, since some shops need no code."""
    if effect.followup == owed.CREDIT:
        return str(effect.data.get("code", ""))
    wanted = effect.data.get("wanted")
    alive = effect.state not in (State.CANCELLED, State.DEAD)
    return str(wanted.get("code", "")) if effect.followup == coupon.NAME and isinstance(wanted, dict) and alive else ""
