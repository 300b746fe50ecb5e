"""Percentiles, medians, slopes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

PERCENTS = (50.0, 95.0, 99.0, 99.9)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Nearest-rank percentile of an already sorted list; NaN of an empty one."""
    if not ordered:
        return math.nan
    return ordered[max(1, math.ceil(len(ordered) * percent / 100)) - 1]


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99, p99.9 and max in milliseconds; empty for no values."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    return {**{f"p{p:g}": round(percentile(ordered, p) * 1000, 3) for p in PERCENTS}, "max": round(ordered[-1] * 1000, 3)}


def summary(values: Sequence[float]) -> dict[str, float]:
    """Median, lowest and highest."""
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Rise of y for one unit of x, by Theil and Sen: the median of all pairs' slopes, which single outliers do not move; 0 for fewer than two."""
    rises = [(y2 - y1) / (x2 - x1) for i, (x1, y1) in enumerate(points) for x2, y2 in points[i + 1 :] if x2 != x1]
    return statistics.median(rises) if rises else 0.0


def short(value: float) -> str:
    """A figure with three significant digits, thousands apart: `1,240`, `18.3`, `0.045`."""
    if math.isnan(value):
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(digits, 6)}f}"
