"""The pictures of the papers: which of those that browser tests took (SCREENSHOTS names the folder) are shown, small enough for a page of text.

`make pages` takes them and calls this: `python -m tests.pictures FOLDER`.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).parents[1] / "docs/images"
SHOWN = {
    "return-1-what": "1-what",
    "return-2-why": "2-why",
    "return-3-how": "3-how",
    "return-4-way": "4-way",
    "return-5-check": "5-check",
    "return-6-sent": "6-sent",
    "return-7-label": "7-label",
    "return-8-paid": "8-paid",
    "withdrawal-1-form": "form-link",
    "withdrawal-2-review": "review",
    "withdrawal-3-receipt": "receipt",
}
"""Name in docs/images -> the picture that a test took, in Spanish, at 360 pixels."""
WIDTH, LONGEST, HEAVIEST = 540, 1800, 60_000
"""Pixels, pixels of height (what lies below is cut off), bytes."""


def file_of(name: str) -> Path:
    return IMAGES / f"{name}.es.webp"


def small(picture: Image.Image) -> bytes:
    """As WebP, in the quality that its weight allows. Raises `ValueError` if none does."""
    scaled = picture.convert("RGB").resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
    cut = scaled.crop((0, 0, WIDTH, min(LONGEST, scaled.height)))
    for quality in (90, 80, 70, 60):
        out = io.BytesIO()
        cut.save(out, "WEBP", quality=quality, method=6)
        if out.tell() < HEAVIEST:
            return out.getvalue()
    raise ValueError(f"a picture of {cut.width} x {cut.height} pixels does not fit into {HEAVIEST} bytes")


def main() -> None:
    """Raises `FileNotFoundError` for a picture that no test took."""
    taken = Path(sys.argv[1])
    for name, source in SHOWN.items():
        with Image.open(taken / f"{source}.png") as picture:
            file_of(name).write_bytes(small(picture))


if __name__ == "__main__":
    main()
