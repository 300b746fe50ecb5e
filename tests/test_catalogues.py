"""Every text of every page stands in every language, in words of its own, with the same placeholders, and the same wherever it is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from postventa import locale, web
from postventa.locale import slots
from postventa.web import orders, portal, returns, returns_desk, shopify, shops, staff, withdraw, withdrawals
from postventa.withdrawal import words
from tests.catalogues import NAMES, OTHERS, catalogue, pages, said

PORTAL = pages(portal.__file__)
TRACKING = [file for file in PORTAL if file.name.startswith(("track", "look_up", "tongues"))]
CODES = [file for file in PORTAL if file.name.startswith("step_up")]
SAID = {
    "codes": said(CODES),
    "orders": said(pages(orders.__file__)),
    "pages": said(set(PORTAL) - set(TRACKING) - set(CODES)),
    "pickup": said(file for kind in ("*.html", "*.py") for file in Path(web.__file__).parent.rglob(kind)) | set(slots.sources()),
    "returns_pages": said(pages(returns.__file__)),
    "shopify": said(pages(shopify.__file__)),
    "shops": said(pages(shops.__file__)),
    "staff": said(pages(staff.__file__)),
    "staff_returns": said(pages(returns_desk.__file__)),
    "tracking": said(TRACKING),
    "withdrawal": said(pages(withdraw.__file__) + pages(withdrawals.__file__))
    | {*words.WORDS.values(), *words.GROUNDS.values(), *words.TROUBLES.values()},
}
"""What is said by the pages that a catalogue is kept for. A page may say what stands in another one, too."""
PLACEHOLDER = re.compile(r"\{\w*\}")
END = re.compile(r"[.?!…]$")
ALIKE = {"gl": 0.4, "pt": 0.2, "ca": 0.1, "it": 0.08}
"""How much of a catalogue may be as in Spanish, by language: Galician and Portuguese write much alike; others only names, and words such as "PDF"."""


def test_eight_languages_are_shipped_beside_spanish_and_each_has_every_catalogue() -> None:
    assert set(OTHERS) == {"en", "ca", "gl", "eu", "pt", "fr", "de", "it"}
    for language in OTHERS:
        assert sorted(file.stem for file in (locale.HERE / language).glob("*.po")) == NAMES


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(language: str, name: str) -> None:
    known = {text for other in NAMES for text in catalogue(language, other)}
    assert len(SAID[name]) > 25
    assert SAID[name] - known == set()
    assert set(catalogue(language, name)) - SAID[name] == set()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same_and_the_words_are_translated(language: str, name: str) -> None:
    told = catalogue(language, name)
    for spanish, other in told.items():
        assert sorted(PLACEHOLDER.findall(spanish)) == sorted(PLACEHOLDER.findall(other)), spanish
        assert other == other.strip() != "", spanish
        if name != "law" and len(spanish) > 7:  # the law ends its sentences as it likes; short ones are cut off as each language does
            assert bool(END.search(spanish)) == bool(END.search(other)), spanish
    same = [spanish for spanish, other in told.items() if spanish == other]
    assert len(same) <= ALIKE.get(language, 0.03) * len(told), same


@pytest.mark.parametrize("language", OTHERS)
def test_what_stands_in_two_catalogues_is_the_same_in_both(language: str) -> None:
    first: dict[str, str] = {}
    for name in NAMES:
        for spanish, other in catalogue(language, name).items():
            assert first.setdefault(spanish, other) == other, (name, spanish)
