"""/r/<token>/other: another product of the shop instead of a line; /r/<token>/<number>/other: the same for a return that she changes.

She types a few words, a job looks for them, and she chooses what there is.

Nothing is kept: what she chose goes back to the page of the answers, where it is looked at anew. How often anybody may look is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request
from flask.wrappers import Response
from sqlalchemy.orm import Session

from jobs import offers
from postventa.accounts.limits import counted
from postventa.accounts.tokens import keyed
from postventa.clock import now
from postventa.emails.clean import plain
from postventa.events import ProductSnapshot, VariantSnapshot
from postventa.models import Effect
from postventa.models.db import reading, transaction
from postventa.returns.problems import LONGEST_REF
from postventa.web.portal.page import _, services
from postventa.web.portal.track_sheet import TITLE, VARIANT
from postventa.web.returns import difference, rework, swaps
from postventa.web.returns.answers import OF, Answers, read
from postventa.web.returns.choose import show_stop
from postventa.web.returns.steps import Stop, next_stop
from postventa.web.returns.swaps import Kind
from postventa.web.returns.visit import Visit, choice, names, visit
from postventa.web.returns.visit import show as page

HOUR = timedelta(hours=1)
BY_ORDER, BY_SHOP = 30, 300
"""New questions to a shop in an hour: by one order's link, and of all. What somebody asked within minutes costs nothing."""
PATIENCE = 20
"""So many times a page that waits comes again by itself: a minute."""
ENOUGH = _("Has buscado muchas veces seguidas. Espera un rato y sigue, o cuéntanos con tus palabras qué quieres.")
SLOW = _("La tienda tarda en contestar. Prueba otra vez, o cuéntanos con tus palabras qué quieres.")
SILENT = _("Ahora mismo la tienda no nos deja buscar. Cuéntanos con tus palabras qué quieres.")
NOTHING = _("No hemos encontrado nada con «{words}». Prueba con otra palabra.")
SOLD_OUT = _("De este artículo no quedan bastantes ahora mismo. Elige otro.")


@dataclass(frozen=True)
class Found:
    """A product that can be looked at."""

    title: str
    url: str
    image: str = ""


@dataclass(frozen=True)
class Seen:
    """What a page shows; `waits`: the shop has not answered yet; `said`: why there is nothing."""

    waits: bool = False
    said: str = ""
    found: tuple[Found, ...] = ()
    title: str = ""
    image: str = ""
    kinds: tuple[Kind, ...] = ()


Ask = Callable[[Session], Effect | None]
"""Writes a question down; None: it is being asked already."""


class Enough(Exception):
    """Asked too often."""


def show(token: str, number: str = "") -> Response:
    """The words, what was found, or the kinds of one of them."""
    with reading(services().engine) as session:
        it = rework.reopened(session, token, number) if number else visit(session, token)
        if it is None:
            return rework.too_late(session, token, number)
        stop = next_stop(it.quote, read(request.args), "", "swap")
        ref = request.args.get("line", "")
        if stop.step != "swap" or ref not in stop.answers.items or not swaps.lets_other(stop.quote, ref):
            return show_stop(session, it, stop)
        words, product = request.args.get("q", "")[: offers.LONGEST].replace("\0", ""), request.args.get("p", "")[:LONGEST_REF].replace("\0", "")
        seen = _product(session, it, stop, ref, product) if product else _search(session, it, stop, ref, words)
        return _page(session, it, stop, ref, words, product, seen)


