"""Right-to-left text in the order in which it is drawn.

The PDF library draws from left to right and nothing else, so a line is put into visual order first: the Unicode Bidirectional Algorithm
(UAX #9) without the explicit embedding codes, which `text.clean` takes out. Lines without right-to-left letters pass through untouched.
"""

from __future__ import annotations

import unicodedata

STRONG = {"L": "L", "R": "R", "AL": "R"}
NUMBERS = ("EN", "AN")
MIRROR = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


def visual(line: str) -> str:
    """One line of text, in reading order, as the glyphs stand from left to right."""
    kinds = [unicodedata.bidirectional(char) for char in line]
    if not {"R", "AL", "AN"} & set(kinds):
        return line
    base = next((int(kind != "L") for kind in kinds if kind in STRONG), 0)
    levels = _levels(_resolved(kinds, "R" if base else "L"), base)
    return "".join(_reordered(_clusters(line, levels)))


def _resolved(kinds: list[str], around: str) -> list[str]:
    """Every character's kind as L, R, EN or AN (rules W1 to W7, N1 and N2)."""
    kinds = _weak(kinds, around)
    result = list(kinds)
    start = 0
    while start < len(kinds):
        end = start
        while end < len(kinds) and kinds[end] == "ON":
            end += 1
        if end == start:
            start += 1
            continue
        before = _side(kinds[start - 1]) if start else around
        after = _side(kinds[end]) if end < len(kinds) else around
        result[start:end] = [before if before == after else around] * (end - start)
        start = end
    return result


def _weak(kinds: list[str], around: str) -> list[str]:
    """Marks take their letter's kind, separators and signs within numbers become numbers, the rest is neutral ("ON")."""
    kinds, letter = list(kinds), around
    for i, kind in enumerate(kinds):
        if kind == "NSM":
            kinds[i] = kinds[i - 1] if i else around
        elif kind in STRONG:
            letter = kind
        elif kind == "EN" and letter == "AL":
            kinds[i] = "AN"
    kinds = _number_signs([STRONG.get(kind, kind) for kind in kinds])
    letter = around
    for i, kind in enumerate(kinds):
        if kind in ("L", "R"):
            letter = kind
        elif kind == "EN" and letter == "L":
            kinds[i] = "L"
        elif kind not in NUMBERS:
            kinds[i] = "ON"
    return kinds


def _number_signs(kinds: list[str]) -> list[str]:
    for i in range(1, len(kinds) - 1):
        same = kinds[i - 1] == kinds[i + 1]
        if same and ((kinds[i] in ("ES", "CS") and kinds[i + 1] == "EN") or (kinds[i] == "CS" and kinds[i + 1] == "AN")):
            kinds[i] = kinds[i + 1]
    for i in [*range(len(kinds)), *reversed(range(len(kinds)))]:
        beside = kinds[max(i - 1, 0) : i + 2]
        if kinds[i] == "ET" and "EN" in beside:
            kinds[i] = "EN"
    return kinds


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _levels(kinds: list[str], base: int) -> list[int]:
    """Rules I1 and I2: odd levels run from right to left."""
    even = {"L": base, "R": base + 1, "EN": base + 2, "AN": base + 2}
    odd = {"L": base + 1, "R": base, "EN": base + 1, "AN": base + 1}
    return [(odd if base else even)[kind] for kind in kinds]


def _clusters(line: str, levels: list[int]) -> list[tuple[str, int]]:
    """(letter with its marks, level): marks stay behind their letter when the order turns round (rule L3)."""
    clusters: list[tuple[str, int]] = []
    for char, level in zip(line, levels, strict=True):
        if clusters and unicodedata.combining(char):
            clusters[-1] = (clusters[-1][0] + char, clusters[-1][1])
        else:
            clusters.append((char.translate(MIRROR) if level % 2 else char, level))
    return clusters


def _reordered(clusters: list[tuple[str, int]]) -> list[str]:
    """Rule L2: from the highest level down, turn every run of that level or higher round."""
    for level in range(max(level for _, level in clusters), 0, -1):
        start = 0
        while start < len(clusters):
            end = start
            while end < len(clusters) and clusters[end][1] >= level:
                end += 1
            clusters[start:end] = clusters[start:end][::-1]
            start = end + 1
    return [text for text, _ in clusters]
