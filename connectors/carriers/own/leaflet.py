"""A leaflet with a form on a page of its own, to be filled in by hand: the law's instructions on withdrawal and its model form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO

from connectors.carriers.own.canvas import LabelCanvas
from connectors.carriers.own.colour import GREY, palette
from connectors.carriers.own.flow import INNER, MARGIN, Flow, tall
from connectors.carriers.own.tags import Tags
from connectors.carriers.own.text import clean

TEXT, APART, LINE = 10.5, 2.4, 9.5
"""Points of the text; mm between paragraphs and of a line to write on."""
ROOM = 2
"""Lines to write on behind the declaration and each caption that stands above its line."""


@dataclass(frozen=True)
class Leaflet:
    """All that stands on it, in the reader's language."""

    title: str
    shop: str
    address: str
    sections: tuple[tuple[str, ...], ...]
    """Heading and paragraphs of each."""
    form: str
    note: str
    to: str
    """Whom the form goes to, one line each."""
    declaration: str
    fields: tuple[str, ...]
    """Captions, each with a line to write on."""
    struck: str
    language: str
    edition: date
    """Of the words."""
    accent: str


def render(leaflet: Leaflet) -> bytes:
    """The PDF's bytes, a function of `leaflet` alone."""
    buffer = BytesIO()
    identity = sha256(repr(leaflet).encode("utf-8", "backslashreplace")).hexdigest()[:32]
    canvas = LabelCanvas(buffer, leaflet.language, leaflet.edition, identity)
    canvas.setTitle(clean(leaflet.title))
    canvas.setAuthor(clean(leaflet.shop))
    canvas.setCreator("Postventa")
    tags = Tags(canvas)
    flow = Flow(canvas, tags, palette(leaflet.accent))
    flow.head(leaflet.shop, leaflet.address, leaflet.title)
    for heading, *paragraphs in leaflet.sections:
        flow.heading(heading)
        for paragraph in paragraphs:
            _said(flow, paragraph)
        flow.y += APART
    flow.turn()
    _form(flow, leaflet)
    flow.end()
    tags.write()
    canvas.save()
    return buffer.getvalue()


def _said(flow: Flow, paragraph: str) -> None:
    for fitted in flow.pieces(paragraph, 0, TEXT):
        flow.room_for(tall(fitted))
        flow.y = flow.pen.lines(MARGIN, flow.y, fitted)
    flow.y += APART


def _form(flow: Flow, leaflet: Leaflet) -> None:
    pen = flow.pen
    flow.y = pen.block(MARGIN, 22, INNER, clean(leaflet.form), (18, 13), lines=2, bold=True, tag="H2") + 2
    flow.y = pen.block(MARGIN, flow.y, INNER, clean(leaflet.note), (10, 8.5), lines=2, colour=GREY) + 6
    for line in leaflet.to.split("\n"):
        flow.y = pen.block(MARGIN, flow.y, INNER, clean(line), (11, 8), lines=3)
    flow.y += 5
    _said(flow, leaflet.declaration)
    _lines(flow, ROOM)
    for caption in leaflet.fields:
        flow.room_for(2.4 * LINE)
        flow.y = flow.pen.block(MARGIN, flow.y + 3, INNER, clean(caption), (10, 8.5), lines=2)
        _lines(flow, 1)
    flow.pen.block(MARGIN, flow.y + 4, INNER, clean(leaflet.struck), (9, 8), colour=GREY)


def _lines(flow: Flow, many: int) -> None:
    for _ in range(many):
        flow.room_for(LINE)
        flow.y += LINE
        flow.pen.rule(MARGIN, flow.y, MARGIN + INNER, flow.y, width=0.7, colour=GREY)
