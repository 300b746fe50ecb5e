"""Arabic letters as they join, for a PDF library that draws one glyph per character.

The joined forms are Unicode's own presentation forms (blocks FB50-FDFF and FE70-FEFF), read from the character database, so the table
needs no list of ours. Text passes through untouched unless it holds Arabic letters.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import chain

JOINING_ONLY = "\u0640"
"""Tatweel joins on both sides and keeps its shape."""


def shape(text: str) -> str:
    """`text`, in reading order, with each Arabic letter in the form that its neighbours ask for."""
    if not any("\u0600" <= char <= "\u06ff" for char in text):
        return text
    return "".join(_shaped(_with_ligatures(text)))


def _with_ligatures(text: str) -> list[str]:
    """The letters one by one, with lam + alef as the one unit that the script makes of them."""
    units: list[str] = []
    for char in text:
        if units and units[-1] + char in _forms():
            units[-1] += char
        else:
            units.append(char)
    return units


def _shaped(units: list[str]) -> list[str]:
    letters = [i for i, unit in enumerate(units) if not all(unicodedata.category(c) == "Mn" for c in unit)]
    shaped = list(units)
    for place, i in enumerate(letters):
        before = units[letters[place - 1]] if place else ""
        after = units[letters[place + 1]] if place + 1 < len(letters) else ""
        joined = (_joins_next(before), _joins_next(units[i]) and _joins_previous(after))
        shaped[i] = _form(units[i], *joined)
    return shaped


def _form(unit: str, to_previous: bool, to_next: bool) -> str:
    forms = _forms().get(unit, {})
    if to_previous and to_next and "medial" in forms:
        return forms["medial"]
    if to_previous and "final" in forms:
        return forms["final"]
    if to_next and "initial" in forms:
        return forms["initial"]
    return forms.get("isolated", unit)


def _joins_next(unit: str) -> bool:
    return unit == JOINING_ONLY or "initial" in _forms().get(unit, {})


def _joins_previous(unit: str) -> bool:
    return unit == JOINING_ONLY or "final" in _forms().get(unit, {})


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Letter (or lam + alef) -> {"initial" | "medial" | "final" | "isolated": presentation form}."""
    forms: dict[str, dict[str, str]] = {}
    for code in chain(range(0xFB50, 0xFDFE), range(0xFE70, 0xFEFD)):
        kind, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        base = "".join(chr(int(part, 16)) for part in letters.split())
        if len(base) == 1 or (len(base) == 2 and base[0] == "\u0644" and base[1] in "\u0622\u0623\u0625\u0627"):
            forms.setdefault(base, {}).setdefault(kind.strip("<>"), chr(code))
    return forms
