"""The brand's colour, made readable: WCAG 2.2 contrast, computed."""

from __future__ import annotations

from collections.abc import Callable
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from functools import cache

INK, SNOW = "#1d2126", "#ffffff"
CARD, DARK_CARD = "#ffffff", "#1f2124"
TEXT_CONTRAST, SHAPE_CONTRAST, DARK_SHAPE_CONTRAST = 4.5, 1.5, 2.0
STEPS = 40

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Palette:
    """What the layout needs of a brand, for a light and for a dark reader."""

    fill: str
    on_fill: str
    link: str
    dark_fill: str
    on_dark_fill: str
    dark_link: str


@cache
def palette(colour: str) -> Palette:
    """`colour` as `#rrggbb` (`config.Brand` checks it). Fills keep to the brand as far as they can be seen and carry words."""
    fill, dark_fill = _until(colour, CARD, _carries_text), _until(colour, DARK_CARD, _carries_text)
    link, dark_link = _until(colour, CARD, _is_text), _until(colour, DARK_CARD, _is_text)
    return Palette(fill, on(fill), link, dark_fill, on(dark_fill), dark_link)


def on(colour: str) -> str:
    """The text colour for a surface: white where it reads well enough, as brands expect it; else the better of the two."""
    if contrast(colour, SNOW) >= TEXT_CONTRAST:
        return SNOW
    return max((SNOW, INK), key=lambda text: contrast(colour, text))


def contrast(one: str, other: str) -> float:
    """1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _carries_text(colour: str, surface: str) -> bool:
    """A button is known by its words (WCAG 1.4.11 asks nothing of its edge), so a bright yellow may stay one; it only has to be seen."""
    seen = SHAPE_CONTRAST if surface == CARD else DARK_SHAPE_CONTRAST
    return contrast(colour, surface) >= seen and contrast(on(colour), colour) >= TEXT_CONTRAST


def _is_text(colour: str, surface: str) -> bool:
    return contrast(colour, surface) >= TEXT_CONTRAST


def _until(colour: str, surface: str, good: Callable[[str, str], bool]) -> str:
    """The colour, made darker on a light surface and lighter on a dark one, only as far as it takes to be `good` there; its hue stays."""
    hue, lightness, saturation = rgb_to_hls(*_rgb(colour))
    goal = 0.0 if _luminance(surface) > 0.5 else 1.0
    for step in range(STEPS):
        shade = _hex(*hls_to_rgb(hue, lightness + (goal - lightness) * step / STEPS, saturation)) if step else colour
        if good(shade, surface):
            return shade
    return _hex(goal, goal, goal)


def _luminance(colour: str) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _hex(*parts: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
