"""Reading what somebody sent without trusting it: bounded JSON, cleaned texts, exact money, aware times.

A signature proves who sent a body, not that it is sane: plugins write what they like. What is merely odd becomes an empty value;
what would make a wrong statement about money or identity raises `Unreadable`, in words for the person who will look at it.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from connectors.errors import Unreadable

MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_NUMBER = 64
"""Digits of one number; amounts and ids have at most twenty."""
MAX_STRING = 1_000_000
MAX_COUNT = 1_000_000
"""A larger quantity is read as this one."""

WORD, NAME, TITLE, ADDRESS, NOTE, URL = 100, 300, 1000, 300, 5000, 2000
"""The longest text that is kept of a status word, a person's name, a product's title, one part of an address, a note, a link."""

_DIGITS_ONLY, _LONG_NUMBER = bytes(48 if 48 <= code <= 57 else 32 for code in range(256)), b"0" * (MAX_NUMBER + 1)
_STEP = 8
_LONG_IN_STEPS = b"0" * (MAX_NUMBER // _STEP)
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_QUOTED = re.compile(rb'"[^"]*"?')
_NO_SHAPE, _NO_BRACKETS = bytes(set(range(256)) - set(b'[]{},"')), bytes(set(range(256)) - set(b'[]{}"'))
_ROUNDS = 5
_HIDDEN = re.compile("[\x00\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Never part of a text: NUL, byte order marks, switches of the writing direction, halves of surrogate pairs."""
_CONTROL = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"\s+")
_URL = re.compile(r"(?i:https?)://[^\s\"'<>\\^`{|}\x00-\x20\x7f]+\Z")
_REF = re.compile(r"[\w./:#@=+-]{1,100}\Z", re.ASCII)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:[-_]\w+)*\Z")
_CURRENCY, _COUNTRY = re.compile(r"[A-Z]{3}\Z", re.ASCII), re.compile(r"[A-Za-z]{2}\Z", re.ASCII)
_TOO_MUCH = Decimal(10) ** 12
_AMOUNT = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?\Z", re.ASCII)
"""How nearly every amount is written: finite, small enough, and no more decimals than are kept."""


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object that `body` holds. Raises `Unreadable` for anything else, and for what is too deep, too big or no JSON."""
    _measure(body)
    value = _parsed(body)
    if not isinstance(value, dict):
        raise Unreadable(f"the body is no JSON object but {_KINDS.get(type(value), 'something else')}")
    return value


def _parsed(body: bytes) -> Any:
    """By the fast parser what it takes; the standard library's has the last word, and knows better what is wrong."""
    if not _has_long_number(body):
        try:
            return from_json(body, allow_inf_nan=False, cache_strings="keys")
        except ValueError:
            pass
    try:
        return json.loads(body.decode("utf-8-sig"), parse_int=_whole, parse_float=_decimal, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise Unreadable(f"the body is not UTF-8 (byte {error.start})") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the body is not JSON: {str(error)[:WORD]}") from None


def _has_long_number(body: bytes) -> bool:
    """Whether more digits follow one another than a number may have. Most bodies are acquitted by every eighth of their bytes alone."""
    return _LONG_IN_STEPS in body[::_STEP].translate(_DIGITS_ONLY) and _LONG_NUMBER in body.translate(_DIGITS_ONLY)


_KINDS: dict[type, str] = {
    list: "a list", str: "a text", int: "a number", float: "a number", Decimal: "a number", bool: "a yes or no", type(None): "null",
}  # fmt: skip


def _measure(body: bytes) -> None:
    """Count before parsing, so that a hostile body costs neither memory nor the stack."""
    if len(body) > MAX_STRING:
        _STRINGS.sub(_weigh, body)
    plain = body.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in body else body
    if len(plain) > MAX_NODES and len(_outside_of_texts(plain, _NO_SHAPE)) > MAX_NODES:
        raise Unreadable(f"the JSON has more than {MAX_NODES} values")
    brackets = _outside_of_texts(plain, _NO_BRACKETS)
    if not _is_shallow(brackets) and _depth(brackets) > MAX_DEPTH:
        raise Unreadable(f"the JSON is nested deeper than {MAX_DEPTH} levels")


def _outside_of_texts(plain: bytes, noise: bytes) -> bytes:
    """What stands in a text and what does not is the same without two quotes side by side."""
    shape = plain.translate(None, noise).replace(b'""', b"")
    return _QUOTED.sub(b"", shape) if b'"' in shape else shape


def _is_shallow(brackets: bytes) -> bool:
    """A quick way to know it of nearly every body: without its innermost pairs it is less deep by one level at most."""
    for _ in range(_ROUNDS):
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return len(brackets) + 2 * _ROUNDS <= MAX_DEPTH


def _depth(brackets: bytes) -> int:
    depth = deepest = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _weigh(found: re.Match[bytes]) -> bytes:
    if found.end() - found.start() > MAX_STRING:
        raise Unreadable(f"a text in the JSON is longer than {MAX_STRING} bytes")
    return b""


def _whole(digits: str) -> int:
    if len(digits) > MAX_NUMBER:
        raise Unreadable("a number in the JSON has too many digits")
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) > MAX_NUMBER:
        raise Unreadable("a number in the JSON has too many digits")
    return Decimal(digits)


def _constant(word: str) -> None:
    raise Unreadable(f"the JSON holds {word}, which is no number")


