"""A page that proves what somebody declared and when: large enough to read, tagged for screen readers, drawn with the label's pen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO

from connectors.carriers.own.canvas import LabelCanvas
from connectors.carriers.own.colour import GREY, palette
from connectors.carriers.own.flow import INNER, MARGIN, SIZE, Flow, tall
from connectors.carriers.own.tags import Tags
from connectors.carriers.own.text import Fitted, clean

PADDING = 6.0


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
    sheet = Flow(canvas, tags, palette(proof.accent))
    sheet.head(proof.shop, proof.address, proof.title)
    _facts(sheet, proof)
    _text(sheet, proof)
    sheet.end()
    tags.write()
    canvas.save()
    return buffer.getvalue()


def _facts(sheet: Flow, proof: Proof) -> None:
    pen, y = sheet.pen, sheet.y
    for caption, value in proof.facts:
        y = pen.block(MARGIN, y, INNER, clean(caption), (9, 8), colour=GREY)
        y = pen.block(MARGIN, y, INNER, clean(value), (SIZE, 7.5), lines=3, bold=True) + 3
    sheet.y = y + 4


def _text(sheet: Flow, proof: Proof) -> None:
    sheet.heading(proof.heading)
    for paragraph in proof.text.split("\n"):
        for fitted in sheet.pieces(paragraph, PADDING):
            _paragraph(sheet, fitted)
    sheet.room_for(14)
    sheet.pen.block(MARGIN, sheet.y + 4, INNER, clean(proof.note), (10, 8), lines=2, colour=GREY)


def _paragraph(sheet: Flow, fitted: Fitted) -> None:
    height = tall(fitted) + 2.2
    sheet.room_for(height)
    sheet.pen.box(MARGIN, sheet.y - 0.8, 0.9, height + 0.1, fill=sheet.colours.fill)
    sheet.pen.lines(MARGIN + PADDING, sheet.y, fitted)
    sheet.y += height
