"""What is read quickly because nearly every value is plain is read as the long way round would read it.

The long way stands here, step by step and without a thought for time.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors import reading
from connectors.errors import Unreadable
from connectors.reading import MAX_DEPTH, MAX_NODES, MAX_NUMBER, WORD, Part, clean, line, moment, money, parse, ref

DIGITS = st.text("0123456789٣४²", min_size=1, max_size=14)
NUMBERS = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(["", "", " ", "\n", "\u00a0"]),
    st.sampled_from(["", "", "-", "+", "--"]),
    DIGITS,
    st.sampled_from(["", ".", ",", "_", "e", "E-"]),
    st.just("") | DIGITS,
    st.sampled_from(["", "", " ", "\n", "€"]),
)
WORDS = st.text("ab  \u00a0\t\r\n\x00\x07\u2028\u202e\ufeff\ud800é🌸.-/<0", max_size=12)
SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 12) | st.integers(-(10**40), 10**40) | st.floats() | st.decimals()
    | NUMBERS | WORDS | st.text(max_size=8)
    | st.sampled_from(["", "0", "-0.00", "NaN", "Infinity", "1e400", "1000001", "999999999999.999999", "1000000000000", 10**6, 10**6 + 1, 10**20, []])
)  # fmt: skip
TIMES = WORDS | st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", " "]),
    st.datetimes().map(datetime.isoformat),
    st.sampled_from(["", "Z", "+00:00", "-03:30", "+24:00"]),
    st.sampled_from(["", "\n", "x"]),
)


def the_long_line(value: Any, limit: int) -> str:
    return re.sub(r"\s+", " ", clean(as_text(value)[: limit * 4 + 1000])).strip()[:limit]


def as_text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool) else ""


def the_long_count(value: Any) -> int:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return 0
    if not number.is_finite() or number <= 0:
        return 0
    return 1_000_000 if number > 1_000_000 else math.ceil(number)


def the_long_amount(value: Any) -> str:
    if value is None or value == "":
        return "0"
    try:
        amount = Decimal(as_text(value).strip())
    except InvalidOperation:
        return "refused"
    if not amount.is_finite() or not -(10**12) < amount < 10**12:
        return "refused"
    return str(amount if int(amount.as_tuple().exponent) >= -6 else amount.quantize(Decimal("0.000001")).normalize() + Decimal(0))


def the_long_ref(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and text != "0" and re.fullmatch(r"[\w./:#@=+-]{1,100}", text, re.ASCII) else ""


def the_long_moment(value: str, zone: tzinfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(value.strip())
        found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if 2000 <= found.year <= 2099 else None


def the_long_measure(body: bytes) -> str:
    """What stands in texts is taken away letter by letter; what is left is counted."""
    marks, depth, deepest, inside, escaped = 0, 0, 0, False, False
    for letter in body.decode("latin-1"):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"':
            inside = not inside
        elif not inside and letter in "[]{},":
            marks += 1
            depth += {"[": 1, "{": 1, ",": 0}.get(letter, -1)
            deepest = max(deepest, depth)
    return "nodes" if marks > MAX_NODES else "depth" if deepest > MAX_DEPTH else "read"


def amount(value: Any) -> str:
    try:
        return str(money(value, "total"))
    except Unreadable:
        return "refused"


def measured(body: bytes) -> str:
    try:
        reading._measure(body)
    except Unreadable as error:
        return "nodes" if "values" in str(error) else "depth"
    return "read"


@given(SCALARS, st.sampled_from([1, 3, WORD]))
def test_lines(value: Any, limit: int) -> None:
    assert line(value, limit) == Part({"name": value}).text("name", limit) == the_long_line(value, limit)


@pytest.mark.parametrize("length", [WORD - 1, WORD, WORD + 1, WORD * 4 + 999, WORD * 4 + 1000, WORD * 4 + 1001])
@pytest.mark.parametrize("filling", ["x", " ", "x ", "x\u00a0", "é\n"])
def test_lines_as_long_as_may_be(length: int, filling: str) -> None:
    text = (filling * length)[: length - 1] + "y"
    assert line(text) == the_long_line(text, WORD)


@given(SCALARS)
@example(10**6 + 1)
@example("1e999999999999")
@example("-1e999999999999")
@example("sNaN")
def test_quantities(value: Any) -> None:
    found = Part({"quantity": value}).count("quantity")
    assert (found, type(found)) == (the_long_count(value), int)


@given(SCALARS)
@example("٣.٤٤")
@example(" 12.90")
@example("12.90\n")
@example("-999999999999.999999")
@example("1e9999999")
@example("-1e9999999")
@example("1e-9999999")
def test_amounts(value: Any) -> None:
    """To the last digit and the sign of nothing, the second time as well as the first."""
    for _ in range(2):
        assert amount(value) == the_long_amount(value)


def test_a_bad_amount_is_called_by_the_name_of_each_place_where_it_stands() -> None:
    for what in ("total", "price"):
        with pytest.raises(Unreadable, match=f"\"{what}\" should be an amount of money, but says '12,50'"):
            money("12,50", what)


@given(SCALARS)
def test_ids(value: Any) -> None:
    assert ref(value) == the_long_ref(value)


@given(TIMES, st.sampled_from([UTC, ZoneInfo("Europe/Madrid")]))
@example("2026-10-25T02:30:00", ZoneInfo("Europe/Madrid"))
@example("2026-11-22T15:31:27Z", UTC)
def test_times(value: str, zone: tzinfo) -> None:
    found = moment(value, zone)
    assert found == the_long_moment(value, zone)
    assert found is None or found.tzinfo is UTC


PIECES = st.sampled_from(
    [b"{", b"}", b"[", b"]", b",", b'"', b'""', b"\\\\", b'\\"', b'"}"', b'"{"', b'"\\"]"', b"1", b'{"a":', b"[" * 20, b"{}" * 9, b"]}"]
)


@given(st.lists(PIECES, max_size=60).map(b"".join))
@example(b"[{" * 40)
@example(b'{"a":"}","b":' * 65)
@example(b'[{"":"\\\\"},' * 65)
def test_depth_whatever_stands_in_texts(body: bytes) -> None:
    assert measured(body) == the_long_measure(body)


@pytest.mark.parametrize("pair", [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"x":"]"},', b"]"), (b'[{"a":[]},{},', b"1]"), (b'["{",', b"2]")])
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_depth_at_its_very_end(pair: tuple[bytes, bytes], over: int) -> None:
    body = pair[0] * (MAX_DEPTH + over - 1) + b"{}" + pair[1] * (MAX_DEPTH + over - 1)
    assert measured(body) == the_long_measure(body)


@pytest.mark.parametrize("text", [b"1,", b'"[",', b'"\\"",'])
@pytest.mark.parametrize("over", [-2, -1, 0, 1])
def test_values_at_their_very_end(text: bytes, over: int) -> None:
    body = b"[" + text * (MAX_NODES + over) + b"1]"
    assert measured(body) == the_long_measure(body)


@given(st.integers(MAX_NUMBER - 8, MAX_NUMBER + 8), st.integers(0, 20))
def test_long_numbers_wherever_they_begin(digits: int, before: int) -> None:
    body = b'{"a":' + b" " * before + b"1" * digits + b"}"
    if digits <= MAX_NUMBER:
        assert parse(body) == {"a": int("1" * digits)}
        return
    with pytest.raises(Unreadable, match="too many digits"):
        parse(body)
