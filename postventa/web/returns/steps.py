"""Which page comes next: the first one with something wrong in it, else the first one that has anything to choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from postventa.returns.problems import Problem
from postventa.returns.quote import Quote
from postventa.returns.wish import Method, Resolution, Wish
from postventa.web.returns.answers import Answers

STEPS = ("what", "why", "how", "swap", "way", "when", "check")
PLACE = {
    **dict.fromkeys(
        ("closed", "empty", "unknown_line", "twice", "quantity", "too_many", "nothing_left", "not_shipped", "window", "no_method"), "what"
    ),
    **dict.fromkeys(("reason", "rule"), "why"),
    "resolution": "how",
    "swap": "swap",
    "other_product": "swap",
    "method": "way",
    "slot": "when",
    "photo": "check",
    "many_photos": "check",
    "too_long": "check",
}
"""Problem -> the page on which it is mended."""
SEEN = ("what", "why", "how", "way", "when", "check")
"""What counts as a step for the reader: what she wants instead is a part of how."""


@dataclass(frozen=True)
class Stop:
    """Where she is: the page, what is wrong with it, and all that is known by then."""

    step: str
    answers: Answers
    quote: Quote
    problems: tuple[Problem, ...] = ()


def next_stop(reckoned: Callable[[Wish], Quote], answers: Answers, done: str, to: str = "") -> Stop:
    """The page after the step `done` (empty: none yet). `to`: the page that she wants to see again, as far as those before it are in order."""
    known = _settled(reckoned, answers)
    quote = reckoned(known.wish())
    goal = STEPS.index(to) if to in STEPS else -1
    last = goal - 1 if goal >= 0 else STEPS.index(done) if done in STEPS[:-1] else -1
    for step in STEPS[: last + 1]:
        if wrong := tuple(problem for problem in _problems(known, quote) if PLACE[problem.code] == step):
            return Stop(step, known, quote, wrong)
    return Stop(next(step for step in STEPS[last + 1 :] if _asks(step, known, quote)), known, quote)


def before(stop: Stop) -> str:
    """The page before, of those that ask anything; empty: this is the first."""
    place = SEEN.index("how" if stop.step == "swap" else stop.step) + (stop.step == "swap")
    return next((step for step in reversed(SEEN[:place]) if _asks(step, stop.answers, stop.quote)), "")


def _problems(answers: Answers, quote: Quote) -> Iterator[Problem]:
    """Those of the rules; and nobody chooses a way for her where there are several."""
    yield from quote.problems
    if len(quote.methods) > 1 and not answers.method:
        yield Problem("method")
    if quote.slots and answers.method == Method.PICKUP and not answers.slot:
        yield Problem("slot")


def _settled(reckoned: Callable[[Wish], Quote], answers: Answers) -> Answers:
    """Where the rules leave one choice only nobody is asked."""
    options = offered(reckoned(answers.wish()))
    known = answers.settled(resolution=str(options[0])) if len(options) == 1 else answers
    methods = reckoned(known.wish()).methods
    if not methods:
        return known.settled(method="")
    return known.settled(method=str(methods[0])) if len(methods) == 1 else known


def offered(quote: Quote) -> list[Resolution]:
    """What it can come to; to keep it for nothing is no offer."""
    return [one.resolution for one in quote.options if one.resolution != Resolution.KEEP_ITEM or one.sums.refund > 0]


def _asks(step: str, answers: Answers, quote: Quote) -> bool:
    """Whether there is anything to choose on that page."""
    if step == "how":
        return len(offered(quote)) != 1
    if step == "swap":
        return answers.resolution == Resolution.EXCHANGE
    if step == "when":
        return answers.method == Method.PICKUP
    return step != "way" or len(quote.methods) > 1
