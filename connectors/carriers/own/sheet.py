"""The A4 sheet: how to, above; below, cut apart, the slip that goes inside (B) and the label that goes outside (A)."""

from __future__ import annotations

from reportlab.lib.units import mm

from connectors.carriers.own import label, slip
from connectors.carriers.own.colour import BLACK, GREY
from connectors.carriers.own.content import Content
from connectors.carriers.own.pen import Pen
from connectors.carriers.own.text import LEADING, Fitted, fit

WIDTH, HEIGHT = 210.0, 297.0
HALF, MIDDLE = 148.5, 105.0
MARGIN = 15.0
RIGHT = WIDTH - MARGIN
COLUMN = 112.0
"""Width of the steps."""
SIDE = 136.0
"""Where the box of facts begins."""
STEPS = 53.0
NOTES = 128.0
"""Nothing of the steps stands below this."""


INDENT, STEP = 11.0, COLUMN - 13
"""From the margin to a step's text, and its width."""
DISC = 3.6
MOST_LINES = 12


def draw_sheet(pen: Pen, content: Content) -> None:
    """Draw the sheet."""
    _head(pen, content)
    _steps(pen, content)
    _side(pen, content)
    _notes(pen, content)
    _cuts(pen)
    piece = pen.at(0, HALF)
    _corner(piece, "B", content.words["inside"], content)
    slip.draw_slip(piece, content)
    piece = pen.at(MIDDLE, HALF)
    _corner(piece, "A", content.words["outside"], content)
    label.draw_label(piece, content)


def _head(pen: Pen, content: Content) -> None:
    ink = content.palette.ink
    pen.block(MARGIN, 12, 110, content.shop, (19, 10), bold=True, colour=ink)
    pen.text(RIGHT, 15.5, content.words["return_number"], 7.5, colour=GREY, width=62, align="right")
    pen.text(RIGHT, 21, content.reference, 13, bold=True, width=62, align="right")
    pen.box(MARGIN, 24.5, RIGHT - MARGIN, 1.1, fill=content.palette.fill, radius=0.5)
    pen.block(MARGIN, 31, COLUMN, content.words["heading"], (21, 13), bold=True, tag="H1")
    pen.block(MARGIN, 41.5, COLUMN, content.words["intro"], (9.5, 8), lines=2, colour=GREY)


def _steps(pen: Pen, content: Content) -> None:
    """Numbered discs; the more and the longer the steps, the smaller the type. What room is left is spread between them."""
    fitted = _fitted_steps(content.steps)
    gap = min((NOTES - STEPS - sum(map(_step_height, fitted))) / max(len(fitted), 1), 8.0)
    top = STEPS
    with pen.tags.group("L"):
        for number, step in enumerate(fitted, 1):
            height = _step_height(step)
            with pen.tags.group("LI"):
                _number(pen, top + height / 2, number, content)
                pen.lines(MARGIN + INDENT, top + (height - _text_height(step)) / 2 + 0.5, step, tag="LBody")
            top += height + gap


def _number(pen: Pen, middle: float, number: int, content: Content) -> None:
    pen.disc(MARGIN + DISC, middle, DISC, content.palette.fill)
    colour = content.palette.on_fill
    pen.text(MARGIN + DISC, middle + 1.4, str(number), 11, bold=True, colour=colour, align="centre", tag="Lbl")


def _fitted_steps(steps: tuple[str, ...]) -> list[Fitted]:
    """All steps at one size, the largest at which they stay above the notes; at the smallest each is cut to its share of lines."""
    for size in (11.5, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5, 8.0):
        fitted = [fit(step, STEP * mm, size, size, MOST_LINES) for step in steps]
        if sum(map(_step_height, fitted)) <= NOTES - STEPS:
            return fitted
    share = max(int((NOTES - STEPS) / len(steps) / (7 * LEADING / mm)), 1)
    return [fit(step, STEP * mm, 7, 7, share) for step in steps]


def _text_height(step: Fitted) -> float:
    return len(step.lines) * step.size * LEADING / mm


def _step_height(step: Fitted) -> float:
    return max(_text_height(step), 2 * DISC)


def _side(pen: Pen, content: Content) -> None:
    """The parcel as a picture, and the facts."""
    width = RIGHT - SIDE
    pen.box(SIDE, 31, width, 94, fill=content.palette.tint, radius=2.5)
    _parcel(pen.at(SIDE, 33), content)
    said = content.words
    facts = [(said["order"], content.order), (said["items"], str(content.pieces or "")), (said["reason"], content.reason)]
    facts.append((said["valid_until"], content.valid_until))
    y = 76.0
    for caption, value in facts:
        if value and caption:
            pen.text(SIDE + 5, y + 2, caption, 7.5, colour=GREY, width=width - 10)
            y = pen.block(SIDE + 5, y + 2.8, width - 10, value, (10.5, 7.5), lines=2, bold=True) + 2.6


def _parcel(pen: Pen, content: Content) -> None:
    """An open box with sheet B on its way in and label A on its side."""
    ink, tint = content.palette.ink, (1.0, 1.0, 1.0)
    pen.polygon(((14, 19), (45, 19), (45, 39), (14, 39)), fill=tint, stroke=ink)
    pen.polygon(((14, 19), (7, 13.5), (22, 13.5), (25, 19)), fill=tint, stroke=ink)
    pen.polygon(((45, 19), (52, 13.5), (37, 13.5), (34, 19)), fill=tint, stroke=ink)
    _piece(pen, 24.5, 3, "B", content)
    pen.polygon(((29.5, 17.5), (27.5, 15), (31.5, 15)), fill=ink, stroke=ink)
    _piece(pen, 24.5, 23.5, "A", content)


def _piece(pen: Pen, x: float, y: float, letter: str, content: Content) -> None:
    pen.box(x, y, 10, 11, fill=(1, 1, 1), stroke=content.palette.ink, line=0.8, radius=0.8)
    pen.decoration(x + 5, y + 7.6, letter, 14, content.palette.ink)


def _notes(pen: Pen, content: Content) -> None:
    said, width = content.words, RIGHT - MARGIN
    y = NOTES + 3
    if content.contact and said["help"]:
        y = pen.block(MARGIN, y, width, f"{said['help']} {content.contact}", (9, 7), bold=True, colour=content.palette.ink) + 0.6
    notes = [said["postage_note"], said["valid_note"] if content.valid_until else ""]
    pen.block(MARGIN, y, width, " ".join(note for note in notes if note), (7.5, 6.5), lines=2, colour=GREY)


def _cuts(pen: Pen) -> None:
    pen.rule(0, HALF, WIDTH, HALF, width=0.7, colour=GREY, dash=(3, 3))
    pen.rule(MIDDLE, HALF, MIDDLE, HEIGHT, width=0.7, colour=GREY, dash=(3, 3))
    pen.decoration(72, HALF + 1.75, "✂", 12, BLACK)


def _corner(pen: Pen, letter: str, text: str, content: Content) -> None:
    """Which piece it is, in the margin above its content."""
    pen.disc(label.MARGIN + 2, 3.9, 2.2, content.palette.fill)
    pen.text(label.MARGIN + 2, 4.9, letter, 8, bold=True, colour=content.palette.on_fill, align="centre")
    pen.text(label.MARGIN + 5.6, 4.9, text, 7.5, bold=True, width=label.INNER - 6, tag="H2")
