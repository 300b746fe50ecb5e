"""The A6 label: what a courier, a sorting machine and the shop's warehouse read. Black only, for thermal printers."""

from __future__ import annotations

from connectors.carriers.own.colour import BLACK, GREY, WHITE
from connectors.carriers.own.content import Content
from connectors.carriers.own.pen import Pen
from connectors.carriers.own.text import Entry

WIDTH, HEIGHT = 105.0, 148.0
"""A6 upright, in mm."""
MARGIN = 7.0
RIGHT = WIDTH - MARGIN
INNER = WIDTH - 2 * MARGIN
FROM_BOTTOM, TO_BOTTOM, FACTS_BOTTOM = 34.0, 82.0, 114.8
STAMP = 26.0
QR = 25.0


def draw_label(pen: Pen, content: Content) -> None:
    """Draw the label with its top left corner where the pen counts from."""
    with pen.tags.group("Sect"):
        _sender(pen, content)
        _receiver(pen, content)
        _facts(pen, content)
        _barcode(pen, content)


def _sender(pen: Pen, content: Content) -> None:
    stamp = content.words["postage"]
    width = INNER - (STAMP + 4 if stamp else 0)
    pen.text(MARGIN, 10, content.words["from"].upper(), 6.5, bold=True, colour=GREY, width=width)
    sender = content.sender
    entries = [Entry(name, 10, bold=True) for name in sender.names[:1]] + [Entry(line, 8.5) for line in sender.lines[:7]]
    pen.stack(MARGIN, 11.8, width, FROM_BOTTOM - 13, entries)
    if stamp:
        pen.box(RIGHT - STAMP, MARGIN, STAMP, FROM_BOTTOM - MARGIN - 3, stroke=GREY, dash=(2, 2))
        pen.block(RIGHT - STAMP + 2, MARGIN + 2, STAMP - 4, stamp, (7, 6), lines=4, colour=GREY)
    pen.rule(MARGIN, FROM_BOTTOM, RIGHT, FROM_BOTTOM, width=0.8, colour=BLACK)


def _receiver(pen: Pen, content: Content) -> None:
    """The largest thing on the label: where it goes."""
    title = content.words["to"].upper()
    pen.box(MARGIN, FROM_BOTTOM + 3, 34, 5.6, fill=BLACK, radius=0.8)
    pen.text(MARGIN + 17, FROM_BOTTOM + 6.9, title, 8.5, bold=True, colour=WHITE, width=32, align="centre")
    receiver = content.receiver
    entries = [Entry(receiver.names[0], 16, bold=True)]
    entries += [Entry(line, 13) for line in (*receiver.names[1:2], *receiver.street)]
    entries += [Entry(line, 17, bold=True) for line in receiver.town]
    entries.append(Entry(receiver.country, 11, bold=True, lines=1))
    top = FROM_BOTTOM + 10.5
    pen.stack(MARGIN, top, INNER, TO_BOTTOM - top - 1.5, entries)
    pen.rule(MARGIN, TO_BOTTOM, RIGHT, TO_BOTTOM, width=0.8, colour=BLACK)


def _facts(pen: Pen, content: Content) -> None:
    said = content.words
    width = INNER - QR - 5
    pen.qr(RIGHT - QR, TO_BOTTOM + 3.5, QR, content.qr, alt=f"{said['qr']}: {content.reference}")
    pen.text(MARGIN, TO_BOTTOM + 5.5, said["return_number"], 6.5, colour=GREY, width=width)
    pen.block(MARGIN, TO_BOTTOM + 6.8, width, content.reference, (16, 8), bold=True)
    pairs = [
        (said["order"], content.order),
        (said["weight"], content.weight),
        (said["parcels"], "1 / 1" if content.parcel == 1 else f"{content.parcel}"),
        (said["issued"], content.issued),
    ]
    shown = [(caption, value) for caption, value in pairs if value]
    for number, (caption, value) in enumerate(shown[:4]):
        x, y = MARGIN + (number % 2) * (width / 2 + 1), TO_BOTTOM + 18 + (number // 2) * 8.3
        pen.text(x, y, caption, 6.5, colour=GREY, width=width / 2 - 1)
        pen.block(x, y + 1, width / 2 - 1, value, (9.5, 6), bold=True)
    pen.rule(MARGIN, FACTS_BOTTOM, RIGHT, FACTS_BOTTOM, width=0.8, colour=BLACK)


def _barcode(pen: Pen, content: Content) -> None:
    pen.barcode(MARGIN - 3, FACTS_BOTTOM + 3, INNER + 6, 17, content.reference, alt=f"{content.words['barcode']}: {content.reference}")
    pen.text(WIDTH / 2, FACTS_BOTTOM + 25.3, content.reference, 13, bold=True, width=INNER, align="centre")