class Part:
    """One JSON object. Its methods never fail on a missing or odd value, `money` and `time_or` apart."""

    __slots__ = ("raw",)

    def __init__(self, raw: Any) -> None:
        self.raw: dict[str, Any] = raw if isinstance(raw, dict) else {}

    def __bool__(self) -> bool:
        return bool(self.raw)

    def __contains__(self, key: str) -> bool:
        return self.raw.get(key) is not None

    def part(self, key: str) -> Part:
        """The object under `key`, empty if there is none."""
        return Part(self.raw.get(key))

    def parts(self, key: str) -> list[Part]:
        """The objects in the list under `key`."""
        value = self.raw.get(key)
        return [Part(item) for item in value if isinstance(item, dict)] if value and isinstance(value, list) else []

    def text(self, key: str, limit: int = WORD) -> str:
        """One clean line, at most `limit` characters."""
        value = self.raw.get(key)
        if isinstance(value, str) and len(value) <= limit and value.isprintable() and "  " not in value:
            return value.strip()  # what `line` would do first: orders hold so many texts that the call itself is felt
        return line(value, limit)

    def note(self, key: str, limit: int = NOTE) -> str:
        """A clean text that may have several lines."""
        return clean(_as_text(self.raw.get(key)))[:limit].strip()

    def ref(self, key: str) -> str:
        """A platform's id as a string; empty when there is none (WooCommerce's 0 included)."""
        return ref(self.raw.get(key))

    def url(self, key: str) -> str:
        """An http(s) address, else empty."""
        return url(self.raw.get(key))

    def flag(self, key: str) -> bool:
        return self.raw.get(key) is True

    def money(self, key: str) -> Decimal:
        """An amount, 0 when there is none. Raises `Unreadable` for what is no amount: a wrong sum must never reach a customer."""
        return money(self.raw.get(key), key)

    def count(self, key: str) -> int:
        """A quantity, at least 0; parts of a piece (cloth by the metre) count as a whole one."""
        value = self.raw.get(key)
        if type(value) is int and 0 <= value <= MAX_COUNT:
            return value
        return _count(value)

    def time(self, key: str, zone: tzinfo = UTC) -> datetime | None:
        """An aware UTC time; one without an offset is taken in `zone`."""
        return moment(self.raw.get(key), zone)


def _count(value: Any) -> int:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return 0
    return int(min(max(number, Decimal(0)), Decimal(MAX_COUNT)).to_integral_value(rounding="ROUND_CEILING")) if number.is_finite() else 0


def line(value: Any, limit: int = WORD) -> str:
    """`value` as one clean line."""
    if isinstance(value, str) and len(value) <= limit and value.isprintable() and "  " not in value:
        return value.strip()  # most are: the blank is the only white space that counts as printable
    if value is None:
        return ""
    text = clean(_as_text(value)[: limit * 4 + 1000])
    return _BLANKS.sub(" ", text).strip()[:limit]


def clean(value: str) -> str:
    """Without characters that have no place in a text; line ends are `\\n`."""
    if value.isprintable():
        return value  # most are: none of what follows counts as printable
    text = _HIDDEN.sub("", value).replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _CONTROL.sub(" ", text)


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else ""


def ref(value: Any) -> str:
    """An id as a string: digits or a word of harmless characters; everything else is no id."""
    if type(value) is int and 0 < value < 10**20:
        return str(value)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or text in ("0", ""):
        return ""
    return text if _REF.match(text) else ""


def url(value: Any) -> str:
    """An http(s) address that is safe to put into a link, else empty."""
    text = value.strip() if isinstance(value, str) else ""
    return text if len(text) <= URL and _URL.match(text) else ""


def money(value: Any, what: str) -> Decimal:
    """See `Part.money`; `what` names the amount in the message."""
    known = _plain_amount(value) if type(value) is str and len(value) <= 20 else None
    return known if known is not None else _amount(value, what)


@lru_cache(maxsize=2048)
def _plain_amount(text: str) -> Decimal | None:
    """The same few prices come again and again."""
    return Decimal(text) if _AMOUNT.match(text) else None


def _amount(value: Any, what: str) -> Decimal:
    if value is None or value == "":
        return Decimal(0)
    try:
        amount = Decimal(str(value).strip()) if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not -_TOO_MUCH < amount < _TOO_MUCH:
        raise Unreadable(f'"{what}" should be an amount of money, but says {line(repr(value), 40)}')
    return amount.quantize(Decimal("0.000001")).normalize() + Decimal(0) if int(amount.as_tuple().exponent) < -6 else amount


def moment(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """See `Part.time`. Years that cannot be meant (before 2000, after 2099) are no time."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        if found.tzinfo is not UTC:
            found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if 2000 <= found.year <= 2099 else None


def first_time(*candidates: datetime | None) -> datetime:
    """The first time that is known. Raises `Unreadable` when none is: a fact without a time cannot be put in order."""
    for candidate in candidates:
        if candidate is not None:
            return candidate
    raise Unreadable("the body carries no time, and it is not known when it arrived")


def language(value: Any) -> str:
    """A BCP 47 tag (`es_ES_formal` becomes `es-ES`), else empty."""
    return _tag(value.strip()) if isinstance(value, str) and len(value) <= 35 else ""


@lru_cache(maxsize=256)
def _tag(text: str) -> str:
    found = _LANGUAGE.match(text)
    if found is None:
        return ""
    tag, script, region = found.groups(default="")
    return "-".join(part for part in (tag.lower(), script.title(), region.upper()) if part)


def currency(value: Any, otherwise: str) -> str:
    """An ISO 4217 code, else `otherwise`."""
    return value if isinstance(value, str) and _CURRENCY.match(value) else otherwise


def country(value: Any) -> str:
    """An ISO 3166-1 alpha-2 code in upper case, else empty."""
    return value.upper() if isinstance(value, str) and _COUNTRY.match(value) else ""
