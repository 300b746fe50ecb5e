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
    """A code as it was read; `x` and `y` of its middle, in mm from the top left, and its sides."""

    kind: str
    text: str
    x: float
    y: float
    left: float
    right: float


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
        return [Code(f.format.name, f.text, *(value * mm for value in _place(f.position))) for f in found]

    def margin(self, page: int, code: Code, dpi: int = 200) -> tuple[float, float]:
        """White mm to the left and right of a code, up to the first ink."""
        picture = self._document[page - 1].render(scale=dpi / 72, grayscale=True).to_pil()
        band = picture.crop((0, round((code.y - 1) * dpi / 25.4), picture.width, round((code.y + 1) * dpi / 25.4))).resize((picture.width, 1))
        mm = 25.4 / dpi
        ink = [column * mm for column in range(picture.width) if band.getpixel((column, 0)) < 250]
        before = [x for x in ink if x < code.left - 0.5]
        after = [x for x in ink if x > code.right + 0.5]
        return code.left - max(before, default=0), min(after, default=picture.width * mm) - code.right

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


def _place(position: Any) -> tuple[float, float, float, float]:
    one, other = position.top_left, position.bottom_right
    return (one.x + other.x) / 2, (one.y + other.y) / 2, min(one.x, other.x), max(one.x, other.x)
