"""What was bought, and what is in a parcel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from postventa.emails.clean import web_url
from postventa.emails.layout import kit, markup
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
    title, details, count = shown(line.title), variant(line), _quantity(view.mail.shop.brand.colour, view.mail.language, quantity)
    price = view.money(line.total) if prices else ""
    html = view.kit.make(
        "item",
        picture=picture(view, line) if pictures else "",
        title=markup(title),
        details=(view.html("detail", words=details) if details else "") + count.html,
        price=markup(price),
    )
    return Piece(html, "- " + " · ".join([text for text in (title, details, count.text, price) if text]))


@lru_cache(maxsize=1024)
def _quantity(colour: str, language: str, count: int) -> Piece:
    """The same for all items of which there are so many."""
    words = word("quantity", language, count=count)
    return Piece(kit(colour).make("detail", words=markup(words)), words)


def picture(view: View, line: LineSnapshot, piece: str = "picture") -> str:
    """The item's picture, or a quiet square of the same size."""
    source = web_url(line.image_url)
    # The title stands beside it: an empty alternative keeps screen readers from saying it twice.
    return view.html(piece, src=source, alt="") if source else view.kit.make("no_picture")
