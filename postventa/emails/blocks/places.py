"""Where it goes, and the parcels on the way."""

from __future__ import annotations

from postventa.emails.blocks.items import listed
from postventa.emails.clean import web_url
from postventa.emails.data import ParcelView
from postventa.emails.layout import markup
from postventa.emails.view import Piece, View, shown, together
from postventa.events import Address
from postventa.locale.formats import postal


def address(view: View, _: str) -> Piece:
    """The delivery address in its country's order; nothing for an order that is not sent."""
    lines = address_lines(view, view.mail.order.shipping_address)
    if not view.mail.order.shipping_address or not lines:
        return Piece()
    html = view.kit.make("text", words="<br>".join(map(markup, lines)))
    return together([view.heading(view.word("ship_to")), Piece(html, "\n".join(lines))], "\n")


def address_lines(view: View, where: Address) -> list[str]:
    return [shown(line, 90) for line in postal(where, view.mail.language, view.mail.shop.country)]


def parcels(view: View, _: str) -> Piece:
    """Every parcel of this mail: carrier, number, link, and what is in it."""
    total = len(view.mail.parcels)
    return together(_parcel(view, parcel, number, total) for number, parcel in enumerate(view.mail.parcels, 1))


def _parcel(view: View, data: ParcelView, number: int, total: int) -> Piece:
    title = view.word("parcel_of", number=number, total=total) if total > 1 else view.word("parcel")
    facts = [(view.word(name), shown(value, 80)) for name, value in _tracking(data) if value.strip()]
    url = web_url(data.parcel.tracking_url)
    inside = view.html("panel_title", words=title) + "".join(view.html("fact", name=n, value=v, size="16px") for n, v in facts)
    texts = [title, *(f"{name}{view.colon} {value}" for name, value in facts)]
    if url:
        inside += view.html("panel_button", href=url, label=view.word("track"))
        texts.append(f"{view.word('track')}{view.colon} {url}")
    panel = Piece(view.kit.make("panel", inside=inside), "\n".join(texts)) if facts or url or total > 1 else Piece()
    if not data.items:
        return panel
    inside_it = together([view.heading(view.word("parcel_items")), listed(view, data.items)], "\n")
    return together([panel, inside_it])


def _tracking(data: ParcelView) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("carrier", data.parcel.carrier), ("tracking_number", data.parcel.tracking_number)
