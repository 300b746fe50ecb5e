"""Every text about parcels that are fetched stands in every language, with the same placeholders, and is said somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from postventa import web
from postventa.locale import slots
from tests.accounts.test_words import OTHERS, TEXT, catalogue

PAGES = Path(web.__file__).parent
SAID = {found for kind in ("*.py", "*.html") for file in PAGES.rglob(kind) for found in TEXT.findall(file.read_text(encoding="utf-8"))}
SOURCES = SAID | set(slots.sources())
ALIKE = {"gl": 12, "ca": 6, "pt": 3}
"""Languages that write some of them as Spanish does."""


def test_all_languages_say_the_same_and_nothing_that_nobody_says() -> None:
    known = [set(catalogue(language, "pickup")) for language in OTHERS]
    assert all(texts == known[0] for texts in known)
    assert known[0] - SOURCES == set()
    assert set(slots.sources()) <= known[0]


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same_and_the_words_are_translated(language: str) -> None:
    told = catalogue(language, "pickup")
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert (other.strip(), other.endswith(".")) == (other, spanish.endswith(".")), spanish
    same = [spanish for spanish, other in told.items() if spanish == other]
    assert len(same) <= ALIKE.get(language, 0), same
