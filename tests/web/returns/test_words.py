"""Every text of these pages stands in every language, with the same placeholders; every word that they look up is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from postventa.returns.problems import SENTENCES
from postventa.returns.wish import Method, RefundWhen, Resolution
from postventa.web import returns
from postventa.web.returns import words
from postventa.web.returns.steps import PLACE, STEPS
from tests.accounts.test_words import OTHERS, TEXT, catalogue

PAGES = Path(returns.__file__).parent
TEXTS = {found for file in (*PAGES.rglob("*.html"), *PAGES.glob("*.py")) for found in TEXT.findall(file.read_text(encoding="utf-8"))}


def elsewhere(language: str) -> set[str]:
    """What other pages and mails say as well."""
    folder = Path(returns.__file__).parents[2] / "locale" / language
    return {text for file in folder.glob("*.po") if file.stem != "returns_pages" for text in catalogue(language, file.stem)}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    assert len(TEXTS) > 120
    assert set(catalogue(language, "returns_pages")) == TEXTS - elsewhere(language)


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same_and_the_words_are_translated(language: str) -> None:
    told = catalogue(language, "returns_pages")
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert other.strip(), spanish
        assert other.endswith(".") == spanish.endswith("."), spanish
    same = [spanish for spanish, other in told.items() if spanish == other]
    assert len(same) < (25 if language == "gl" else 8), same  # Galician writes many of them alike


def test_everything_that_is_looked_up_is_there() -> None:
    assert set(words.METHODS) == set(Method)
    assert set(words.RESOLUTIONS) == set(Resolution)
    assert set(words.WHEN) == set(RefundWhen)
    assert set(words.HEADLINES) - {"send", "kept"} == set(words.PENDING) - {"approved"}
    assert set(PLACE) == set(SENTENCES)
    assert set(PLACE.values()) == set(STEPS)
