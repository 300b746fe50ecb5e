"""The shop's accent colour, made legible on paper whatever was chosen."""

from __future__ import annotations

import re
from dataclasses import dataclass

Rgb = tuple[float, float, float]

BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (1, 1, 1)
GREY: Rgb = (0.36, 0.36, 0.36)
"""Captions: 6.9 : 1 on white."""
RULE: Rgb = (0.8, 0.8, 0.8)
DEFAULT = "#1f5f5b"
LEGIBLE = 4.5
"""The least contrast of text with its ground (WCAG 2.2, 1.4.3)."""


@dataclass(frozen=True)
class Palette:
    fill: Rgb
    """The accent itself, for surfaces."""
    on_fill: Rgb
    """Text on it: black or white, whichever is seen better."""
    ink: Rgb
    """The accent as a text colour on white: darkened until it can be read."""
    tint: Rgb
    """A breath of it, for the ground of a box."""


def palette(accent: str) -> Palette:
    """The colours made from `accent` (`#rrggbb`; anything else counts as the default)."""
    known = accent if re.fullmatch(r"#[0-9a-fA-F]{6}", accent) else DEFAULT
    fill: Rgb = (int(known[1:3], 16) / 255, int(known[3:5], 16) / 255, int(known[5:7], 16) / 255)
    ink = fill
    while contrast(ink, WHITE) < LEGIBLE:
        ink = _mixed(ink, BLACK, 0.1)
    on_fill = max(BLACK, WHITE, key=lambda text: contrast(text, fill))
    return Palette(fill, on_fill, ink, _mixed(fill, WHITE, 0.92))


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio as WCAG 2.2 defines it, 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (a + (b - a) * share for a, b in zip(colour, other, strict=True))
    return red, green, blue
