"""A flame graph as SVG: the width of a box is the share of samples, what it calls stands below it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from html import escape

from bench.sampled import PACKAGES, Frame

WIDTH, ROW, LEAST, DEEPEST = 1200.0, 17, 1.5, 60
"""Pixels: the picture, a row, the narrowest box that is drawn; rows."""
Box = tuple[float, int, float, str, float]
"""x, row, width, name, share."""
WARM = ("#e8a33d", "#e58e3a", "#e2793c", "#dd6b48", "#e6b04f", "#d98a4b")
OURS = ("#5b8fb9", "#4f83ad", "#6b9bc3", "#5a86a8")
"""Colours of libraries, and of our own code."""


def draw(root: Frame, title: str) -> str:
    """The whole tree; boxes tell their share when pointed at."""
    boxes = list(_boxes(root, 0.0, WIDTH, 0, max(1, root.count)))
    height = 40 + ROW * (max((row for _, row, *_ in boxes), default=0) + 1)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height}" font-family="sans-serif" font-size="11">'
    note = f'<text x="6" y="18" font-size="14">{escape(title)}: {root.count:,} samples; blue is our own code</text>'
    return "\n".join([head, f'<rect width="100%" height="{height}" fill="#fff"/>', note, *map(_box, boxes), "</svg>"]) + "\n"


def _boxes(frame: Frame, x: float, width: float, row: int, total: int) -> Iterator[Box]:
    if row > DEEPEST:
        return
    yield x, row, width, frame.name, frame.count / total
    for below in sorted(frame.below.values(), key=lambda f: f.name):
        part = width * below.count / max(1, frame.count)
        if part >= LEAST:
            yield from _boxes(below, x, part, row + 1, total)
        x += part


def _box(box: Box) -> str:
    x, row, width, name, share = box
    palette = OURS if any(f"({package}" in name for package in PACKAGES) else WARM
    colour, top = palette[zlib.crc32(name.encode()) % len(palette)], 30 + row * ROW
    letters = int((width - 6) / 6)
    text = f'<text x="{x + 3:.1f}" y="{top + 12}">{escape(name[:letters])}</text>' if letters > 3 else ""
    tip = f"<title>{escape(name)}: {share:.1%}</title>"
    return f'<g>{tip}<rect x="{x:.1f}" y="{top}" width="{max(0.5, width - 0.5):.1f}" height="{ROW - 1}" fill="{colour}" rx="1"/>{text}</g>'
