"""Small pictures as SVG, in light and dark: bars with the range of their repetitions, and lines over sizes or time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bench.numbers import short

WIDTH, LEFT, RIGHT, BAR, TOP = 720.0, 150.0, 90.0, 24.0, 46.0
COLOURS = ("#1f6f8b", "#d08a2e", "#a8572a", "#6a8f3c", "#7a5ea8", "#b04a6a", "#4a7ab0", "#8a8a3a")
STYLE = (
    "<style>text{font-family:system-ui,sans-serif;font-size:12px;fill:#222}.t{font-size:14px;font-weight:600}.s{fill:#666}.g{stroke:#ddd}"
    ".w{stroke:#222;stroke-width:1.2}.b{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#e6e6e6}.s{fill:#a0a0a0}.g{stroke:#444}"
    ".w{stroke:#eee}.b{fill:#161616}}</style>"
)
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Bar:
    """One contender: median, lowest and highest."""

    name: str
    value: float
    low: float
    high: float


def bars(title: str, subtitle: str, found: Sequence[Bar], unit: str) -> str:
    """One bar for each contender, from zero on."""
    most = max([bar.high for bar in found] + [1e-9])
    scale = (WIDTH - LEFT - RIGHT) / most
    parts = []
    for row, bar in enumerate(found):
        y, colour = TOP + row * (BAR + 10), COLOURS[row % len(COLOURS)]
        middle, low, high = y + BAR / 2, LEFT + bar.low * scale, LEFT + bar.high * scale
        parts.append(f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(bar.name)}</text>')
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{max(1.0, bar.value * scale):.1f}" height="{BAR}" fill="{colour}" rx="2"/>')
        if bar.high > bar.low:
            parts.append(f'<path class="w" d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 4}v8M{high:.1f} {middle - 4}v8" fill="none"/>')
        parts.append(f'<text x="{high + 8:.1f}" y="{middle + 4}">{short(bar.value)} {escape(unit)}</text>')
    return _picture(title, subtitle, parts, TOP + len(found) * (BAR + 10) + 6)


def lines(title: str, subtitle: str, series: Mapping[str, Points], x_unit: str, y_unit: str, *, logarithmic: bool = False) -> str:
    """One line for each series. `logarithmic`: both axes, by powers of ten."""
    height, bottom = 320.0, 44.0
    move = math.log10 if logarithmic else float
    xs = [move(x) for points in series.values() for x, _ in points]
    ys = [move(max(y, 1e-3)) if logarithmic else y for points in series.values() for _, y in points]
    x_axis, y_axis = _axis(min(xs), max(xs), logarithmic), _axis(min(ys) if logarithmic else 0.0, max(ys), logarithmic)
    left, right, top = 64.0, 190.0, TOP + 16

    def at(x: float, y: float) -> tuple[float, float]:
        across = (x - x_axis[0]) / (x_axis[-1] - x_axis[0]) * (WIDTH - left - right)
        up = (y - y_axis[0]) / (y_axis[-1] - y_axis[0]) * (height - top - bottom)
        return left + across, height - bottom - up

    parts = [_grid(at(x_axis[0], y), at(x_axis[-1], y), _tick(10**y if logarithmic else y), sideways=True) for y in y_axis]
    parts += [_grid(at(x, y_axis[0]), at(x, y_axis[-1]), _tick(10**x if logarithmic else x), sideways=False) for x in x_axis]
    parts.append(f'<text class="s" x="{left}" y="{height - 8}">{escape(x_unit)} →</text><text class="s" x="8" y="{top - 10}">{escape(y_unit)}</text>')
    for number, (name, points) in enumerate(series.items()):
        parts += _line(name, [at(move(x), move(max(y, 1e-3)) if logarithmic else y) for x, y in points], number)
    return _picture(title, subtitle, parts, height)


def _line(name: str, path: Points, number: int) -> list[str]:
    colour = COLOURS[number % len(COLOURS)]
    drawn = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in path)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in path] if len(path) < 12 else []
    y = TOP + 22 + number * 17
    key = f'<rect x="{WIDTH - 178}" y="{y - 9}" width="12" height="10" rx="2" fill="{colour}"/><text x="{WIDTH - 160}" y="{y}">{escape(name)}</text>'
    return [f'<path d="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>', *dots, key]


def _grid(begin: tuple[float, float], end: tuple[float, float], label: str, *, sideways: bool) -> str:
    x, y = (begin[0] - 6, begin[1] + 4) if sideways else (begin[0], begin[1] + 16)
    line = f'<path class="g" d="M{begin[0]:.1f} {begin[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"/>'
    return f'{line}<text class="s" x="{x:.1f}" y="{y:.1f}" text-anchor="{"end" if sideways else "middle"}">{label}</text>'


def _tick(value: float) -> str:
    return f"{value:,.10g}"


def _axis(low: float, high: float, logarithmic: bool) -> list[float]:
    """Where lines of the grid stand: whole powers of ten, or round steps."""
    if logarithmic:
        return [float(n) for n in range(math.floor(low + 1e-9), max(math.floor(low + 1e-9) + 1, math.ceil(high - 1e-9)) + 1)]
    span = max(high - low, 1e-9)
    step = 10 ** math.floor(math.log10(span / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 6)
    first = math.floor(low / step)
    return [n * step for n in range(first, max(first + 1, math.ceil(high / step - 1e-9)) + 1)]


def _picture(title: str, subtitle: str, parts: Sequence[str], height: float) -> str:
    size = f'viewBox="0 0 {WIDTH:.0f} {height:.0f}" width="{WIDTH:.0f}" height="{height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">{STYLE}'
    words = f'<rect class="b" width="100%" height="100%"/><text class="t" x="8" y="18">{escape(title)}</text>'
    words += f'<text class="s" x="8" y="35">{escape(subtitle)}</text>'
    return "\n".join([head, words, *parts, "</svg>"]) + "\n"
