"""The structure that a screen reader follows: headings, paragraphs, tables and figures in reading order (ISO 32000-1, 14.7 and 14.8).

The PDF library writes no tags, so they are added here: every drawing is marked on its page, and the tree that names the marks is written at
the end. What is not marked as content is an artifact (lines, boxes), which a screen reader passes over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFObject, PDFObjectReference, PDFString

from connectors.carriers.own.canvas import LabelCanvas


@dataclass
class Element:
    """One node of the tree; a leaf has marks, a branch has children."""

    kind: str
    alt: str = ""
    children: list[Element] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    """(page, mark on that page), both from 0."""


class Tags:
    """Marks what is drawn on one canvas and writes the tree of it."""

    def __init__(self, canvas: LabelCanvas) -> None:
        self.canvas = canvas
        self.root = Element("Document")
        self.open = [self.root]
        self.pages: list[list[Element]] = [[]]

    @contextmanager
    def group(self, kind: str) -> Iterator[None]:
        """What is drawn within belongs to one `Table`, `TR`, `Sect` ..."""
        element = Element(kind)
        self.open[-1].children.append(element)
        self.open.append(element)
        try:
            yield
        finally:
            self.open.pop()

    @contextmanager
    def content(self, kind: str, alt: str = "", spoken: str = "") -> Iterator[None]:
        """What is drawn within is one leaf. `alt`: what a figure shows; `spoken`: the text in reading order, where the glyphs stand otherwise."""
        marks = self.pages[-1]
        element = Element(kind, alt, marks=[(len(self.pages) - 1, len(marks))])
        self.open[-1].children.append(element)
        code = ("\ufeff" + spoken).encode("utf-16-be").hex()
        actual = f" /ActualText <{code}>" if spoken else ""
        self.canvas.operators(f"/{kind} <</MCID {len(marks)}{actual}>> BDC")
        marks.append(element)
        yield
        self.canvas.operators("EMC")

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """What is drawn within is decoration."""
        self.canvas.operators("/Artifact BMC")
        yield
        self.canvas.operators("EMC")

    def end_page(self) -> None:
        """Finish the canvas's page and begin the next."""
        self.canvas.end_page(len(self.pages) - 1)
        self.pages.append([])

    def write(self) -> None:
        """Write the tree into the document; call once, after the last page."""
        tree = PDFDictionary({"Type": PDFName("StructTreeRoot")})
        root = self.canvas.refer(tree)
        written: dict[int, PDFObjectReference] = {}
        tree["K"] = self._written(self.root, root, written)
        numbers: list[object] = []
        for number, elements in enumerate(page for page in self.pages if page):
            numbers += [number, self.canvas.refer(PDFArray([written[id(element)] for element in elements]))]
        tree["ParentTree"] = self.canvas.refer(PDFDictionary({"Nums": PDFArray(numbers)}))
        tree["ParentTreeNextKey"] = len(numbers) // 2
        self.canvas.setCatalogEntry("StructTreeRoot", root)
        self.canvas.setCatalogEntry("MarkInfo", {"Marked": "true"})

    def _written(self, element: Element, parent: PDFObjectReference, written: dict[int, PDFObjectReference]) -> PDFObjectReference:
        entry = PDFDictionary({"Type": PDFName("StructElem"), "S": PDFName(element.kind), "P": parent})
        reference = self.canvas.refer(entry)
        kids: list[PDFObject] = [self._written(child, reference, written) for child in element.children]
        for page, mark in element.marks:
            kids.append(PDFDictionary({"Type": PDFName("MCR"), "Pg": self.canvas.page(page), "MCID": mark}))
        entry["K"] = PDFArray(kids)
        if element.alt:
            entry["Alt"] = PDFString(element.alt)
        written[id(element)] = reference
        return reference
