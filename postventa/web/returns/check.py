"""The last page before it counts: exactly what happens, what it costs, what comes of it and when, and what the law gives besides."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask.wrappers import Response
from sqlalchemy.orm import Session

from jobs import customer_change, label_more
from postventa.returns.figures import time_to_money
from postventa.returns.policy import Verdict
from postventa.returns.problems import NOTE, PHOTOS, Problem
from postventa.returns.quote import Quote
from postventa.returns.spoken import method_word, reason_word, resolution_word
from postventa.returns.wish import Resolution, pictured
from postventa.reviews.photos import accepted
from postventa.web.portal import guard
from postventa.web.returns import difference, driver, fetching, shots, swaps, words
from postventa.web.returns.answers import TALK
from postventa.web.returns.sheet import money, way_back
from postventa.web.returns.steps import Stop
from postventa.web.returns.story import amount
from postventa.web.returns.visit import Named, Visit, choice, law_page, names, show

FORM, TOLD = "return", "return-told"
"""Purposes of the seals: that the form is ours, and that what it shows is what the rules say."""
KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Row:
    """One piece of the return: how many, why, and what comes instead."""

    line: Named
    count: int
    reason: str
    instead: str = ""


def check_page(session: Session, it: Visit, stop: Stop, *, said: Sequence[str] = (), note: str | None = None, status: int = 200) -> Response:
    """`said`: what is wrong with what she sent; `note`: what she wrote, None: what she wrote when she opened it, if anything."""
    if wrong := unclear(session, it, stop):
        return swaps.page(session, it, Stop("swap", stop.answers, stop.quote, wrong))
    if stop.quote.wish.exchange:
        swaps.freshen(it, stop)
    lines, key, quote = names(session, it), key_of(it), it.quote(pictured(stop.quote.wish))  # she has not sent any yet
    rows = [_row(session, it, stop, lines[ref]) for ref in stop.answers.items]
    over = difference.of_all(session, it, stop)
    sealed = {"key": key, "seal": guard.seal(FORM, sealed_for(it, key)), "told": told(it.token, key, quote, over)}
    shown = {"rows": rows, "sums": _sums(it, quote) | _over(it, over), "when": when(session, it, quote), "quote": quote, "until": _until(it, quote)}
    way = method_word(it.face.language, stop.answers.method) if stop.answers.method else ""
    ends = {"resolution": resolution_word(it.face.language, quote.wish.resolution), "way": way, "asks": quote.verdict is Verdict.ASK}
    pictures = shots.fields(it, quote, lines)
    wants = {"photo": any(one.wanted for one in pictures), "shots": pictures, "talk": _talks(stop)}
    wants["dials"] = driver.may_dial(session, it)
    law, words_of = law_page(it) if quote.decision.withdrawal else "", _note(it) if note is None else note
    rest = {"hidden": stop.answers.pairs(), "links": _links(it, stop), "law": law, "note": words_of, "turns": turns(session, it, quote)}
    rest |= {"slot": _slot(it, quote), "place": fetching.place(it), "ending": fetching.ending(it, it.case)}
    pairs = [*stop.answers.pairs(), ("to", "check")]
    place = {"step": "check", "back": way_back(it, stop), "problems": list(said), "limits": {"note": NOTE, "photos": PHOTOS, "accept": accepted()}}
    return show("check.html", it, status, pairs=pairs, **sealed, **shown, **ends, **wants, **rest, **place)


def key_of(it: Visit) -> str:
    """What makes two clicks on one button the same return; of a change, what she was shown of the return as it stands."""
    return secrets.token_hex(16) if it.case is None else customer_change.stamp(it.case)


def sealed_for(it: Visit, key: str) -> str:
    """What the form's seal is about: a change's is about that return alone."""
    return ":".join((it.token, *it.named.values(), key))


def told(token: str, key: str, quote: Quote, over: Decimal | None) -> str:
    """The seal of what she was shown: pieces, way, sums, difference and moment. Words and photos that she adds change nothing of it."""
    wish = quote.wish
    goods, ends = (wish.lines, wish.exchange, quote.sums, quote.currency, over), (wish.resolution, wish.method, wish.slot, quote.verdict)
    shown = (goods, ends, quote.refund_when, quote.destination)
    return guard.seal(TOLD, f"{token}:{key}:{hashlib.sha256(repr(shown).encode('utf-8', 'replace')).hexdigest()}")


def when(session: Session, it: Visit, quote: Quote) -> list[str]:
    """From when the money is hers, and how long it really takes here."""
    wish = quote.wish
    if wish.resolution in words.WITHOUT_SUM:
        return []
    if wish.resolution == Resolution.KEEP_ITEM:
        return [it.reader.say(words.AT_ONCE)]
    return [it.reader.say(words.WHEN[quote.refund_when]), *usual(session, it)]


def usual(session: Session, it: Visit) -> list[str]:
    """The shop's real median time to refund; nothing while too few are known."""
    found = time_to_money(session, it.shop.id)
    if found is None:
        return []
    hours = round(found.from_arrival)
    if hours < 1:
        return [it.reader.say(words.MEDIAN_ONE_HOUR)]
    return [it.reader.say(words.MEDIAN_HOURS, hours=hours) if hours < 48 else it.reader.say(words.MEDIAN_DAYS, days=round(hours / 24))]


