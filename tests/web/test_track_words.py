"""Every text of the tracking page and the look-up stands in every language, with the same placeholders; every word that they look up is there."""

from __future__ import annotations

import re

import pytest

from postventa.web.portal import track_words as words
from postventa.web.portal.tongues import NAMES
from postventa.web.portal.track_steps import ORDER
from postventa.web.portal.track_story import URGENT
from tests.accounts.test_words import OTHERS, TEXT, catalogue
from tests.web.test_words import ELSEWHERE, PAGES

FILES = [file for file in (*PAGES.rglob("*.html"), *PAGES.glob("*.py")) if file.name.startswith(ELSEWHERE)]
TEXTS = {found for file in FILES for found in TEXT.findall(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    assert len(TEXTS) > 70
    assert set(catalogue(language, "tracking")) == TEXTS - set(catalogue(language, "pages"))


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same_and_the_words_are_translated(language: str) -> None:
    told = catalogue(language, "tracking")
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert other.strip(), spanish
    same = [spanish for spanish, other in told.items() if spanish == other]
    assert len(same) < (30 if language == "gl" else 12), same  # Galician writes many of them alike


@pytest.mark.parametrize("language", OTHERS)
def test_words_that_mails_use_too_are_the_same_there(language: str) -> None:
    told, mails = catalogue(language, "tracking"), catalogue(language, "mails")
    assert {text: told[text] for text in told.keys() & mails.keys()} == {text: mails[text] for text in told.keys() & mails.keys()}


def test_everything_that_is_looked_up_is_there() -> None:
    assert set(words.HEADLINES) == set(words.SINCE) == set(words.NEXT)
    assert set(words.HEADLINES) >= {state for state in URGENT if state != "waiting"}
    assert set(words.STATES) == set(URGENT)
    assert set(words.STEPS) == {*ORDER, "cancelled"}
    assert set(NAMES) == {"es", *OTHERS}
