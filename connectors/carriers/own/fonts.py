"""The two faces that labels are set in, shipped beside this file because PDF's own fonts know Latin-1 only."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).parent / "fonts"
FILES = {"Postventa": "DejaVuSansCondensed.ttf", "Postventa-Bold": "DejaVuSansCondensed-Bold.ttf"}
ASCENT = 0.76
"""The height of a capital with its accent, in ems: what a first line needs above its baseline."""


@cache
def _loaded() -> dict[str, TTFont]:
    fonts = {name: TTFont(name, str(FOLDER / file)) for name, file in FILES.items()}
    for font in fonts.values():
        pdfmetrics.registerFont(font)
    return fonts


def face(bold: bool) -> str:
    """The name to give to the canvas."""
    _loaded()
    return "Postventa-Bold" if bold else "Postventa"


@lru_cache(maxsize=4096)
def width(text: str, bold: bool = False) -> float:
    """The width in ems: times the size, it is the width in points. There is no kerning: widths add up."""
    return float(pdfmetrics.stringWidth(text, face(bold), 1))


@cache
def has(char: str) -> bool:
    """Whether both faces can draw it."""
    return all(ord(char) in font.face.charToGlyph for font in _loaded().values())
