"""What was bought, and what is in a parcel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from postventa.emails.clean import web_url
from postventa.emails.layout import Kit, kit, markup
from postventa.emails.view import Piece, View, shown, together
from postventa.emails.words import word
from postventa.events import LineSnapshot

MOST = 20
"""Lines shown in one mail; the rest is counted. Keeps the mail below the 102 kB at which Gmail cuts."""

Lines = Sequence[tuple[LineSnapshot, int]]


def items(view: View, _: str) -> Piece:
    """Everything in the order, with prices."""
    lines = [(line, line.quantity) for line in view.mail.order.lines]
    return together([view.heading(view.word("order_items")), listed(view, lines, prices=True)], "\n") if lines else Piece()


def contents(view: View, _: str) -> Piece:
    """What arrives: the items of this mail's parcels, else of the order; no prices, since it may be a present."""
    packed = [item for parcel in view.mail.parcels for item in parcel.items]
    lines = packed or [(line, line.quantity) for line in view.mail.order.lines]
    return together([view.heading(view.word("order_items")), listed(view, lines)], "\n") if lines else Piece()


def listed(view: View, lines: Lines, *, prices: bool = False) -> Piece:
    """Items one below the other, the first twenty of them."""
    if not lines:
        return Piece()
    first = lines[:MOST]
    pictures = any(web_url(line.image_url) for line, _ in first)
    rows = [_row(view, line, quantity, prices, pictures) for line, quantity in first]
    if len(lines) > MOST:
        rest = view.count("one_more", "many_more", len(lines) - MOST)
        rows.append(Piece(view.html("more", words=rest), rest))
    table = together(rows, "\n")
    return Piece(view.kit.make("items", rows=table.html), table.text)


def compact(lines: Lines) -> list[str]:
    """`2 × Botín Triana · 38`, one text per item."""
    texts = [f"{quantity} × {full_name(line)}" for line, quantity in lines[:MOST]]
    return [*texts, "…"] if len(lines) > MOST else texts


def full_name(line: LineSnapshot) -> str:
    """`Botín Triana · 38`."""
    return " · ".join(part for part in (shown(line.title), variant(line)) if part)


def variant(line: LineSnapshot) -> str:
    """Size, colour and the like. Shopify calls the only variant of a product "Default Title"."""
    return "" if line.variant_title.strip().casefold() == "default title" else shown(line.variant_title)


def _row(view: View, line: LineSnapshot, quantity: int, prices: bool, pictures: bool) -> Piece:
    price = view.money(line.total) if prices else ""
    image = web_url(line.image_url) if pictures else None
    return _product(view.mail.shop.brand.colour, view.mail.language, shown(line.title), variant(line), quantity, price, image)


@lru_cache(maxsize=1024)
def _product(colour: str, language: str, title: str, details: str, quantity: int, price: str, image: str | None) -> Piece:
    """The same for all who bought it. `image`: empty for a product without one, None in a list without pictures."""
    face, count = kit(colour), word("quantity", language, count=quantity)
    html = face.make(
        "item",
        picture="" if image is None else picture(face, image, "picture"),
        title=markup(title),
        details="".join([face.make("detail", words=markup(text)) for text in (details, count) if text]),
        price=markup(price),
    )
    return Piece(html, "- " + " · ".join([text for text in (title, details, count, price) if text]))


def picture(face: Kit, source: str, piece: str = "small_picture") -> str:
    """An item's picture, or a quiet square of the same size."""
    # The title stands beside it: an empty alternative keeps screen readers from saying it twice.
    return face.make(piece, src=markup(source), alt="") if source else face.make("no_picture")
