"""Every text of the pages for staff stands in every language, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from postventa import locale
from postventa.web import staff

PAGES = Path(staff.__file__).parent
TEXT = re.compile(r'\b(?:t|_)\(\s*"((?:[^"\\]|\\.)*)"')
OTHERS = [language for language in locale.languages() if language != "es"]
FILES = [*PAGES.rglob("*.html"), *PAGES.glob("*.py")]
TEXTS = {found for file in FILES for found in TEXT.findall(file.read_text(encoding="utf-8"))}


def catalogue(language: str, name: str) -> dict[str, str]:
    with (locale.HERE / language / f"{name}.po").open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale=language, abort_invalid=True) if m.id and not m.fuzzy}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    shared = set(catalogue(language, "pages"))
    assert len(TEXTS) > 100
    assert set(catalogue(language, "staff")) == TEXTS - shared


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same_and_the_words_are_translated(language: str) -> None:
    told = catalogue(language, "staff")
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert other.strip(), spanish
    assert len([spanish for spanish, other in told.items() if spanish == other]) < 12
