"""Drawing in millimetres from the top left corner, as one thinks of paper. The PDF library counts points from the bottom left."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from reportlab.lib.units import mm

from connectors.carriers.own import codes, fonts
from connectors.carriers.own.bidi import visual
from connectors.carriers.own.canvas import LabelCanvas
from connectors.carriers.own.colour import BLACK, RULE, Rgb
from connectors.carriers.own.tags import Tags
from connectors.carriers.own.text import LEADING, Entry, Fitted, cut, fit, stacked


@dataclass(frozen=True)
class Pen:
    """A pen on one page; `at` moves the corner that it counts from."""

    canvas: LabelCanvas
    tags: Tags
    height: float
    """Of the page, in mm."""
    left: float = 0
    top: float = 0

    def at(self, left: float, top: float) -> Pen:
        """A pen that counts from another corner of the same page."""
        return replace(self, left=self.left + left, top=self.top + top)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: Rgb = BLACK,
        width: float = 0,
        align: str = "left",
        tag: str = "P",
    ) -> None:
        """One line of cleaned text with its baseline at `y`, cut to `width` mm if one is given; `x` is the left, middle or right by `align`."""
        if not text:
            return
        line = cut(text, width * mm / size, bold) if width else text
        with self._marked((line,), tag):
            self._line(x, y, line, size, bold, colour, align)

    def block(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        sizes: tuple[float, float],
        *,
        lines: int = 1,
        bold: bool = False,
        colour: Rgb = BLACK,
        tag: str = "P",
    ) -> float:
        """Cleaned text in a box whose top is at `y`: at most `lines` lines, at the largest of the sizes that holds it. Returns the bottom."""
        if not text:
            return y
        return self.lines(x, y, fit(text, width * mm, sizes[0], sizes[1], lines, bold=bold), bold=bold, colour=colour, tag=tag)

    def lines(self, x: float, y: float, fitted: Fitted, *, bold: bool = False, colour: Rgb = BLACK, tag: str = "P") -> float:
        """Fitted lines whose top is at `y`. Returns the bottom."""
        step = fitted.size * LEADING / mm
        with self._marked(fitted.lines, tag):
            for number, line in enumerate(fitted.lines):
                self._line(x, y + fitted.size * fonts.ASCENT / mm + number * step, line, fitted.size, bold, colour, "left")
        return y + len(fitted.lines) * step

    def stack(self, x: float, y: float, width: float, height: float, entries: Sequence[Entry]) -> None:
        """Texts one under the other, made smaller together until the box holds them all."""
        for entry, fitted in stacked(entries, width * mm, height * mm):
            y = self.lines(x, y, fitted, bold=entry.bold)

    def _marked(self, lines: Sequence[str], tag: str) -> AbstractContextManager[None]:
        """Text whose glyphs are turned round or joined says what it reads as."""
        turned = any(visual(line) != line for line in lines)
        return self.tags.content(tag, spoken=unicodedata.normalize("NFKC", " ".join(lines)) if turned else "")

    def _line(self, x: float, y: float, line: str, size: float, bold: bool, colour: Rgb, align: str) -> None:
        self.canvas.setFont(fonts.face(bold), size)
        self.canvas.setFillColorRGB(*colour)
        draw = {"left": self.canvas.drawString, "centre": self.canvas.drawCentredString, "right": self.canvas.drawRightString}[align]
        draw(self._x(x), self._y(y), visual(line))

    def decoration(self, x: float, y: float, text: str, size: float, colour: Rgb) -> None:
        """A sign in the middle of `x` that a screen reader passes over."""
        with self.tags.artifact():
            self._line(x, y, text, size, True, colour, "centre")

    def rule(self, x1: float, y1: float, x2: float, y2: float, *, width: float = 0.5, colour: Rgb = RULE, dash: tuple[float, ...] = ()) -> None:
        """A line; `width` and `dash` in points."""
        with self.tags.artifact():
            self.canvas.saveState()
            self.canvas.setLineWidth(width)
            self.canvas.setStrokeColorRGB(*colour)
            if dash:
                self.canvas.setDash(list(dash))
            self.canvas.line(self._x(x1), self._y(y1), self._x(x2), self._y(y2))
            self.canvas.restoreState()

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Rgb | None = None,
        stroke: Rgb | None = None,
        line: float = 0.5,
        radius: float = 0,
        dash: tuple[float, ...] = (),
    ) -> None:
        """A rectangle whose top left corner is at `x`, `y`; `radius` in mm, `line` and `dash` in points."""
        with self.tags.artifact():
            self.canvas.saveState()
            self.canvas.setLineWidth(line)
            if dash:
                self.canvas.setDash(list(dash))
            self.canvas.setFillColorRGB(*(fill or BLACK))
            self.canvas.setStrokeColorRGB(*(stroke or BLACK))
            corner = (self._x(x), self._y(y + height), width * mm, height * mm, radius * mm)
            self.canvas.roundRect(*corner, stroke=int(stroke is not None), fill=int(fill is not None))
            self.canvas.restoreState()

    def disc(self, x: float, y: float, radius: float, fill: Rgb) -> None:
        """A filled circle around `x`, `y`."""
        with self.tags.artifact():
            self.canvas.setFillColorRGB(*fill)
            self.canvas.circle(self._x(x), self._y(y), radius * mm, stroke=0, fill=1)

    def polygon(self, points: tuple[tuple[float, float], ...], *, fill: Rgb, stroke: Rgb, line: float = 0.8) -> None:
        """A closed shape."""
        path = self.canvas.beginPath()
        path.moveTo(self._x(points[0][0]), self._y(points[0][1]))
        for x, y in points[1:]:
            path.lineTo(self._x(x), self._y(y))
        path.close()
        with self.tags.artifact():
            self.canvas.setLineWidth(line)
            self.canvas.setFillColorRGB(*fill)
            self.canvas.setStrokeColorRGB(*stroke)
            self.canvas.drawPath(path, stroke=1, fill=1)

    def barcode(self, x: float, y: float, width: float, height: float, reference: str, *, alt: str, widest: float = 0.5) -> None:
        """Code 128 in the middle of the box, modules at most `widest` mm wide. The quiet zones (10 modules) are the box's own."""
        bars, modules = codes.barcode(reference)
        module = min(width / (modules + 20), widest)
        start = x + (width - modules * module) / 2
        path = self.canvas.beginPath()
        for offset, span in bars:
            path.rect(self._x(start + offset * module), self._y(y + height), span * module * mm, height * mm)
        self._figure(path, alt)

    def qr(self, x: float, y: float, side: float, text: str, *, alt: str) -> None:
        """QR code filling a square, with no quiet zone of its own: leave 4 modules white around it."""
        runs, modules = codes.qr(text)
        module = side / modules
        path = self.canvas.beginPath()
        for row, column, length in runs:
            path.rect(self._x(x + column * module), self._y(y + (row + 1) * module), length * module * mm, module * mm)
        self._figure(path, alt)

    def _figure(self, path: object, alt: str) -> None:
        with self.tags.content("Figure", alt=alt):
            self.canvas.setFillColorRGB(*BLACK)
            self.canvas.drawPath(path, stroke=0, fill=1)

    def _x(self, x: float) -> float:
        return (self.left + x) * mm

    def _y(self, y: float) -> float:
        return (self.height - self.top - y) * mm
