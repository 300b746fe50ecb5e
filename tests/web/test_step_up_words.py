"""Every text of the page that asks for a code stands in every language, with the same placeholders; every word that it looks up is there."""

from __future__ import annotations

import re

import pytest

from jobs.codes import Asked
from postventa import locale
from postventa.step_up import Purpose
from postventa.step_up.store import Standing
from postventa.web.portal import step_up_words as words
from tests.accounts.test_words import OTHERS, TEXT, catalogue
from tests.web.test_words import CODES, PAGES

FILES = [file for file in (*PAGES.rglob("*.html"), *PAGES.glob("*.py")) if file.name.startswith(CODES)]
TEXTS = {found for file in FILES for found in TEXT.findall(file.read_text(encoding="utf-8"))}


def elsewhere(language: str) -> set[str]:
    """What other pages say as well."""
    return {text for file in (locale.HERE / language).glob("*.po") if file.stem != "codes" for text in catalogue(language, file.stem)}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    told = catalogue(language, "codes")
    assert len(TEXTS) > 25
    assert set(told) == TEXTS - elsewhere(language)
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert other.strip(), spanish
        assert other.endswith((".", "?")) == spanish.endswith((".", "?")), spanish
    assert len([spanish for spanish, other in told.items() if spanish == other]) < 3


def test_everything_that_is_looked_up_is_there() -> None:
    assert set(words.WHY) == set(Purpose)
    assert set(words.OVER) == {Standing.BURNT, Standing.EXPIRED, Standing.USED}
    assert set(words.REFUSED) == {Asked.MANY, Asked.NOWHERE}
