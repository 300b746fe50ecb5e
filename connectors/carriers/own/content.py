"""What stands on the paper: the request with every foreign text cleaned, figures written out, words complete."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.carriers.base import LabelRequest
from connectors.carriers.own import figures, words
from connectors.carriers.own.colour import Palette, palette
from connectors.carriers.own.text import clean
from postventa.events import Address

MOST_STEPS = 8


@dataclass(frozen=True)
class Party:
    """One side of the label."""

    names: tuple[str, ...]
    street: tuple[str, ...]
    town: tuple[str, ...]
    country: str

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything under the first name."""
        return (*self.names[1:], *self.street, *self.town, *([self.country] if self.country else []))


@dataclass(frozen=True)
class Row:
    """One line of the list of items."""

    quantity: str
    title: str
    sku: str


@dataclass(frozen=True)
class Content:
    """All texts, ready to be drawn."""

    reference: str
    qr: str
    order: str
    shop: str
    sender: Party
    receiver: Party
    rows: tuple[Row, ...]
    pieces: int
    parcel: int
    steps: tuple[str, ...]
    reason: str
    issued: str
    valid_until: str
    weight: str
    contact: str
    words: dict[str, str]
    palette: Palette


def content(request: LabelRequest) -> Content:
    """The texts of one label."""
    language = request.language
    said = {key: clean(word) for key, word in words.complete(request.words).items()}
    shop = clean(request.shop_name) or clean(request.receiver.name) or clean(request.receiver.company)
    border = request.sender.country.upper() != request.receiver.country.upper()
    contact = " · ".join(part for part in (clean(request.receiver.email), clean(request.receiver.phone)) if part)
    return Content(
        reference=request.reference,
        qr=request.qr_text or request.reference,
        order=clean(request.order_number),
        shop=shop,
        sender=_party(request.sender, language, border),
        receiver=_party(request.receiver, language, border, shop),
        rows=tuple(Row(f"{item.quantity} ×", clean(item.title), clean(item.sku)) for item in request.items),
        pieces=sum(item.quantity for item in request.items),
        parcel=request.parcel,
        steps=tuple(step for step in map(clean, request.instructions[:MOST_STEPS]) if step),
        reason=clean(request.reason),
        issued=figures.short_day_text(request.issued_on, language) if request.issued_on else "",
        valid_until=figures.day_text(request.valid_until, language) if request.valid_until else "",
        weight=figures.weight_text(request.weight_g, language) if request.weight_g > 0 else "",
        contact=contact,
        words=said,
        palette=palette(request.accent),
    )


def _party(address: Address, language: str, border: bool, otherwise: str = "") -> Party:
    country = figures.country_line(address, language, border)
    return Party(
        tuple(name for name in figures.name_lines(address, otherwise) if name),
        tuple(figures.street_lines(address)),
        tuple(figures.town_lines(address)),
        country,
    )