def _page(session: Session, it: Visit, stop: Stop, ref: str, words: str, product: str, seen: Seen) -> Response:
    tries = _tries() + 1
    if seen.waits and tries > PATIENCE:
        seen = Seen(said=it.reader.say(SLOW))
    here = [*stop.answers.pairs(), ("line", ref)]
    asked = [*here, *((name, value) for name, value in (("q", words), ("p", product)) if value)]
    ways: dict[str, Any] = {
        "back": choice(it, [*stop.answers.pairs(), ("to", "swap")]),
        "again": swaps.search(it, asked),
        "results": swaps.search(it, [*here, ("q", words)]) if words and product else "",
        "skip": swaps.skip(it, stop),
    }
    told: dict[str, Any] = {"line": names(session, it)[ref], "words": words, "longest": offers.LONGEST, "seen": seen, "step": "swap", "ref": ref}
    hidden: dict[str, Any] = {
        "looking": here,
        "chosen": [pair for pair in stop.answers.pairs() if pair[0] != f"swap-{ref}"],
        "next": _next(stop.answers, ref),
    }
    response = page("other.html", it, pairs=asked, **told, **ways, **hidden)
    if seen.waits:
        response.headers["Refresh"] = f"{swaps.AGAIN}; url={swaps.search(it, [*asked, ('n', str(tries))])}"
    return response


def _next(answers: Answers, ref: str) -> tuple[str, str]:
    """On, if all others are chosen; else back to what is still to be chosen."""
    done = all(answers.swaps.get(other) for other in answers.items if other != ref)
    return ("step", "swap") if done else ("to", "swap")


def _tries() -> int:
    told = request.args.get("n", "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 4 else 0


def _search(session: Session, it: Visit, stop: Stop, ref: str, words: str) -> Seen:
    if not words.strip():
        return Seen()
    try:
        told = offers.found(session, it.shop, words)
    except offers.Unanswered:
        return Seen(said=it.reader.say(SILENT))
    if told is None:
        return _asked(it, lambda writing: offers.ask_search(writing, it.shop, words))
    found = tuple(_found(it, stop, ref, words, one) for one in told if one.ref != it.line(ref).product_ref)
    return Seen(found=found, said="" if found else it.reader.say(NOTHING, words=plain(words, TITLE)))


def _found(it: Visit, stop: Stop, ref: str, words: str, one: ProductSnapshot) -> Found:
    way = swaps.search(it, [*stop.answers.pairs(), ("line", ref), ("q", words), ("p", one.ref)])
    return Found(plain(one.title, TITLE), way, swaps.picture(it, one.image_url))


def _product(session: Session, it: Visit, stop: Stop, ref: str, product: str) -> Seen:
    try:
        told = offers.kinds(session, it.shop, product, swaps.country(it))
    except offers.Unanswered:
        return Seen(said=it.reader.say(SILENT))
    if told is None:
        return _asked(it, lambda writing: offers.ask_kinds(writing, it.shop, product, swaps.country(it)))
    title = next((plain(kind.product_title, TITLE) for kind in told), "")
    had = swaps.had(it, told, stop.answers.count(ref))
    shown = swaps.pictures(it, had)
    kinds = tuple(_kind(it, stop, ref, product, kind, title, shown.get(kind.ref, "")) for kind in had)
    image = "" if shown else next(filter(None, (swaps.picture(it, kind.image_url) for kind in had)), "")
    return Seen(title=title, image=image, kinds=kinds, said="" if kinds else it.reader.say(SOLD_OUT))


def _kind(it: Visit, stop: Stop, ref: str, product: str, kind: VariantSnapshot, title: str, image: str) -> Kind:
    name, more = plain(kind.title, VARIANT) or title, difference.of_line(it, stop, ref, kind)
    return Kind(f"{kind.ref}{OF}{product}", name, swaps.price_of(it, kind), more, image)


def _asked(it: Visit, ask: Ask) -> Seen:
    """Have the shop asked, if that is not too often; asking again within minutes is the same question."""
    if not it.shop.settings.has_api_keys:
        return Seen(said=it.reader.say(SILENT))
    try:
        with transaction(services().engine) as session:
            if ask(session) is not None and not _few(session, it):
                raise Enough
    except Enough:
        return Seen(said=it.reader.say(ENOUGH))
    return Seen(waits=True)


def _few(session: Session, it: Visit) -> bool:
    """Counts one question; what was one too many is taken back with it."""
    secret, at = services().secret, now()
    of_order = counted(session, keyed(secret, "swap order", str(it.order.id)), at, HOUR)
    return of_order <= BY_ORDER and counted(session, keyed(secret, "swap shop", str(it.shop.id)), at, HOUR) <= BY_SHOP
