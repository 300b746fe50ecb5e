"""One label as a PDF: page 1 the A6 label, page 2 the A4 sheet, further A4 pages if the list of items is long."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

from reportlab.lib.units import mm

from connectors.carriers.base import LabelRequest
from connectors.carriers.own import label, sheet, slip
from connectors.carriers.own.canvas import LabelCanvas
from connectors.carriers.own.colour import GREY
from connectors.carriers.own.content import Content, content
from connectors.carriers.own.pen import Pen
from connectors.carriers.own.tags import Tags


def render(request: LabelRequest) -> bytes:
    """The PDF's bytes, a function of the request alone."""
    buffer = BytesIO()
    texts = content(request)
    canvas = _canvas(buffer, request, texts)
    tags = Tags(canvas)
    _label_page(canvas, tags, texts)
    _sheet_pages(canvas, tags, texts)
    tags.write()
    canvas.save()
    return buffer.getvalue()


def _canvas(buffer: BytesIO, request: LabelRequest, texts: Content) -> LabelCanvas:
    identity = sha256(repr(request).encode("utf-8", "backslashreplace")).hexdigest()[:32]
    canvas = LabelCanvas(buffer, request.language, request.issued_on, identity)
    canvas.setTitle(f"{texts.words['title']} {texts.reference}")
    canvas.setAuthor(texts.shop)
    canvas.setCreator("Postventa")
    canvas.setSubject(f"{texts.words['order']} {texts.order}".strip())
    return canvas


def _label_page(canvas: LabelCanvas, tags: Tags, texts: Content) -> None:
    canvas.setPageSize((label.WIDTH * mm, label.HEIGHT * mm))
    pen = Pen(canvas, tags, label.HEIGHT)
    label.draw_label(pen, texts)
    pen.text(label.WIDTH / 2, label.HEIGHT - 3, texts.words["page_hint"], 6, colour=GREY, width=label.INNER, align="centre")
    tags.end_page()


def _sheet_pages(canvas: LabelCanvas, tags: Tags, texts: Content) -> None:
    canvas.setPageSize((sheet.WIDTH * mm, sheet.HEIGHT * mm))
    long_list = slip.long_pages(texts)
    pages = 2 + len(long_list)
    sheet.draw_sheet(Pen(canvas, tags, sheet.HEIGHT), texts)
    tags.end_page()
    for number, rows in enumerate(long_list, start=slip.FIRST_LONG_PAGE):
        slip.draw_long_page(Pen(canvas, tags, sheet.HEIGHT), texts, rows, number, pages)
        tags.end_page()
