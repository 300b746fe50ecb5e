"""What other people wrote, made harmless before it goes anywhere: text without control signs, links that only lead to the web."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

LONGEST = 160
"""Signs of one value: names and titles beyond it are cut with an ellipsis."""
ISOLATE, END = "\u2068", "\u2069"

_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = re.compile(f"[{_DIRECTIONS}\u200b\u2060\ufeff\ufff9-\ufffb\ue000-\uf8ff\ud800-\udfff\U000e0000-\U000e007f]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SPACES = re.compile(r"\s+")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_UNSAFE = re.compile("[\x00-\x20\x7f-\xa0\\\\<>\"'`{}|^" + _DIRECTIONS + "\u2028\u2029]")
_ORDINARY = re.compile(r"https?://[a-z0-9][a-z0-9.-]{0,252}(?::[0-9]{1,5})?/[A-Za-z0-9/_-]{0,500}")
"""Addresses that need not be taken apart to see that they are harmless. Each mail has its own one, to its order's page."""
_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f-\x9f]+@[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f-\x9f]+")


def plain(text: str, longest: int = LONGEST) -> str:
    """One line of visible text, at most `longest` signs."""
    # What Python calls printable has no control or invisible signs and no blanks but the ordinary one: most texts are clean already.
    if len(text) <= longest and text.isprintable() and "  " not in text:
        return text.strip(" ")
    return cut(" ".join(_strip(text[: longest * 8]).split()), longest)


def lines(text: str, longest: int = 4000) -> str:
    """Text whose paragraphs matter, such as care tips or an opinion: line breaks stay, at most one empty line in a row."""
    kept = (_SPACES.sub(" ", line).strip() for line in _strip(text[: longest * 2]).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return cut(re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip(), longest)


def _strip(text: str) -> str:
    return _CONTROL.sub("", _INVISIBLE.sub("", text))


def cut(text: str, longest: int) -> str:
    """`text`, or its beginning with an ellipsis; an accent or emoji is not torn apart."""
    if len(text) <= longest:
        return text
    end = longest - 1
    while end > longest - 12 and _clings(text, end):
        end -= 1
    return text[:end].rstrip() + "…"


def _clings(text: str, at: int) -> bool:
    """The sign at `at` belongs to the one before it."""
    sign = text[at]
    tone = "\U0001f3fb" <= sign <= "\U0001f3ff"
    return tone or bool(unicodedata.combining(sign)) or sign in "\u200d\ufe0f\ufe0e" or text[at - 1] == "\u200d"


def isolated(text: str) -> str:
    """Text with right-to-left letters in Unicode isolates, so that it cannot reorder what stands around it."""
    return f"{ISOLATE}{text}{END}" if _RIGHT_TO_LEFT.search(text) else text


@lru_cache(maxsize=4096)
def web_url(url: str) -> str:
    """The address if it is a plain http or https one, else nothing."""
    if _ORDINARY.fullmatch(url):
        return url
    url = url.strip()
    if not url.lower().startswith(("https://", "http://")) or len(url) > 2000 or _UNSAFE.search(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.hostname and "@" not in parts.netloc else ""


def mail_address(text: str, what: str) -> str:
    """One bare mail address; raises `ValueError` naming `what` for anything else (lists, line breaks, display names)."""
    if len(text) > 254 or not _ADDRESS.fullmatch(text) or _INVISIBLE.search(text):
        raise ValueError(f"the {what} is not a mail address: {plain(text, 60)!r}")
    local, _, domain = text.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        raise ValueError(f"the {what}'s domain is not valid: {plain(text, 60)!r}") from None
