"""The PDF library's canvas with the few things that it keeps to itself: marks in the page's stream, tags on pages, a fixed date."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFName, PDFObject, PDFObjectReference, PDFPage
from reportlab.pdfgen.canvas import Canvas

from connectors.carriers.own import fonts

EPOCH = date(2000, 1, 1)
"""Stands in the metadata when the label has no date: the same request always makes the same bytes."""


class LabelCanvas(Canvas):
    """A canvas whose bytes depend on nothing but what is drawn."""

    _code: list[str]
    _doc: Any

    def __init__(self, buffer: BytesIO, language: str, day: date | None, identity: str) -> None:
        first: Any = fonts.face(bold=False)  # otherwise Helvetica, not embedded; the stubs take the name for a size
        super().__init__(buffer, pageCompression=1, invariant=1, pdfVersion=(1, 7), lang=language, initialFontName=first)
        self.setDateFormatter(lambda *_: f"D:{day or EPOCH:%Y%m%d}000000Z")
        # The library's own document id hangs on the environment (SOURCE_DATE_EPOCH).
        vars(self._doc)["_ID"] = f"\n[<{identity}><{identity}>]\n".encode("ascii")
        self.setViewerPreference("DisplayDocTitle", "true")

    def operators(self, code: str) -> None:
        """Write into the page's stream as it is."""
        self._code.append(code)

    def end_page(self, number: int) -> None:
        """Finish page `number`, counted from 0, and tie it to the structure tree."""
        self.showPage()
        page = self._page(number)
        page.__NoDefault__ = [*PDFPage.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents = number
        page.Tabs = PDFName("S")

    def refer(self, thing: PDFObject) -> PDFObjectReference:
        """Make it an object of the document that others may point to."""
        reference: PDFObjectReference = self._doc.Reference(thing)
        return reference

    def page(self, number: int) -> PDFObjectReference:
        """A finished page, to point to."""
        return self.refer(self._page(number))

    def _page(self, number: int) -> Any:
        return self._doc.Pages.pages[number]
