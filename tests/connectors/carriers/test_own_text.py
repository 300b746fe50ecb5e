"""Foreign text: cleaned, joined, turned round and fitted."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.carriers.own import fonts
from connectors.carriers.own.arabic import shape
from connectors.carriers.own.bidi import visual
from connectors.carriers.own.colour import BLACK, LEGIBLE, WHITE, contrast, palette
from connectors.carriers.own.text import LEADING, Entry, clean, fit, stacked


@pytest.mark.parametrize(
    ("raw", "printed"),
    [
        ("  Ana\r\n\tNúñez \u00a0 Peña ", "Ana Núñez Peña"),
        ("Ana\x00\x1b[31m", "Ana [31m"),
        ("factura\u202egnp.exe\u200b", "facturagnp.exe"),
        ("Ana 😀👩‍👩‍👧🇪🇸❤\ufe0f", "Ana ❤"),
        ("\ud800Ana", "Ana"),
        ("田中", "??"),
        ("Ａｎａ 𝐀𝐧𝐚", "Ana Ana"),
        ("n\u0303", "ñ"),
        ("Ełżbieta Ğüneş Ørsted Ștefan Ωμέγα Щука", "Ełżbieta Ğüneş Ørsted Ștefan Ωμέγα Щука"),
    ],
)
def test_strangers_text_becomes_one_printable_line(raw: str, printed: str) -> None:
    assert clean(raw) == printed


def test_piled_up_marks_do_not_grow_over_the_lines_above() -> None:
    marks = [char for char in clean("a" + "\u0323" * 40) if unicodedata.combining(char)]

    assert len(marks) <= 2


@given(st.text(max_size=300))
def test_whatever_was_written_can_be_printed(raw: str) -> None:
    assert all(char == " " or fonts.has(char) for char in clean(raw))
    visual(clean(raw))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400), st.floats(20, 400), st.integers(1, 4), st.booleans())
def test_fitted_text_never_leaves_its_box(raw: str, width: float, lines: int, bold: bool) -> None:
    fitted = fit(clean(raw), width, 12, 7, lines, bold=bold)

    assert len(fitted.lines) <= lines
    assert all(fonts.width(line, bold) * fitted.size <= width + 0.01 for line in fitted.lines)


def test_text_shrinks_before_it_is_cut_and_is_cut_between_letters() -> None:
    text = "Calle del Comandante Fortea, 12"

    whole, small, cut = (fit(text, width, 12, 7) for width in (300, 130, 60))

    assert (whole.size, whole.lines) == (12, (text,))
    assert small.lines == (text,)
    assert small.size < 12
    assert cut.size == 7
    assert cut.lines[0].endswith("…")
    assert text.startswith(cut.lines[0].removesuffix("…"))


@given(st.lists(st.text(max_size=200), max_size=8), st.floats(100, 300))
def test_a_stack_never_grows_out_of_its_box(raw: list[str], width: float) -> None:
    stack = stacked([Entry(clean(text), 13) for text in raw], width, 70)

    assert sum(len(fitted.lines) * fitted.size * LEADING for _, fitted in stack) <= 70
    assert len(stack) == len([text for text in raw if clean(text)])


def test_arabic_letters_join() -> None:
    assert shape("محمد") == "\ufee3\ufea4\ufee4\ufeaa"
    assert shape("سلام") == "\ufeb3\ufefc\ufee1"
    assert shape("دار") == "\ufea9\ufe8d\ufead"
    assert unicodedata.normalize("NFKC", shape("الدار البيضاء")) == "الدار البيضاء"


@pytest.mark.parametrize(
    ("read", "drawn"),
    [
        ("Calle Sierpes, 42", "Calle Sierpes, 42"),
        ("אבג", "גבא"),
        ("רחוב הרצל 42, דירה 7", "7 הריד ,42 לצרה בוחר"),
        ("abc (אבג) def", "abc (גבא) def"),
        ("אבג (דהו)", "(והד) גבא"),
        ("שלום ABC-12 עולם", "םלוע ABC-12 םולש"),
        ("20000 אבג", "גבא 20000"),
        ("א 1.250,00 ₪", "₪ 1.250,00 א"),
        ("ABC אבג 12", "ABC 12 גבא"),
    ],
)
def test_right_to_left_text_is_drawn_in_its_order(read: str, drawn: str) -> None:
    assert visual(read) == drawn


def test_marks_stay_on_their_letter_when_the_order_turns() -> None:
    assert visual("שָׁלוֹם") == "םוֹלשָׁ"


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_any_accent_colour_can_be_read(accent: str) -> None:
    colours = palette(accent)

    assert contrast(colours.ink, WHITE) >= LEGIBLE
    assert contrast(colours.on_fill, colours.fill) >= LEGIBLE
    assert contrast(BLACK, colours.tint) > 15


def test_a_colour_that_is_none_does_not_stop_a_label() -> None:
    assert palette("red; drop") == palette("#1f5f5b")
