"""Whatever the brand's colour, the words on it and in it can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postventa.emails.colours import CARD, DARK_CARD, SNOW, contrast, on, palette
from postventa.emails.layout import COLOURS, kit

COLOUR = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(COLOUR)
def test_buttons_and_links_are_readable_in_any_colour(colour: str) -> None:
    shades = palette(colour)
    assert contrast(shades.fill, CARD) >= 1.5
    assert contrast(shades.on_fill, shades.fill) >= 4.5
    assert contrast(shades.link, CARD) >= 4.5
    assert contrast(shades.dark_fill, DARK_CARD) >= 2
    assert contrast(shades.on_dark_fill, shades.dark_fill) >= 4.5
    assert contrast(shades.dark_link, DARK_CARD) >= 4.5


def test_a_colour_that_reads_well_is_left_alone() -> None:
    assert palette("#1f5f5b").fill == palette("#1f5f5b").link == "#1f5f5b"
    assert on("#1f5f5b") == SNOW
    assert on("#ffe08a") != SNOW


def test_a_bright_brand_keeps_its_colour_and_gets_dark_words() -> None:
    assert palette("#f2c230").fill == "#f2c230"
    assert palette("#f2c230").on_fill != SNOW


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("ink", "card"), ("ink", "panel"), ("soft", "card"), ("soft", "panel"), ("foot", "page"), ("ink", "page"), ("dark_ink", "dark_card"),
        ("dark_ink", "dark_panel"), ("dark_soft", "dark_card"), ("dark_soft", "dark_panel"), ("dark_soft", "dark_page"),
    ],
)  # fmt: skip
def test_the_layouts_own_colours_are_readable(text: str, surface: str) -> None:
    assert contrast(COLOURS[text], COLOURS[surface]) >= 4.5


def test_stars_and_hollow_steps_stand_out() -> None:
    assert contrast("#b45f06", COLOURS["panel"]) >= 3
    assert contrast("#f2b441", COLOURS["dark_panel"]) >= 3
    assert contrast(COLOURS["hollow"], CARD) >= 3
    assert contrast(COLOURS["dark_hollow"], DARK_CARD) >= 3


def test_the_layout_is_compiled_once_per_colour() -> None:
    assert kit("#123456") is kit("#123456")
    assert "#123456" in kit("#123456").make("button", href="x", label="y")
