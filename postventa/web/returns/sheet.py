"""What the pages of the choice show, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from postventa.locale import formats
from postventa.returns.quote import Quote
from postventa.returns.spoken import method_word, resolution_word
from postventa.returns.wish import Method, Resolution
from postventa.web.returns import words
from postventa.web.returns.answers import Answers
from postventa.web.returns.steps import Stop, before, offered
from postventa.web.returns.visit import Named, Visit, choice


@dataclass(frozen=True)
class Item:
    """A line that may be chosen."""

    line: Named
    left: int
    price: str
    until: str


@dataclass(frozen=True)
class Option:
    """One thing to choose: what it is called, what it means, and what it costs or brings."""

    code: str
    title: str
    hint: str
    sum: str = ""


def sendable(it: Visit, quote: Quote, lines: Mapping[str, Named]) -> list[Item]:
    """What may be chosen."""
    return [
        Item(lines[one.ref], one.left, money(it, one.price), it.reader.date(one.last_day) if one.last_day else "")
        for one in quote.lines
        if one.why_not is None
    ]


def refusals(it: Visit, quote: Quote, lines: Mapping[str, Named]) -> list[tuple[Named, str]]:
    """What cannot go back, and why."""
    return [(lines[one.ref], one.why_not.sentence(it.face.language)) for one in quote.lines if one.why_not is not None]


def problems(it: Visit, stop: Stop) -> list[str]:
    """What is wrong with this page, each once."""
    return list(dict.fromkeys(problem.sentence(it.face.language) for problem in stop.problems))


def way_back(it: Visit, stop: Stop) -> str:
    """The page before this one, with all that was chosen; empty on the first."""
    step = before(stop)
    return choice(it, [*stop.answers.pairs(), ("to", step)]) if step else ""


def resolutions(it: Visit, quote: Quote) -> list[Option]:
    """What it can come to, each with its sum."""
    language, found = it.face.language, []
    for one in quote.options:
        if one.resolution in offered(quote):
            credit = one.resolution == Resolution.STORE_CREDIT
            worth = money(it, one.sums.credit if credit else one.sums.refund)
            hint = words.MORE_CREDIT if credit and one.sums.bonus else words.RESOLUTIONS[one.resolution]
            shown = "" if one.resolution in words.WITHOUT_SUM else worth
            found.append(
                Option(
                    one.resolution,
                    resolution_word(language, one.resolution),
                    it.reader.say(hint, amount=worth, bonus=money(it, one.sums.bonus)),
                    shown,
                )
            )
    return found


def ways(it: Visit, quote: Quote, answers: Answers) -> list[Option]:
    """How it can travel, each with what it costs."""
    return [_way(it, answers, method) for method in quote.methods]


def money(it: Visit, amount: Decimal) -> str:
    """A sum in the order's currency."""
    return formats.money(amount, it.order.currency, it.face.language, it.reader.country)


def _way(it: Visit, answers: Answers, method: Method) -> Option:
    fee = it.quote(replace(answers.wish(), method=method)).sums.fee
    cost = it.reader.say(words.COSTS, amount=money(it, fee)) if fee else it.reader.say(words.FREE)
    return Option(method, method_word(it.face.language, method), it.reader.say(words.METHODS[method]), cost)
