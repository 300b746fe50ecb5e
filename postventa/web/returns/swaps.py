"""What she wants instead: the kinds of the same product that the shop has now. A job asks the shop; the page comes again until it has answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask.wrappers import Response
from sqlalchemy.orm import Session

from jobs import offers
from postventa.emails.clean import plain
from postventa.events import VariantSnapshot
from postventa.models.db import transaction
from postventa.returns.quote import Quote
from postventa.returns.wish import ExchangeFor
from postventa.web.portal.page import services
from postventa.web.portal.track_sheet import TITLE, VARIANT
from postventa.web.returns.answers import TALK, parted
from postventa.web.returns.pictures import shown
from postventa.web.returns.sheet import money, problems, way_back
from postventa.web.returns.steps import Stop
from postventa.web.returns.visit import Named, Visit, address, names, show
from postventa.web.returns.visit import choice as choosing

AGAIN = "3"
"""Seconds after which a page that waits comes again; `Refresh` works without a script."""


@dataclass(frozen=True)
class Kind:
    """Something that can be had. `choice`: as the answers have it; `more`: what it costs beside what goes back."""

    choice: str
    title: str
    price: str
    more: str = ""
    image: str = ""


@dataclass(frozen=True)
class Asked:
    """What there is instead of one line. `waits`: the shop has not answered yet; without any kinds she says it in words.

    `other`: where another product is looked for; empty: the rules do not let it.
    """

    line: Named
    kinds: tuple[Kind, ...]
    waits: bool
    other: str = ""


def page(session: Session, it: Visit, stop: Stop) -> Response:
    """The kinds of each line, or a page that waits for them."""
    lines = names(session, it)
    asked = [_asked(session, it, stop, lines[ref]) for ref in stop.answers.items]
    pairs = [*stop.answers.pairs(), ("to", "swap")]
    told = {"hidden": stop.answers.pairs("swap"), "step": "swap", "problems": problems(it, stop), "answers": stop.answers, "talk": TALK}
    waits = any(one.waits for one in asked)
    seen = {"back": way_back(it, stop), "waits": waits, "skip": skip(it, stop)}
    response = show("swap.html", it, 422 if stop.problems else 200, pairs=pairs, asked_lines=asked, **told, **seen)
    if waits:
        response.headers["Refresh"] = AGAIN
    return response


def search(it: Visit, pairs: list[tuple[str, str]]) -> str:
    """The page on which another product is looked for: for a new return, or for the one that she changes."""
    return address(it.searching, it, pairs, **it.named)


def lets_other(quote: Quote, ref: str) -> bool:
    """Whether the rules let another product come instead of that line."""
    return any(line.ref == ref and line.exchange_for is ExchangeFor.PRODUCT for line in quote.decision.lines)


def kind_of(session: Session, it: Visit, ref: str, choice: str, pieces: int) -> VariantSnapshot | None:
    """What the shop says of what she chose; None: it is none of that product's, or there are not so many pieces of it."""
    variant, product = parted(choice)
    product_ref = product or it.line(ref).product_ref
    return next((kind for kind in had(it, kinds(session, it, product_ref) or (), pieces) if kind.ref == variant), None)


def freshen(it: Visit, stop: Stop) -> None:
    """Have the shop say anew what it has of what she chose: nobody waits, but whoever confirms is judged by the newest word."""
    chosen = [(ref, choice) for ref, choice in stop.answers.swaps.items() if choice not in ("", TALK)]
    for product_ref in {parted(choice)[1] or it.line(ref).product_ref for ref, choice in chosen}:
        _ask(it, product_ref)


def title_of(it: Visit, kind: VariantSnapshot, line: Named, choice: str) -> str:
    """What it is called, with what it costs now."""
    price, name = price_of(it, kind), name_of(kind, line, choice)
    return f"{name} · {price}" if price else name