def turns(session: Session, it: Visit, quote: Quote) -> list[str]:
    """What a change turns around: the sum that was promised, the label that was made, the shop's yes."""
    if it.case is None:
        return []
    said = []
    if quote.wish.resolution not in words.WITHOUT_SUM:
        said.append(it.reader.say(words.BEFORE, amount=money(it, amount(it.case)), now=money(it, _worth(quote))))
    label = next(iter(label_more.living(session, it.case)), None)
    if label is not None:
        same, none = (words.SAME_CODE, words.NO_CODE) if label.qr is not None else (words.SAME_LABEL, words.NO_LABEL)
        said.append(it.reader.say(same if customer_change.keeps_label(session, it.shop, it.case, it.known, quote) else none))
    return said


def _worth(quote: Quote) -> Decimal:
    return quote.sums.credit if quote.wish.resolution == Resolution.STORE_CREDIT else quote.sums.refund


def _note(it: Visit) -> str:
    """What she wrote when she opened it."""
    return str(it.case.wish.get("note", "")) if it.case is not None else ""


def unclear(session: Session, it: Visit, stop: Stop) -> tuple[Problem, ...]:
    """Each piece needs something in its place that the shop has, or her own words."""
    if stop.answers.resolution != Resolution.EXCHANGE:
        return ()
    chosen = {ref: stop.answers.swaps.get(ref, "") for ref in stop.answers.items}
    known = all(choice == TALK or (choice and swaps.kind_of(session, it, ref, choice, stop.answers.count(ref))) for ref, choice in chosen.items())
    return () if known else (Problem("swap"),)


def _talks(stop: Stop) -> bool:
    return stop.answers.resolution == Resolution.EXCHANGE and TALK in stop.answers.swaps.values()


def _row(session: Session, it: Visit, stop: Stop, line: Named) -> Row:
    code = stop.answers.reasons.get(line.ref, "")
    variant = stop.answers.swaps.get(line.ref, "") if stop.quote.wish.exchange else ""
    count = stop.answers.count(line.ref)
    kind = swaps.kind_of(session, it, line.ref, variant, count) if variant else None
    reason = reason_word(it.rules.policy, it.face.language, code) if code else ""
    return Row(line, count, reason, swaps.title_of(it, kind, line, variant) if kind is not None else "")


def _sums(it: Visit, quote: Quote) -> dict[str, str]:
    """What there is to say of the money, by name; what is nothing is left out."""
    sums, resolution = quote.sums, quote.wish.resolution
    if resolution == Resolution.KEEP_ITEM:
        return {"total": money(it, sums.refund)}
    known = {"fee": sums.fee} if resolution == Resolution.REPAIR else {"goods": sums.goods, "shipping": sums.shipping, "fee": sums.fee}
    ends = {
        Resolution.REFUND: {"total": sums.refund},
        Resolution.STORE_CREDIT: {"bonus": sums.bonus, "total": sums.credit},
        Resolution.EXCHANGE: {"worth": sums.refund},
    }
    told = {**known, **ends.get(Resolution(resolution), {})}
    return {name: money(it, amount) for name, amount in told.items() if amount or name == "total"}


def _slot(it: Visit, quote: Quote) -> str:
    """When somebody comes for it; empty: nobody does."""
    slot = next((one for one in quote.slots if one.code == quote.wish.slot), None)
    return fetching.sentence(it, slot) if slot is not None else ""


def _over(it: Visit, over: Decimal | None) -> dict[str, str]:
    """The difference of an exchange: to be paid, to be given back, or none."""
    if over is None:
        return {}
    return {"pay" if over > 0 else "left": money(it, abs(over))} if over else {"even": "1"}


def _until(it: Visit, quote: Quote) -> str:
    """The last day on which all of it may go back; empty while nothing has to hurry."""
    days = [line.last_day for line in quote.decision.lines if line.last_day is not None]
    return it.reader.date(min(days)) if days and quote.wish.resolution != Resolution.KEEP_ITEM else ""


def _links(it: Visit, stop: Stop) -> dict[str, str]:
    """Back to each page."""
    return {step: choice(it, [*stop.answers.pairs(), ("to", step)]) for step in ("what", "why", "how", "way", "when")}
