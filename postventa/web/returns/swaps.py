"""What she wants instead: the kinds of the same product that the shop has now. A job asks the shop; the page comes again until it has answered."""

from __future__ import annotations

from dataclasses import dataclass

from flask.wrappers import Response
from sqlalchemy.orm import Session

from jobs import offers
from postventa.emails.clean import plain
from postventa.events import VariantSnapshot
from postventa.models import OrderLine
from postventa.models.db import transaction
from postventa.web.portal.page import services
from postventa.web.portal.track_sheet import VARIANT
from postventa.web.returns.answers import TALK
from postventa.web.returns.sheet import money, problems, way_back
from postventa.web.returns.steps import Stop
from postventa.web.returns.visit import Named, Visit, choice, names, show

AGAIN = "3"
"""Seconds after which a page that waits comes again; `Refresh` works without a script."""


@dataclass(frozen=True)
class Kind:
    """A kind of the same product that can be had."""

    ref: str
    title: str
    price: str


@dataclass(frozen=True)
class Asked:
    """What there is instead of one line. `waits`: the shop has not answered yet; without any kinds she says it in words."""

    line: Named
    kinds: tuple[Kind, ...]
    waits: bool


def page(session: Session, it: Visit, stop: Stop) -> Response:
    """The kinds of each line, or a page that waits for them."""
    lines = names(session, it)
    asked = [_asked(session, it, stop, lines[ref]) for ref in stop.answers.items]
    pairs = [*stop.answers.pairs(), ("to", "swap")]
    told = {"hidden": stop.answers.pairs("swap"), "step": "swap", "problems": problems(it, stop), "answers": stop.answers, "talk": TALK}
    waits = any(one.waits for one in asked)
    seen = {"back": way_back(it, stop), "waits": waits, "skip": _skip(it, stop)}
    response = show("swap.html", it, 422 if stop.problems else 200, pairs=pairs, asked_lines=asked, **told, **seen)
    if waits:
        response.headers["Refresh"] = AGAIN
    return response


def kind_of(session: Session, it: Visit, ref: str, variant: str, pieces: int) -> VariantSnapshot | None:
    """What the shop says of a kind that she chose; None: it is none of this product's, or there are not so many pieces of it."""
    return next((kind for kind in _kinds(session, it, it.line(ref)) or () if kind.ref == variant and _had(kind, pieces)), None)


def title_of(it: Visit, kind: VariantSnapshot, line: Named) -> str:
    """What it is called, with what it costs now."""
    price = _price(it, kind)
    name = plain(kind.title, VARIANT) or line.title
    return f"{name} · {price}" if price else name


def _asked(session: Session, it: Visit, stop: Stop, line: Named) -> Asked:
    row = it.line(line.ref)
    told = _kinds(session, it, row)
    waits = told is None and _ask(it, row)
    pieces = stop.answers.count(line.ref)
    had = (kind for kind in told or () if kind.ref != row.variant_ref and _had(kind, pieces))
    return Asked(line, tuple(Kind(kind.ref, plain(kind.title, VARIANT) or line.title, _price(it, kind)) for kind in had), waits)


def _had(kind: VariantSnapshot, pieces: int) -> bool:
    """Whether so many of it can go out now."""
    return kind.sellable and (kind.available is None or kind.available >= pieces)


def _kinds(session: Session, it: Visit, row: OrderLine) -> tuple[VariantSnapshot, ...] | None:
    """Empty: the shop does not say; None: it has not answered yet."""
    try:
        return offers.kinds(session, it.shop, row.product_ref, _country(it)) if row.product_ref else ()
    except offers.Unanswered:
        return ()


def _ask(it: Visit, row: OrderLine) -> bool:
    """Have the shop asked; asking again within minutes is the same question. False: this shop cannot be asked."""
    if not it.shop.settings.has_api_keys:
        return False
    with transaction(services().engine) as session:
        offers.ask_kinds(session, it.shop, row.product_ref, _country(it))
    return True


def _country(it: Visit) -> str:
    return str(it.order.shipping_address.get("country", ""))


def _price(it: Visit, kind: VariantSnapshot) -> str:
    return money(it, kind.price) if kind.price is not None and kind.taxed and kind.currency in ("", it.order.currency) else ""


def _skip(it: Visit, stop: Stop) -> str:
    """On without waiting: she says in words what she wants."""
    spoken = [(f"swap-{ref}", TALK) for ref in stop.answers.items]
    return choice(it, [*stop.answers.pairs("swap"), *spoken, ("step", "swap")])
