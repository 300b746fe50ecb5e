"""Barcode and QR code as rectangles, so that they stay sharp at any size."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qrencoder import QR8bitByte, QRCode, QRErrorCorrectLevel

from connectors.errors import ConnectorError

REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,23}")
"""What a hand scanner types without surprises on every keyboard layout, and what fits on the label at a readable bar width."""
LONGEST_QR = 200
"""Bytes: up to version 10 at level M, 0.44 mm a module on the label's 25 mm, which any phone reads."""

Bar = tuple[int, int]
Run = tuple[int, int, int]


def check(reference: str, qr_text: str) -> None:
    """Refuse what cannot be printed as a code that is surely read. Raises `ConnectorError`, permanent."""
    if not REFERENCE.fullmatch(reference):
        raise ConnectorError(f"{reference!r:.60} cannot be a barcode: 3 to 24 of A-Z, 0-9 and hyphen", permanent=True)
    if len(qr_text.encode("utf-8", "replace")) > LONGEST_QR:
        raise ConnectorError(f"the QR text is longer than {LONGEST_QR} bytes", permanent=True)


def barcode(reference: str) -> tuple[tuple[Bar, ...], int]:
    """Code 128: ((offset, width), ...) of the black bars and the whole width, in modules, without the quiet zones."""
    symbol: Any = Code128(reference, quiet=0)
    symbol.validate()
    symbol.encode()
    bars, left = [], 0
    for char in symbol.decompose():
        span = ord(char.lower()) - ord("a") + 1
        if char.isupper():
            bars.append((left, span))
        left += span
    return tuple(bars), left


@lru_cache(maxsize=64)
def qr(text: str) -> tuple[tuple[Run, ...], int]:
    """QR at level M: ((row, column, length), ...) of the black runs and the modules on a side, without the quiet zone."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(QR8bitByte(text))
    code.make()
    runs = [(row, *run) for row in range(code.moduleCount) for run in _runs(code.modules[row])]
    return tuple(runs), int(code.moduleCount)


def _runs(row: list[bool]) -> list[Bar]:
    runs: list[Bar] = []
    for column, dark in enumerate(row):
        if not dark:
            continue
        if runs and sum(runs[-1]) == column:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((column, 1))
    return runs