def name_of(kind: VariantSnapshot, line: Named, choice: str) -> str:
    """Another product by its own name as well."""
    variant, product = plain(kind.title, VARIANT), plain(kind.product_title, TITLE)
    if not parted(choice)[1]:
        return variant or line.title
    return " · ".join(filter(None, (product, variant)))


def had(it: Visit, told: Iterable[VariantSnapshot], pieces: int) -> tuple[VariantSnapshot, ...]:
    """Of which so many pieces can go out now, in the money that she paid with."""
    ours = (kind for kind in told if kind.currency in ("", it.order.currency))
    return tuple(kind for kind in ours if kind.sellable and (kind.available is None or kind.available >= pieces))


def picture(it: Visit, url: str) -> str:
    """Its address, if this page may show it."""
    return shown(url, it.row, it.shop.settings.brand)


def pictures(it: Visit, told: Sequence[VariantSnapshot]) -> dict[str, str]:
    """kind -> its picture, where pictures tell kinds apart: sizes look alike, colours do not."""
    found = {kind.ref: url for kind in told if (url := picture(it, kind.image_url))}
    return found if len(set(found.values())) > 1 else {}


def kinds(session: Session, it: Visit, product_ref: str) -> tuple[VariantSnapshot, ...] | None:
    """Empty: the shop does not say; None: it has not answered yet."""
    try:
        return offers.kinds(session, it.shop, product_ref, country(it)) if product_ref else ()
    except offers.Unanswered:
        return ()


def price_of(it: Visit, kind: VariantSnapshot) -> str:
    """Empty where only an order knows it."""
    return money(it, kind.price) if is_priced(kind) and kind.price is not None else ""


def is_priced(kind: VariantSnapshot) -> bool:
    """Whether it costs exactly that."""
    return kind.price is not None and kind.taxed


def country(it: Visit) -> str:
    """Where prices are asked for."""
    return str(it.order.shipping_address.get("country", ""))


def skip(it: Visit, stop: Stop) -> str:
    """On without waiting: she says in words what she wants."""
    spoken = [(f"swap-{ref}", TALK) for ref in stop.answers.items]
    return choosing(it, [*stop.answers.pairs("swap"), *spoken, ("step", "swap")])


def _asked(session: Session, it: Visit, stop: Stop, line: Named) -> Asked:
    row, pieces = it.line(line.ref), stop.answers.count(line.ref)
    told = kinds(session, it, row.product_ref)
    waits = told is None and _ask(it, row.product_ref)
    had_now = [kind for kind in had(it, told or (), pieces) if kind.ref != row.variant_ref]
    images = pictures(it, had_now)
    offered = [Kind(kind.ref, plain(kind.title, VARIANT) or line.title, price_of(it, kind), image=images.get(kind.ref, "")) for kind in had_now]
    if not lets_other(stop.quote, line.ref):
        return Asked(line, tuple(offered), waits)
    chosen = parted(stop.answers.swaps.get(line.ref, ""))[1]
    if chosen and kinds(session, it, chosen) is None:
        waits = _ask(it, chosen) or waits  # what she chose before is still hers to keep
    return Asked(line, (*offered, *_other(session, it, stop, line)), waits, search(it, [*stop.answers.pairs(), ("line", line.ref)]))


def _other(session: Session, it: Visit, stop: Stop, line: Named) -> list[Kind]:
    """The other product that she chose before."""
    choice = stop.answers.swaps.get(line.ref, "")
    kind = kind_of(session, it, line.ref, choice, stop.answers.count(line.ref)) if parted(choice)[1] else None
    return [Kind(choice, name_of(kind, line, choice), price_of(it, kind))] if kind is not None else []


def _ask(it: Visit, product_ref: str) -> bool:
    """Have the shop asked; asking again within minutes is the same question. False: this shop cannot be asked."""
    if not it.shop.settings.has_api_keys:
        return False
    with transaction(services().engine) as session:
        offers.ask_kinds(session, it.shop, product_ref, country(it))
    return True
