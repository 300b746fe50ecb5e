"""What people type into forms, as figures."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from flask import request

FIGURE = re.compile(r"(\d{1,9}|\d{1,3}(?:[.,]\d{3}){1,2}(?=[.,]))(?:[.,](\d{1,6}))?", re.ASCII)


class Unreadable(ValueError):
    """A field holds something else than a figure."""


def amount(field: str) -> Decimal:
    """A sum such as `12,50`, `12.50` or `1.234,50`; an empty field is nothing. Raises `Unreadable`."""
    typed = re.sub(r"[\s€%]", "", request.form.get(field, "")[:40])
    if not typed:
        return Decimal(0)
    found = FIGURE.fullmatch(typed)
    if found is None:
        raise Unreadable
    return Decimal(f"{re.sub('[.,]', '', found[1])}.{found[2] or 0}")


def count(field: str, most: int = 9999) -> int:
    """A whole number from 0 on; an empty field is 0. Raises `Unreadable`."""
    typed = request.form.get(field, "").strip() or "0"
    if not typed.isascii() or not typed.isdigit() or len(typed) > 5 or int(typed) > most:
        raise Unreadable
    return int(typed)


def line(field: str, longest: int) -> str:
    """One clean line."""
    return clean(request.form.get(field, ""))[:longest]


def clean(text: str) -> str:
    """Without what nobody can read: line breaks and tabs are blanks, and other control characters nothing."""
    return " ".join("".join(char if unicodedata.category(char)[0] != "C" else " " for char in text).split())
