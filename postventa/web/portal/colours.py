"""One brand colour in, a readable palette out, light and dark: WCAG 2.2 AA whatever the merchant picked. Pure.

Text needs a contrast of 4.5, the edge of a control 3 (success criteria 1.4.3 and 1.4.11).
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

TEXT = 4.5
EDGE = 3.0
PAGE_LIGHT = "#f6f5f2"
CARD_LIGHT = "#ffffff"
PAGE_DARK = "#141517"
CARD_DARK = "#1f2124"


@dataclass(frozen=True)
class Palette:
    """Colours that depend on the brand, for one background."""

    button: str
    on_button: str
    edge: str
    """Outlines the button and what has the focus."""
    accent: str
    """Links and other coloured text."""


def light(brand: str) -> Palette:
    """On white and on the page's warm grey."""
    return _palette(brand, (PAGE_LIGHT, CARD_LIGHT), darker=True)


def dark(brand: str) -> Palette:
    """On the two dark greys."""
    return _palette(brand, (PAGE_DARK, CARD_DARK), darker=False)


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two colours such as "#1f5f5b": 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def stylesheet(brand: str) -> str:
    """CSS that hands both palettes to the pages' style sheet."""
    return f":root{{{_variables(light(brand))}}}\n@media (prefers-color-scheme:dark){{:root{{{_variables(dark(brand))}}}}}\n"


def _variables(palette: Palette) -> str:
    pairs = {"button": palette.button, "on-button": palette.on_button, "edge": palette.edge, "accent": palette.accent}
    return "".join(f"--{name}:{value};" for name, value in pairs.items())


def _palette(brand: str, backgrounds: tuple[str, ...], darker: bool) -> Palette:
    on_button = max(("#ffffff", "#000000"), key=lambda ink: contrast(ink, brand))
    return Palette(
        button=brand,
        on_button=on_button,
        edge=_shifted(brand, backgrounds, EDGE, darker),
        accent=_shifted(brand, backgrounds, TEXT, darker),
    )


def _shifted(colour: str, backgrounds: tuple[str, ...], wanted: float, darker: bool) -> str:
    """The nearest shade of `colour` that stands out from all `backgrounds`."""
    red, green, blue = (channel / 255 for channel in _channels(colour))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    for step in range(101):
        shade = lightness * (1 - step / 100) if darker else lightness + (1 - lightness) * step / 100
        found = _hex(colorsys.hls_to_rgb(hue, shade, saturation))
        if all(contrast(found, background) >= wanted for background in backgrounds):
            return found
    return "#000000" if darker else "#ffffff"


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
