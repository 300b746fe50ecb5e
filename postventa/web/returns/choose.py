"""/r/<token>/new: what, why, what instead, how it travels; each page a form that asks for the next one. Nothing is changed by any of them."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from flask.wrappers import Response
from sqlalchemy.orm import Session

from postventa.models.db import reading
from postventa.returns.spoken import reasons_for
from postventa.web.portal.page import services
from postventa.web.returns import fetching, swaps
from postventa.web.returns.answers import Answers, read
from postventa.web.returns.check import check_page
from postventa.web.returns.sheet import problems, refusals, resolutions, sendable, way_back, ways
from postventa.web.returns.steps import Stop, next_stop
from postventa.web.returns.visit import Visit, law_page, names, visit
from postventa.web.returns.visit import show as page
from postventa.web.returns.words import FREE


def show(token: str) -> Response:
    """The page that is next."""
    with reading(services().engine) as session:
        it = visit(session, token)
        stop = next_stop(it.quote, read(request.args), request.args.get("step", ""), request.args.get("to", ""))
        return show_stop(session, it, stop)


def show_stop(session: Session, it: Visit, stop: Stop) -> Response:
    """That page, with what is wrong with it."""
    return PAGES[stop.step](session, it, stop)


def _what(session: Session, it: Visit, stop: Stop) -> Response:
    lines = names(session, it)
    closed = any(problem.code == "closed" for problem in stop.quote.problems)
    seen = {"items": [] if closed else sendable(it, stop.quote, lines), "refused": refusals(it, stop.quote, lines), "law": law_page(it)}
    return _page("what.html", it, stop, "item", **seen)


def _why(session: Session, it: Visit, stop: Stop) -> Response:
    lines, policy = names(session, it), it.rules.policy
    kinds = {line.ref: line.kind for line in stop.quote.lines}
    reasons = [(lines[ref], reasons_for(policy, it.face.language, kinds[ref]), *_chosen(it, stop.answers, ref)) for ref in stop.answers.items]
    return _page("why.html", it, stop, "why", asked_lines=reasons, free=stop.quote.decision.withdrawal)


def _how(session: Session, it: Visit, stop: Stop) -> Response:
    return _page("how.html", it, stop, "as", choices=resolutions(it, stop.quote))


def _way(session: Session, it: Visit, stop: Stop) -> Response:
    found = ways(it, stop.quote, stop.answers)
    return _page("way.html", it, stop, "by", choices=found, costs=any(one.sum != it.reader.say(FREE) for one in found))


def _when(session: Session, it: Visit, stop: Stop) -> Response:
    found = fetching.choices(it, stop.quote.slots)
    return _page("when.html", it, stop, "slot", choices=found, place=fetching.place(it))


def _chosen(it: Visit, answers: Answers, ref: str) -> tuple[str, str]:
    """(the reason of the first row, the one below it)."""
    code = answers.reasons.get(ref, "")
    above = it.rules.policy.above(code)
    return (above, code) if above else (code, "")


def _page(template: str, it: Visit, stop: Stop, asks: str, **values: object) -> Response:
    told = {"hidden": stop.answers.pairs(asks), "step": stop.step, "problems": problems(it, stop), "answers": stop.answers}
    pairs = [*stop.answers.pairs(), ("to", stop.step)]
    return page(template, it, 422 if stop.problems else 200, pairs=pairs, back=way_back(it, stop), **told, **values)


PAGES: dict[str, Callable[[Session, Visit, Stop], Response]] = {
    "what": _what, "why": _why, "how": _how, "swap": swaps.page, "way": _way, "when": _when, "check": check_page,
}  # fmt: skip
