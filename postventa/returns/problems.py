"""Why a return cannot be had as it was asked for, each with a sentence for the customer. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from postventa.locale import formats, translate
from postventa.models import Order, OrderLine
from postventa.returns.policy.decision import Decision, Verdict
from postventa.returns.policy.document import OwnReason
from postventa.returns.reasons import CODES
from postventa.returns.rules import Returnable
from postventa.returns.wish import ExchangeFor, Method, Resolution, Wish

LONGEST_REF = 100
"""Characters of a shop's own number of something."""
NOTE = 2000
"""Characters that a customer may write."""
PHOTOS = 5
"""Photos of each article of a return."""
SENTENCES = {
    "closed": "Este pedido ya no admite devoluciones por aquí. Escríbenos y lo vemos contigo.",
    "empty": "Elige al menos un artículo.",
    "unknown_line": "Uno de los artículos no es de este pedido.",
    "twice": "«{title}» está dos veces en la lista.",
    "quantity": "La cantidad tiene que ser un número entero a partir de 1.",
    "too_many": "De «{title}» puedes devolver {left} como mucho.",
    "nothing_left": "«{title}» ya está en una devolución.",
    "not_shipped": "«{title}» no es algo que se pueda enviar de vuelta.",
    "window": "El plazo para devolver «{title}» terminó el {day}.",
    "rule": "La tienda no admite la devolución de «{title}».",
    "reason": "Elige un motivo de la lista.",
    "resolution": "Esa solución no está disponible para lo que has elegido.",
    "method": "Esa forma de envío no está disponible para lo que has elegido.",
    "slot": "Elige de la lista el día y la franja de la recogida, por favor.",
    "no_method": "Lo que has elegido no puede viajar en el mismo envío: pide una devolución para cada cosa.",
    "swap": "Revisa qué quieres a cambio: cada artículo nuevo sustituye a uno de los que devuelves.",
    "other_product": "«{title}» se cambia por otra talla, otro color u otro modelo del mismo artículo.",
    "photo": "Añade al menos una foto de «{title}», por favor.",
    "many_photos": "De «{title}» caben {left} fotos como mucho.",
    "too_long": "El texto es demasiado largo: con {most} caracteres basta.",
}


@dataclass(frozen=True)
class Problem:
    """`said`: the merchant's own words for it, by language."""

    code: str
    line_ref: str = ""
    title: str = ""
    left: int = 0
    day: date | None = None
    said: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """For the customer; the merchant's words in her language, or in Spanish, win."""
        own = self.said.get(language) or self.said.get("es", "")
        if own:
            return own
        day = formats.date(datetime.combine(self.day, time(12), UTC), "UTC", language) if self.day else ""
        return translate(language, SENTENCES[self.code]).format(title=self.title, left=self.left, day=day, most=NOTE)


def about_lines(order: Order, stock: Mapping[str, Returnable], wish: Wish) -> Iterator[Problem]:
    """What is wrong with the list itself: nothing of it can be reckoned then."""
    if order.erased_at is not None or order.cancelled or order.trashed:
        yield Problem("closed")
        return
    seen: set[str] = set()
    for line in wish.lines:
        yield from _about_line(stock.get(line.ref), line.quantity, repeated=line.ref in seen)
        seen.add(line.ref)
        if len(line.note) > NOTE:
            yield Problem("too_long", line.ref)
    if len(wish.note) > NOTE:
        yield Problem("too_long")


def _about_line(one: Returnable | None, quantity: int, *, repeated: bool) -> Iterator[Problem]:
    if one is None:
        yield Problem("unknown_line")
    elif repeated:
        yield Problem("twice", one.ref, one.title)
    elif not _is_count(quantity):
        yield Problem("quantity", one.ref, one.title)
    elif not one.left:
        yield Problem("nothing_left" if one.in_returns else "not_shipped", one.ref, one.title)
    elif quantity > one.left:
        yield Problem("too_many", one.ref, one.title, left=one.left)


def about_choice(
    wish: Wish, decision: Decision, methods: Sequence[Method], lines: Sequence[OrderLine], own: Sequence[OwnReason] = (),
    slots: Collection[str] = (),
) -> Iterator[Problem]:  # fmt: skip
    """What the rules have against it."""
    if not wish.lines:
        yield Problem("empty")
        return
    titles = {line.ref: line.title for line in lines}
    for line in decision.lines:
        if line.verdict is Verdict.REJECT:
            yield Problem(line.refusal or "rule", line.ref, titles[line.ref], day=line.last_day, said=line.said)
    known = {*CODES, *(reason.code for reason in own)}
    if any(line.reason not in known for line in wish.lines if line.reason or not decision.withdrawal):
        yield Problem("reason")
    if wish.resolution not in decision.resolutions:
        yield Problem("resolution")
    yield from _about_way(wish, methods, slots)
    yield from _about_photos(wish, decision, titles)
    yield from _about_swaps(wish, decision, titles)


def _about_photos(wish: Wish, decision: Decision, titles: Mapping[str, str]) -> Iterator[Problem]:
    """A photo of the return as a whole counts for each piece of it."""
    for line in decision.lines:
        if line.photo and not (wish.photos.get(line.ref) or wish.photos.get("")):
            yield Problem("photo", line.ref, titles[line.ref])
        if wish.photos.get(line.ref, 0) > PHOTOS:
            yield Problem("many_photos", line.ref, titles[line.ref], left=PHOTOS)


def _about_swaps(wish: Wish, decision: Decision, titles: Mapping[str, str]) -> Iterator[Problem]:
    if wish.resolution != Resolution.EXCHANGE:
        return
    if not _swaps_fit(wish):
        yield Problem("swap")
    narrow = {line.ref for line in decision.lines if line.exchange_for is ExchangeFor.VARIANT}
    for swap in wish.exchange:
        if swap.product_ref and swap.ref in narrow:
            yield Problem("other_product", swap.ref, titles.get(swap.ref, ""))


def _about_way(wish: Wish, methods: Sequence[Method], slots: Collection[str]) -> Iterator[Problem]:
    if wish.resolution == Resolution.KEEP_ITEM:
        return
    if not methods:
        yield Problem("no_method")
    elif wish.method and wish.method not in methods:
        yield Problem("method")
    elif wish.method == Method.PICKUP and wish.slot and wish.slot not in slots:
        yield Problem("slot")


def _swaps_fit(wish: Wish) -> bool:
    """Nothing comes in place of what does not go back, and not more of it."""
    wanted: dict[str, int] = {}
    for swap in wish.exchange:
        if not _is_count(swap.quantity) or not _is_ref(swap.variant_ref) or not _is_ref(swap.product_ref or swap.variant_ref):
            return False
        wanted[swap.ref] = wanted.get(swap.ref, 0) + swap.quantity
    given = {line.ref: line.quantity for line in wish.lines}
    return all(quantity <= given.get(ref, 0) for ref, quantity in wanted.items())


def _is_ref(told: str) -> bool:
    return 0 < len(told) <= LONGEST_REF and told.isprintable()


def _is_count(value: object) -> bool:
    """A whole number from 1: what comes from a page may be anything."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
