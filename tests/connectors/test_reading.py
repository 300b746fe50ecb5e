"""Bodies are bounded before they are parsed, and what comes out of them is clean."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Unreadable
from connectors.reading import MAX_DEPTH, MAX_NODES, Part, clean, country, currency, first_time, language, line, moment, money, parse, ref, url

PLAIN = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=20) | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.dictionaries(
    st.text(max_size=8),
    st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5), max_leaves=12),
    max_size=5,
)
"""Small ones: to invent a large document takes a hundred times as long as to read it, and depth and size have tests of their own."""


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


def test_the_deepest_allowed_body_is_read_and_one_level_more_is_not() -> None:
    assert parse(nested(MAX_DEPTH))
    with pytest.raises(Unreadable, match="deeper"):
        parse(nested(MAX_DEPTH + 1))


@given(DOCUMENTS, st.booleans())
def test_every_document_is_read_as_the_standard_library_reads_it(document: dict[str, Any], ascii_only: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert parse(body) == json.loads(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": "\\ud83d"}', {"a": "\ud83d"}),  # half of an emoji: some plugin cut a text
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'\xef\xbb\xbf{"a": 24.90}', {"a": Decimal("24.90")}),
        (b'{"a": 5e-3, "b": -0.0}', {"a": Decimal("0.005"), "b": 0}),
        (b'{"a": "%s"}' % (b"9" * 100), {"a": "9" * 100}),
    ],
)
def test_odd_but_readable_bodies_are_read(body: bytes, value: dict[str, Any]) -> None:
    found = parse(body)
    assert {key: Decimal(str(item)) if isinstance(item, float) else item for key, item in found.items()} == value


def test_brackets_inside_of_texts_do_not_count() -> None:
    assert parse(b'{"a":"' + b'[{\\"' * 1000 + b'"}')["a"].count("[") == 1000


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b'{"a":[' + b"0," * (MAX_NODES + 1) + b"0]}",
        b'{"a":1' + b"0" * 2_000_000 + b"}",
        b'{"a":0.' + b"1" * 2_000_000 + b"}",
        b'{"a":"' + b"x" * 2_000_000 + b'"}',
        b'{"a":"' + b'\\"' * 1_000_000,
        b'{"a":' + b'"' * 1_000_000,
    ],
    ids=["depth", "nodes", "long integer", "long fraction", "long text", "unfinished text", "quotes"],
)
def test_hostile_bodies_are_refused_in_a_moment(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(Unreadable):
        parse(body)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_numbers_that_are_none_are_refused(word: bytes) -> None:
    with pytest.raises(Unreadable, match="no number"):
        parse(b'{"total":' + word + b"}")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"\xff{}", "not UTF-8"),
        (b"[]", "a list"),
        (b"null", "null"),
        (b"true", "a yes or no"),
        (b"1.5", "a number"),
        (b'"x"', "a text"),
    ],
)
def test_what_is_no_object_is_refused_in_plain_words(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        parse(body)


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse(b'\xef\xbb\xbf{"id":1}') == {"id": 1}


def test_long_ids_and_exact_amounts_survive() -> None:
    body = parse(b'{"id":820982911946154508,"price":0.1}')
    assert Part(body).ref("id") == "820982911946154508"
    assert Part(body).money("price") == Decimal("0.1")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("María José", "María José"),
        ("a\x00b", "ab"),
        ("a\r\nBcc: x@y", "a Bcc: x@y"),
        ("  a \t b \u2028 c\u0085", "a b c"),
        ("\u202eevil\u202c", "evil"),
        ("\ud83d half", "half"),
        ("Zoë 🌸 שלום", "Zoë 🌸 שלום"),
        (12, "12"),
        (Decimal("1.50"), "1.50"),
        (True, ""),
        (None, ""),
        (["x"], ""),
    ],
)
def test_a_line_is_one_clean_line(value: Any, expected: str) -> None:
    assert line(value) == expected


def test_texts_are_cut_to_what_is_kept() -> None:
    assert len(line("Ñ" * 5000, 300)) == 300
    assert line("x" * 5000) == "x" * 100
    assert len(Part({"n": "a\n" * 9000}).note("n")) < 5001


def test_a_note_keeps_its_lines() -> None:
    assert Part({"note": " llamar\r\nantes\x07 "}).note("note") == "llamar\nantes"
    assert clean("a\u2028b") == "a\nb"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("12.50", "12.50"), ("-3.00", "-3.00"), (7, "7"), (Decimal("0.1"), "0.1"), ("", "0"), (None, "0"), ("0.00", "0.00"), ("1e2", "1E+2")],
)
def test_amounts_are_exact(value: Any, expected: str) -> None:
    assert str(money(value, "total")) == expected


@pytest.mark.parametrize("value", ["12,50", "abc", "NaN", "Infinity", "1e500", "9" * 30, True, [], {}, "1_0 "])
def test_what_is_no_amount_is_never_guessed(value: Any) -> None:
    if value == "1_0 ":
        assert money(value, "total") == 10
        return
    with pytest.raises(Unreadable, match="total"):
        money(value, "total")


def test_amounts_keep_six_decimals() -> None:
    assert money("8.610576833333333", "price") == Decimal("8.610577")
    assert money("1e-400", "price") == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (57, "57"),
        ("57", "57"),
        (0, ""),
        ("0", ""),
        ("", ""),
        (None, ""),
        (True, ""),
        (1.5, ""),
        ("a b", ""),
        ("x\n", ""),
        ("<b>", ""),
        ("9" * 101, ""),
    ],
)
def test_ids_are_strings_of_harmless_characters(value: Any, expected: str) -> None:
    assert ref(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-22T14:31:27", datetime(2026, 11, 22, 14, 31, 27, tzinfo=UTC)),
        ("2026-11-22T15:31:27+01:00", datetime(2026, 11, 22, 14, 31, 27, tzinfo=UTC)),
        ("2019-01-01 00:00:00.000Z", datetime(2019, 1, 1, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("1970-01-01T00:00:00", None),
        ("yesterday", None),
        ("", None),
        (1795357887, None),
        (None, None),
    ],
)
def test_times_are_aware_and_plausible(value: Any, expected: datetime | None) -> None:
    assert moment(value) == expected


def test_local_times_are_taken_in_the_shops_zone() -> None:
    assert moment("2026-07-01T12:00:00", ZoneInfo("Europe/Madrid")) == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


def test_without_any_time_there_is_no_fact() -> None:
    with pytest.raises(Unreadable, match="no time"):
        first_time(None, None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://tienda.example/a?b=c#d", "https://tienda.example/a?b=c#d"),
        ("http://tienda.example", "http://tienda.example"),
        ("javascript:alert(1)", ""),
        ("//tienda.example", ""),
        ("https://a b", ""),
        ("https://a\nb", ""),
        ('https://a"onclick="', ""),
        ("https://a/<script>", ""),
        ("data:text/html,x", ""),
        ("https://" + "a" * 3000, ""),
        (None, ""),
        (7, ""),
    ],
)
def test_only_web_addresses_become_links(value: Any, expected: str) -> None:
    assert url(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("es_ES", "es-ES"),
        ("es", "es"),
        ("pt-pt", "pt-PT"),
        ("de_DE_formal", "de-DE"),
        ("de_formal", "de"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("ca-valencia", "ca"),
        ("es-419", "es-419"),
        ("", ""),
        ("español", ""),
        ("x", ""),
        (None, ""),
        ("es; DROP TABLE", ""),
        (["es"], ""),
    ],
)
def test_languages_become_tags(value: Any, expected: str) -> None:
    assert language(value) == expected


def test_currencies_and_countries_are_codes_or_nothing() -> None:
    assert [currency(v, "EUR") for v in ("USD", "usd", "EURO", None, "€")] == ["USD", "EUR", "EUR", "EUR", "EUR"]
    assert [country(v) for v in ("ES", "es", "España", None, 34)] == ["ES", "ES", "", "", ""]


@pytest.mark.parametrize(
    ("value", "expected"), [(2, 2), ("2", 2), (Decimal("0.5"), 1), (-3, 0), ("many", 0), (None, 0), (True, 0), (10**30, 1_000_000), ("NaN", 0)]
)
def test_quantities_are_whole_and_never_negative(value: Any, expected: int) -> None:
    assert Part({"quantity": value}).count("quantity") == expected


def test_a_part_survives_anything_in_place_of_what_it_should_hold() -> None:
    part = Part({"a": [1, None, {"b": 2}, "x"], "c": "text", "d": {"e": []}})
    assert [item.raw for item in part.parts("a")] == [{"b": 2}]
    assert list(part.parts("c")) == []
    assert not part.part("c")
    assert part.part("d").text("e") == ""
    assert not Part(None)
    assert "missing" not in part
