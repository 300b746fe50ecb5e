"""A PDF as people and machines meet it: its text, its pictures, the codes that a scanner finds on it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pypdfium2
import zxingcpp
from pypdf import PdfReader

A6, A4 = (105, 148), (210, 297)
MM = 72 / 25.4


@dataclass(frozen=True)
class Code:
    """A code as it was read; `x` and `y` of its middle, in mm from the top left."""

    kind: str
    text: str
    x: float
    y: float


class Paper:
    """A printed document."""

    def __init__(self, pdf: bytes) -> None:
        self.bytes = pdf
        self.reader = PdfReader(BytesIO(pdf))
        self._document = pypdfium2.PdfDocument(pdf)

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Width and height of each page in mm."""
        return [(round(float(p.mediabox.width) / MM), round(float(p.mediabox.height) / MM)) for p in self.reader.pages]

    def text(self, page: int) -> str:
        """What stands on page `page`, counted from 1, white space collapsed."""
        return " ".join(self.reader.pages[page - 1].extract_text().split())

    @property
    def whole(self) -> str:
        return " ".join(self.text(page + 1) for page in range(len(self.reader.pages)))

    def codes(self, page: int, dpi: int = 200) -> list[Code]:
        """The codes on a page, rendered as a printer of that resolution prints it."""
        picture = self._document[page - 1].render(scale=dpi / 72, grayscale=True).to_pil()
        found = zxingcpp.read_barcodes(picture)
        mm = 25.4 / dpi
        return [Code(f.format.name, f.text, *(round(v * mm) for v in _middle(f.position))) for f in found]

    def boxes(self, page: int) -> list[tuple[float, float, float, float]]:
        """(left, bottom, right, top) in points of every run of text on a page."""
        text = self._document[page - 1].get_textpage()
        return [text.get_rect(number) for number in range(text.count_rects())]

    def sizes_of_text(self, page: int, wanted: str) -> list[float]:
        """The sizes in points at which a text is set."""
        sizes: list[float] = []

        def visit(text: str, _: Any, matrix: Any, __: Any, size: float) -> None:
            if wanted in text:
                sizes.append(size * matrix[3])

        self.reader.pages[page - 1].extract_text(visitor_text=visit)
        return sizes


def _middle(position: Any) -> tuple[float, float]:
    corners = (position.top_left, position.bottom_right)
    return sum(c.x for c in corners) / 2, sum(c.y for c in corners) / 2
