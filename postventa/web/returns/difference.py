"""What other goods cost beside what comes back, by the prices of right now. The shop reckons it anew when it makes the order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from sqlalchemy.orm import Session

from postventa.events import VariantSnapshot
from postventa.returns.money import ZERO
from postventa.returns.wish import Resolution
from postventa.web.portal.page import _
from postventa.web.returns import swaps
from postventa.web.returns.answers import TALK, parted
from postventa.web.returns.sheet import money
from postventa.web.returns.steps import Stop
from postventa.web.returns.visit import Visit

MORE = _("{amount} más que lo que devuelves")
LESS = _("{amount} menos que lo que devuelves")
SAME = _("Cuesta lo mismo que lo que devuelves")


def of_line(it: Visit, stop: Stop, ref: str, kind: VariantSnapshot) -> str:
    """In words, for one line; empty where only an order knows the price."""
    if kind.price is None or not swaps.is_priced(kind):
        return ""
    wish = stop.quote.wish
    alone = replace(wish, lines=tuple(line for line in wish.lines if line.ref == ref), exchange=())
    over = kind.price * stop.answers.count(ref) - it.quote(alone).sums.goods
    return it.reader.say(MORE if over > 0 else LESS, amount=money(it, abs(over))) if over else it.reader.say(SAME)


def of_all(session: Session, it: Visit, stop: Stop) -> Decimal | None:
    """Above 0: what she pays; below: what goes back. None: it is no exchange, or only an order knows.

    Another kind of the same product costs nothing more unless something is kept, as `jobs/swap_return.py` has it.
    """
    chosen = {ref: stop.answers.swaps.get(ref, "") for ref in stop.answers.items}
    if stop.answers.resolution != Resolution.EXCHANGE or not all(chosen.values()) or TALK in chosen.values():
        return None
    if stop.quote.sums.fee <= 0 and not any(parted(choice)[1] for choice in chosen.values()):
        return ZERO
    told = [(swaps.kind_of(session, it, ref, choice, stop.answers.count(ref)), stop.answers.count(ref)) for ref, choice in chosen.items()]
    prices = [kind.price * pieces for kind, pieces in told if kind is not None and kind.price is not None and swaps.is_priced(kind)]
    return sum(prices, ZERO) - max(stop.quote.sums.refund, ZERO) if len(prices) == len(told) else None
