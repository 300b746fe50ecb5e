"""A page that proves what somebody declared and when: large enough to read, tagged for screen readers, drawn with the label's pen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO

from reportlab.lib.units import mm

from connectors.carriers.own.canvas import LabelCanvas
from connectors.carriers.own.colour import GREY, Palette, palette
from connectors.carriers.own.pen import Pen
from connectors.carriers.own.tags import Tags
from connectors.carriers.own.text import LEADING, Fitted, clean, fit

WIDTH, HEIGHT, MARGIN, END = 210.0, 297.0, 20.0, 272.0
INNER = WIDTH - 2 * MARGIN
PADDING = 6.0
SIZE = 11.0
"""Points of the text that matters."""
MANY = 200
"""Lines of one paragraph: more than any form takes."""


@dataclass(frozen=True)
class Proof:
    """All that stands on it, in the reader's language."""

    title: str
    shop: str
    address: str
    facts: tuple[tuple[str, str], ...]
    """(caption, value)."""
    heading: str
    text: str
    """Paragraphs, one to a line."""
    note: str
    language: str
    issued_on: date
    accent: str


def render(proof: Proof) -> bytes:
    """The PDF's bytes, a function of `proof` alone."""
    buffer = BytesIO()
    canvas = LabelCanvas(buffer, proof.language, proof.issued_on, sha256(repr(proof).encode("utf-8", "backslashreplace")).hexdigest()[:32])
    canvas.setTitle(f"{clean(proof.title)} {clean(proof.facts[0][1])}")
    canvas.setAuthor(clean(proof.shop))
    canvas.setCreator("Postventa")
    tags = Tags(canvas)
    sheet = _Sheet(canvas, tags, palette(proof.accent))
    _head(sheet, proof)
    _text(sheet, proof)
    sheet.end()
    tags.write()
    canvas.save()
    return buffer.getvalue()


class _Sheet:
    """A pen with a place on the page, which begins a new page when this one is full."""

    def __init__(self, canvas: LabelCanvas, tags: Tags, colours: Palette) -> None:
        self.canvas, self.tags, self.colours = canvas, tags, colours
        self.pen, self.y = self._page(), MARGIN

    def room_for(self, height: float) -> None:
        """Go on overleaf if that does not fit here."""
        if self.y + height > END:
            self.end()
            self.pen, self.y = self._page(), MARGIN

    def end(self) -> None:
        self.tags.end_page()

    def _page(self) -> Pen:
        self.canvas.setPageSize((WIDTH * mm, HEIGHT * mm))
        return Pen(self.canvas, self.tags, HEIGHT)


def _head(sheet: _Sheet, proof: Proof) -> None:
    pen, ink = sheet.pen, sheet.colours.ink
    y = pen.block(MARGIN, 18, INNER, clean(proof.shop), (15, 10), bold=True, colour=ink)
    y = pen.block(MARGIN, y + 0.5, INNER, clean(proof.address), (9, 7.5), lines=2, colour=GREY)
    pen.box(MARGIN, y + 2.5, INNER, 1.1, fill=sheet.colours.fill, radius=0.5)
    y = pen.block(MARGIN, y + 9, INNER, clean(proof.title), (22, 14), lines=2, bold=True, tag="H1") + 5
    for caption, value in proof.facts:
        y = pen.block(MARGIN, y, INNER, clean(caption), (9, 8), colour=GREY)
        y = pen.block(MARGIN, y, INNER, clean(value), (SIZE, 7.5), lines=3, bold=True) + 3
    sheet.y = y + 4


def _text(sheet: _Sheet, proof: Proof) -> None:
    sheet.room_for(30)
    sheet.y = sheet.pen.block(MARGIN, sheet.y, INNER, clean(proof.heading), (14, 11), bold=True, tag="H2") + 3
    for paragraph in proof.text.split("\n"):
        fitted = fit(clean(paragraph), (INNER - PADDING) * mm, SIZE, SIZE, MANY)
        for lines in _pieces(fitted, 40):
            _paragraph(sheet, Fitted(tuple(lines), fitted.size))
    sheet.room_for(14)
    sheet.pen.block(MARGIN, sheet.y + 4, INNER, clean(proof.note), (10, 8), lines=2, colour=GREY)


def _paragraph(sheet: _Sheet, fitted: Fitted) -> None:
    height = len(fitted.lines) * fitted.size * LEADING / mm + 2.2
    sheet.room_for(height)
    sheet.pen.box(MARGIN, sheet.y - 0.8, 0.9, height + 0.1, fill=sheet.colours.fill)
    sheet.pen.lines(MARGIN + PADDING, sheet.y, fitted)
    sheet.y += height


def _pieces(fitted: Fitted, most: int) -> Sequence[Sequence[str]]:
    return [fitted.lines[begin : begin + most] for begin in range(0, len(fitted.lines), most)]
