"""A4 pages that text flows over: a pen with a place on the page, and what letters begin with."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm

from connectors.carriers.own.canvas import LabelCanvas
from connectors.carriers.own.colour import GREY, Palette
from connectors.carriers.own.pen import Pen
from connectors.carriers.own.tags import Tags
from connectors.carriers.own.text import LEADING, Fitted, clean, fit

WIDTH, HEIGHT, MARGIN, END = 210.0, 297.0, 20.0, 272.0
INNER = WIDTH - 2 * MARGIN
SIZE = 11.0
"""Points of the text that matters."""
MANY = 200
"""Lines of one paragraph: more than any form takes."""
LONG = 4000
"""Characters of one paragraph, likewise."""
TOGETHER = 40
"""Lines of a paragraph that stay on one page."""


class Flow:
    """Begins a new page when this one is full."""

    def __init__(self, canvas: LabelCanvas, tags: Tags, colours: Palette) -> None:
        self.canvas, self.tags, self.colours = canvas, tags, colours
        self.pen, self.y = self._page(), MARGIN

    def room_for(self, height: float) -> None:
        """Go on overleaf if that does not fit here."""
        if self.y + height > END:
            self.turn()

    def turn(self) -> None:
        """Go on overleaf."""
        self.end()
        self.pen, self.y = self._page(), MARGIN

    def end(self) -> None:
        self.tags.end_page()

    def head(self, shop: str, address: str, title: str) -> None:
        """Who writes, and what this is."""
        pen, ink = self.pen, self.colours.ink
        y = pen.block(MARGIN, 18, INNER, clean(shop), (15, 10), bold=True, colour=ink)
        y = pen.block(MARGIN, y + 0.5, INNER, clean(address), (9, 7.5), lines=2, colour=GREY)
        pen.box(MARGIN, y + 2.5, INNER, 1.1, fill=self.colours.fill, radius=0.5)
        self.y = pen.block(MARGIN, y + 9, INNER, clean(title), (22, 14), lines=2, bold=True, tag="H1") + 5

    def heading(self, words: str) -> None:
        """A part's title, never the last on a page."""
        self.room_for(30)
        self.y = self.pen.block(MARGIN, self.y, INNER, clean(words), (14, 11), bold=True, tag="H2") + 3

    def pieces(self, paragraph: str, indent: float, size: float = SIZE) -> Sequence[Fitted]:
        """A paragraph set in lines, whole; a very long one in pieces that a page holds."""
        fitted = fit(clean(paragraph, LONG), (INNER - indent) * mm, size, size, MANY)
        parts = (fitted.lines[begin : begin + TOGETHER] for begin in range(0, len(fitted.lines), TOGETHER))
        return [Fitted(tuple(lines), fitted.size) for lines in parts]

    def _page(self) -> Pen:
        self.canvas.setPageSize((WIDTH * mm, HEIGHT * mm))
        return Pen(self.canvas, self.tags, HEIGHT)


def tall(fitted: Fitted) -> float:
    """The height of set lines, in mm."""
    return len(fitted.lines) * fitted.size * LEADING / mm
