"""The layout: MJML compiled once per process and brand colour, cut into fragments, filled per mail by joining strings.

`kit.mjml` holds the page and every block's fragment between `%%begin name%%` and `%%end name%%`; `%%slot%%` is filled per mail and
`$colour` before compiling. No mail's data ever meets the MJML compiler, and a value that was filled in is never looked at again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template

import mrml

from postventa.emails.clean import END, ISOLATE
from postventa.emails.colours import CARD, DARK_CARD, INK, palette

KIT = Path(__file__).with_name("kit.mjml")
STRONG, WEAK = "\ue000", "\ue001"
"""Emphasis within a rendered paragraph: private signs, which `clean` takes out of all data."""

COLOURS = {
    "ink": INK, "soft": "#5b626b", "foot": "#5f6368", "page": "#f4f2ee", "card": CARD, "panel": "#faf8f5", "line": "#e6e1d9",
    "hollow": "#8f877b", "rail": "#cfc8bd", "blank": "#efebe5",
    "dark_ink": "#f1efec", "dark_soft": "#b4b8be", "dark_page": "#131416", "dark_card": DARK_CARD, "dark_panel": "#27292d",
    "dark_line": "#3a3d42", "dark_hollow": "#7b8087",
}  # fmt: skip

_FRAGMENT = re.compile(r"%%begin (\w+)%%(.*?)%%end \1%%\s*", re.DOTALL)
_BARE_TABLE = re.compile(r"<table (?![^>]*role=)")
"""mrml leaves the role of an `mj-table` out."""
_STYLES = re.compile(r'<style.*?</style>|style="[^"]*"', re.DOTALL)
_OUTLOOK = "<!--[if mso | IE]>"
_SLOT = re.compile(r"%%(\w+)%%")
_BREAK = r"(?<=<table) |(?<=<td) |(?<=<div) (?=class=)|(?<=<meta) (?=name=)|(?<={)(?=[a-z])"
"""Where a new line changes nothing that anybody sees: before an attribute and in a rule."""


@dataclass(frozen=True)
class Kit:
    """One brand's compiled layout."""

    pieces: dict[str, str]
    """HTML with `%(named)s` places, the whole page (`page`) among them."""
    fill_colour: str
    on_fill: str

    def make(self, piece: str, /, **values: str) -> str:
        """One fragment, filled by HTML (already escaped); raises `KeyError` for a place that is missing."""
        return self.pieces[piece] % values


@lru_cache(maxsize=256)
def kit(colour: str) -> Kit:
    """The layout in a brand's colour, compiled the first time."""
    shades = palette(colour)
    source = _Dollar(KIT.read_text(encoding="utf-8")).substitute(COLOURS, **vars(shades))
    # Without `fonts`, mrml adds a link to a font service for every family that it knows by name.
    compiled = mrml.to_html(source, None, mrml.RenderOptions(fonts={}))
    html = _smaller(_BARE_TABLE.sub('<table role="presentation" ', compiled.content))
    pieces = {name: _places(_in_lines(inside, 0)) for name, inside in _FRAGMENT.findall(html)}
    return Kit(pieces | {"page": _places(_in_lines(_FRAGMENT.sub("", html), 300))}, shades.fill, shades.on_fill)


class _Dollar(Template):
    """`$name` with our lower-case names."""


def _places(html: str) -> str:
    """`%%slot%%` as Python's `%(slot)s`, everything else as it is."""
    pieces = [piece.replace("%", "%%") for piece in _SLOT.split(html.strip())]
    pieces[1::2] = [f"%({name})s" for name in pieces[1::2]]
    return "".join(pieces)


def _smaller(html: str) -> str:
    """Without what nobody sees: blanks in styles, and conditions for Outlook that end where the same one begins. On one line."""
    html = re.sub(r"\s*\n\s*", " ", html).replace(f"<![endif]-->{_OUTLOOK}", "")
    return _STYLES.sub(lambda styles: re.sub(r"\s*([:;,{}])\s*", r"\1", styles[0]).replace(";}", "}"), html)


def _in_lines(html: str, least: int) -> str:
    """Lines as mails may have them, of at least so many signs."""
    return re.sub(f"(.{{{least},}}?)(?:{_BREAK})", r"\1\n", in_ascii(html))


@lru_cache(maxsize=8192)
def markup(text: str) -> str:
    """Text of a paragraph as HTML: everything escaped, then emphasis, isolation and line breaks given their tags. ASCII, see `in_ascii`."""
    html = escape(text)
    for sign, tag in ((STRONG, "<strong>"), (WEAK, "</strong>"), (ISOLATE, '<bdi dir="auto">'), (END, "</bdi>"), ("\n", "<br>")):
        if sign in html:
            html = html.replace(sign, tag)
    return in_ascii(html)


def in_ascii(html: str) -> str:
    """Letters beyond ASCII as numbers: strings are a byte a sign, and the page travels as it is (`message.py`)."""
    return html if html.isascii() else html.encode("ascii", "xmlcharrefreplace").decode("ascii")


def without_markup(text: str) -> str:
    """The same paragraph for the text part."""
    return text.replace(STRONG, "").replace(WEAK, "")
