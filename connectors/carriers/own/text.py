"""Foreign text made harmless and fitted into boxes: names and titles come from strangers and may be anything."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.carriers.own import fonts
from connectors.carriers.own.arabic import shape

LONGEST = 600
"""Characters that are looked at: more than the largest box holds, so that a title of a megabyte costs nothing."""
EMOJI_FROM = 0x1F000
VARIATIONS = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""Variation selectors: they ask for a picture in place of a sign."""
MARKS = 2
"""Combining marks kept on one letter; piled-up marks would grow over the lines above."""
ELLIPSIS = "…"
LEADING = 1.22
"""From line to line, in ems."""
SMALLEST = 6.0
"""Points: below this nobody reads."""
MISSING = "?"
"""Stands for a letter that the faces lack (Chinese, Devanagari ...): better than a box that looks like an error."""


@dataclass(frozen=True)
class Fitted:
    """Lines in reading order and the size in points that they fit at."""

    lines: tuple[str, ...]
    size: float


@dataclass(frozen=True)
class Entry:
    """One text of a stack."""

    text: str
    size: float
    """In points, where there is room."""
    bold: bool = False
    lines: int = 2
    """At most, unless room is short."""


def clean(text: object, longest: int = LONGEST) -> str:
    """One line of printable text: no control, direction or invisible characters, no emoji, white space collapsed, Arabic joined.

    `longest`: characters; more than usual for what has to be whole.
    """
    raw = unicodedata.normalize("NFC", str(text)[: longest * 4])
    return shape(" ".join("".join(_printable(raw)).split())[:longest])


def _printable(text: str) -> Iterable[str]:
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MARKS:
            yield _drawn(char)


def _drawn(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if kind in ("Cf", "Cs", "Co", "Cn") or char in VARIATIONS or (kind[0] == "S" and ord(char) >= EMOJI_FROM):
        return ""
    if fonts.has(char):
        return char
    plain = unicodedata.normalize("NFKC", char)
    if plain != char and all(fonts.has(c) for c in plain):
        return plain
    return MISSING if kind[0] in "LNP" else ""


def fit(text: str, width: float, largest: float, smallest: float, lines: int = 1, *, bold: bool = False) -> Fitted:
    """Set cleaned `text` in at most `lines` lines of `width` points: at the largest size that holds it whole, else cut with `…`.

    Words are broken only at the smallest size. The result never exceeds the box, whatever the text.
    """
    size = largest
    while size > smallest:
        set_whole = _wrapped(text, width / size, bold)
        if set_whole is not None and len(set_whole) <= lines:
            return Fitted(tuple(set_whole), size)
        size -= 0.5
    broken = _wrapped(text, width / smallest, bold, break_words=True) or []
    if len(broken) > lines:
        broken = [*broken[: lines - 1], cut(broken[lines - 1] + ELLIPSIS, width / smallest, bold)]
    return Fitted(tuple(broken), smallest)


def stacked(entries: Sequence[Entry], width: float, height: float) -> list[tuple[Entry, Fitted]]:
    """The entries at the largest common scale at which all are whole and stay within `height` points; else cut with `…`.

    A stack of one line per entry at 6 points has to fit; where even that does not, nothing is drawn.
    """
    fallback: list[tuple[Entry, Fitted]] = []
    for scale, most in ((1.0, 9), (0.9, 9), (0.8, 9), (0.7, 9), (0.6, 9), (0.7, 1), (0.6, 1), (0.5, 1)):
        trial = [(entry, _scaled(entry, width, scale, min(most, entry.lines))) for entry in entries if entry.text]
        if _height(trial) > height:
            continue
        if not any(fitted.lines[-1].endswith(ELLIPSIS) for _, fitted in trial):
            return trial
        fallback = fallback or trial
    return fallback


def _height(stack: Sequence[tuple[Entry, Fitted]]) -> float:
    return sum(len(fitted.lines) * fitted.size * LEADING for _, fitted in stack)


def _scaled(entry: Entry, width: float, scale: float, lines: int) -> Fitted:
    largest = max(entry.size * scale, SMALLEST)
    return fit(entry.text, width, largest, max(largest * 0.7, SMALLEST), lines, bold=entry.bold)


def cut(text: str, ems: float, bold: bool = False) -> str:
    """`text` within `ems`, ended with `…` if something had to go."""
    if fonts.width(text, bold) <= ems:
        return text
    room, kept = ems - fonts.width(ELLIPSIS, bold), ""
    for char in text.rstrip(ELLIPSIS):
        room -= fonts.width(char, bold)
        if room < 0:
            break
        kept += char
    return kept.rstrip(" ,;:-") + ELLIPSIS


def _wrapped(text: str, ems: float, bold: bool, *, break_words: bool = False) -> list[str] | None:
    """The lines, or None when a word is wider than the box and may not be broken."""
    space = fonts.width(" ", bold)
    lines: list[list[str]] = [[]]
    used = -space
    for word in text.split():
        wide = fonts.width(word, bold)
        if wide > ems and not break_words:
            return None
        if used + space + wide <= ems:
            lines[-1].append(word)
            used += space + wide
            continue
        pieces = _broken(word, ems, bold) if wide > ems else [word]
        lines += [[piece] for piece in pieces]
        used = fonts.width(pieces[-1], bold)
    return [" ".join(line) for line in lines if line]


def _broken(word: str, ems: float, bold: bool) -> list[str]:
    """A word in pieces that fit; a piece has one character at least, so this always ends."""
    pieces, used = [""], 0.0
    for char in word:
        wide = fonts.width(char, bold)
        if pieces[-1] and used + wide > ems:
            pieces.append("")
            used = 0.0
        pieces[-1] += char
        used += wide
    return pieces
