from __future__ import annotations

import itertools

import pytest

from postventa.web.portal import colours

ODD = ["#000000", "#ffffff", "#ffff00", "#00ffff", "#ff00ff", "#0000ff", "#7f7f7f", "#767676", "#1f5f5b", "#fefefe", "#010101", "#ffb6c1"]
GRID = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in itertools.product(range(0, 256, 51), repeat=3)]


def test_contrast_is_that_of_the_standard() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("brand", [*ODD, *GRID])
def test_every_brand_colour_becomes_readable(brand: str) -> None:
    for palette, backgrounds in ((colours.light(brand), ("#f6f5f2", "#ffffff")), (colours.dark(brand), ("#141517", "#1f2124"))):
        assert colours.contrast(palette.on_button, palette.button) >= 4.5
        for background in backgrounds:
            assert colours.contrast(palette.accent, background) >= 4.5
            assert colours.contrast(palette.edge, background) >= 3


def test_a_colour_that_is_readable_as_it_is_stays_as_it_is() -> None:
    assert colours.light("#1f5f5b").accent == "#1f5f5b"
    assert colours.light("#b4532a").button == "#b4532a"
