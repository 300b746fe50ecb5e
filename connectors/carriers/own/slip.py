"""The slip that goes into the parcel, and the pages on which a long list of items goes on."""

from __future__ import annotations

from itertools import accumulate

from reportlab.lib.units import mm

from connectors.carriers.own.colour import GREY, RULE
from connectors.carriers.own.content import Content, Row
from connectors.carriers.own.label import INNER, MARGIN, RIGHT, WIDTH
from connectors.carriers.own.pen import Pen
from connectors.carriers.own.text import LEADING, fit
from connectors.carriers.own.words import filled

QR = 22.0
LIST, REASON, CODE = 37.0, 113.0, 121.0
"""Where the list of items, the reason and the barcode begin, in mm from the top."""
PAGE_WIDTH, PAGE_MARGIN, PAGE_LIST, PAGE_END = 210.0, 15.0, 36.0, 276.0
FIRST_LONG_PAGE = 3
INDENT = 11.0
"""From the quantity to the title."""
SKU_COLUMN = 45.0
TITLE = (8.5, 7.5)
"""Largest and smallest size of a title, in points."""


def draw_slip(pen: Pen, content: Content) -> None:
    """Draw the slip; what of the list does not fit is counted and stands on the pages after it."""
    said, width = content.words, INNER - QR - 4
    pen.block(MARGIN, 9, width, content.shop, (12, 7.5), bold=True, colour=content.palette.ink)
    pen.text(MARGIN, 17.8, said["return_number"], 6.5, colour=GREY, width=width)
    pen.block(MARGIN, 19, width, content.reference, (16, 8), bold=True)
    pen.block(MARGIN, 27.2, width, f"{said['order']} {content.order}".strip(), (9, 6.5), lines=2)
    pen.qr(RIGHT - QR, 9, QR, content.qr, alt=f"{said['qr']}: {content.reference}")
    shown = fitting(content)
    y = _table(pen, content, content.rows[:shown], MARGIN, LIST, INNER)
    if shown < len(content.rows):
        left = len(content.rows) - shown
        pen.text(MARGIN + INDENT, y + 4, filled(said["more"], count=left, page=FIRST_LONG_PAGE), 8, bold=True, width=INNER - INDENT)
    if content.reason:
        pen.block(MARGIN, REASON, INNER, f"{said['reason']}: {content.reason}", (8.5, 6.5), lines=2)
    pen.barcode(MARGIN - 3, CODE, INNER + 6, 14, content.reference, alt=f"{said['barcode']}: {content.reference}", widest=0.4)
    pen.text(WIDTH / 2, CODE + 18.2, content.reference, 10, bold=True, width=INNER, align="centre")


def fitting(content: Content) -> int:
    """How many rows the slip holds, room for the line that counts the rest included."""
    room, width = REASON - LIST - 6.5, INNER
    whole = _count(content.rows, room, width)
    return whole if whole == len(content.rows) else _count(content.rows, room - 6, width)


def long_pages(content: Content) -> list[tuple[Row, ...]]:
    """The whole list once more, page by page, if the slip does not hold it."""
    if fitting(content) == len(content.rows):
        return []
    rows, pages = content.rows, []
    while rows:
        count = max(_count(rows, PAGE_END - PAGE_LIST - 6.5, PAGE_WIDTH - 2 * PAGE_MARGIN), 1)
        pages.append(rows[:count])
        rows = rows[count:]
    return pages


def draw_long_page(pen: Pen, content: Content, rows: tuple[Row, ...], number: int, pages: int) -> None:
    """One page of a long list; `number` and `pages` count the whole document."""
    said, right = content.words, PAGE_WIDTH - PAGE_MARGIN
    pen.block(PAGE_MARGIN, 12, 110, content.shop, (15, 9), bold=True, colour=content.palette.ink)
    pen.text(right, 15.5, said["return_number"], 7.5, colour=GREY, width=62, align="right")
    pen.text(right, 21, content.reference, 13, bold=True, width=62, align="right")
    pen.box(PAGE_MARGIN, 24.5, right - PAGE_MARGIN, 1.1, fill=content.palette.fill, radius=0.5)
    pen.text(PAGE_MARGIN, 32.5, said["inside"], 10, bold=True, width=right - PAGE_MARGIN, tag="H2")
    _table(pen, content, rows, PAGE_MARGIN, PAGE_LIST, right - PAGE_MARGIN)
    pen.text(right, 285, filled(said["page"], page=number, pages=pages), 8, colour=GREY, width=60, align="right")


def _table(pen: Pen, content: Content, rows: tuple[Row, ...], left: float, top: float, width: float) -> float:
    """Quantity, title and SKU; returns the bottom. Nothing at all where the shop did not say which items."""
    if not rows:
        return top
    said, aside = content.words, width > WIDTH
    titles = width - INDENT - (SKU_COLUMN if aside else 0)
    with pen.tags.group("Table"):
        with pen.tags.group("TR"):
            pen.text(left, top + 3, said["quantity"], 6.5, bold=True, colour=GREY, width=INDENT - 1, tag="TH")
            pen.text(left + INDENT, top + 3, said["items"], 6.5, bold=True, colour=GREY, width=titles, tag="TH")
        pen.rule(left, top + 4.6, left + width, top + 4.6, colour=content.palette.fill, width=1)
        y = top + 4.6
        for row in rows:
            height = _height(row, width)
            with pen.tags.group("TR"):
                pen.block(left, y + 1.3, INDENT - 1, row.quantity, (9, 5), bold=True, tag="TD")
                pen.block(left + INDENT, y + 1.4, titles, row.title, TITLE, lines=2, tag="TD")
                where = (left + width - SKU_COLUMN + 2, y + 3.6, SKU_COLUMN - 2) if aside else (left + INDENT, y + height - 1.7, titles)
                sku = f"{said['sku']} {row.sku}".strip() if row.sku else ""
                pen.text(where[0], where[1], sku, 7, colour=GREY, width=where[2], tag="TD")
            y += height
            pen.rule(left, y, left + width, y, colour=RULE)
    return y


def _height(row: Row, width: float) -> float:
    """Of a row, in mm; `width`: of the table. A wide table has the SKU beside the title, a narrow one below it."""
    aside = width > WIDTH
    titles = width - INDENT - (SKU_COLUMN if aside else 0)
    lines = max(len(fit(row.title, titles * mm, *TITLE, 2).lines), 1)
    return 2.6 + lines * TITLE[0] * LEADING / mm + (3.0 if row.sku and not aside else 0)


def _count(rows: tuple[Row, ...], room: float, width: float) -> int:
    """How many rows fit into `room` mm."""
    used = accumulate(_height(row, width) for row in rows)
    return sum(1 for height in used if height <= room)
