"""What comes of a return, and when: in sentences, from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from jobs.deeds import swapped
from postventa.emails.clean import plain, web_url
from postventa.models import ReturnCase, State
from postventa.returns.wish import RefundWhen, Resolution
from postventa.web.portal.track_sheet import TITLE
from postventa.web.returns import words
from postventa.web.returns.check import usual
from postventa.web.returns.sheet import money as sum_of
from postventa.web.returns.story import OVER, Money, amount
from postventa.web.returns.visit import Visit


@dataclass(frozen=True)
class Outcome:
    """`pay`: where the difference of an exchange is paid; empty: nothing is to be paid."""

    sentences: tuple[str, ...] = ()
    pay: str = ""


def outcome(session: Session, it: Visit, case: ReturnCase, money: Money) -> Outcome:
    """Nothing for what is over without an end, or is settled in the shop."""
    if case.state in OVER or not case.resolution:
        return Outcome()
    if case.resolution == Resolution.EXCHANGE:
        return _exchange(it, case, money)
    if case.resolution == Resolution.REPAIR:
        return Outcome((it.reader.say(words.REPAIR),))
    worth = amount(case)
    if worth <= 0:
        return Outcome((it.reader.say(words.NOTHING),))
    if case.resolution == Resolution.STORE_CREDIT:
        made = case.credited_at is not None or money.paid_at is not None
        return Outcome(_so_far(session, it, case, words.CREDITED if made else words.CREDIT, worth, told=made))
    if money.paid_at is not None:
        return Outcome((it.reader.say(words.PAID, amount=sum_of(it, worth), day=it.reader.day(money.paid_at)), it.reader.say(words.BANK)))
    if case.quoted.get("settled_by") == "hand":
        return Outcome()
    started = case.settled_at is not None
    return Outcome(_so_far(session, it, case, words.UNDERWAY if started else words.PLANNED, worth, told=started))


def _so_far(session: Session, it: Visit, case: ReturnCase, sentence: str, worth: Decimal, *, told: bool) -> tuple[str, ...]:
    """With the moment from which it is hers, while that has not come."""
    said = it.reader.say(sentence, amount=sum_of(it, worth))
    if told or case.resolution == Resolution.KEEP_ITEM or case.refund_when not in list(RefundWhen):
        return (said,)
    return (said, it.reader.say(words.WHEN[RefundWhen(case.refund_when)]), *usual(session, it))


def _exchange(it: Visit, case: ReturnCase, money: Money) -> Outcome:
    made = money.exchange
    if made is None or made.state != State.DONE:
        return Outcome((it.reader.say(words.UNMADE if made is not None and made.state == State.DEAD else words.EXCHANGE), *_goods(it, case)))
    if made.data.get("called_off") or made.data.get(swapped.CALLING):
        return Outcome((it.reader.say(words.LETTING_GO),))
    said = [it.reader.say(words.EXCHANGED, number=plain(str(made.data.get("number", "")), 40)), *_goods(it, case)]
    if made.data.get("stays"):
        said.append(it.reader.say(words.STAYS))
    due, pay = Decimal(str(made.data.get("due", "0"))), web_url(str(made.data.get("pay_url", "")))
    if due <= 0:
        return Outcome(tuple(said))
    to_pay = (it.reader.say(words.TO_PAY, amount=sum_of(it, due)), it.reader.say(words.PAY_BY, day=it.reader.day(swapped.pay_by(made))))
    return Outcome((*said, *to_pay), pay)


def _goods(it: Visit, case: ReturnCase) -> list[str]:
    """What she chose, by the names that the shop had for it."""
    titles = [plain(str(swap.get("title", "")), TITLE) for swap in case.wish.get("exchange", [])]
    return [it.reader.say(words.INSTEAD, title=title) for title in titles if title]
