"""Every text of the pages about shops stands in every language, with the same placeholders; every word that they look up is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.shops import SHOPS
from postventa.connecting.words import SENTENCES
from postventa.events import Step
from postventa.web import shops
from postventa.web.shops import words
from tests.accounts.test_words import OTHERS, TEXT, catalogue

PAGES = Path(shops.__file__).parent
FILES = [*PAGES.rglob("*.html"), *PAGES.glob("*.py")]
TEXTS = {found for file in FILES for found in TEXT.findall(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    assert len(TEXTS) > 150
    assert set(catalogue(language, "shops")) == TEXTS - set(catalogue(language, "pages")) - set(catalogue(language, "staff"))


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same_and_the_words_are_translated(language: str) -> None:
    told = catalogue(language, "shops")
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert other.strip(), spanish
    same = [spanish for spanish, other in told.items() if spanish == other]
    assert len(same) < (60 if language == "gl" else 12), same  # Galician writes many of them alike


@pytest.mark.parametrize("language", OTHERS)
def test_words_that_mails_use_too_are_the_same_there(language: str) -> None:
    told, mails = catalogue(language, "shops"), catalogue(language, "mails")
    assert {text: told[text] for text in told.keys() & mails.keys()} == {text: mails[text] for text in told.keys() & mails.keys()}


def test_everything_that_is_looked_up_is_there() -> None:
    assert set(words.STEPS) == set(Step)
    for platform in SHOPS.values():
        assert {mail.followup for mail in platform.native_mails if mail.where} <= set(words.MAILS)
    assert {mail.name for mail in SHOPS["woocommerce"].native_mails} == set(words.NATIVE)
    assert not set(words.REASONS) & set(SENTENCES)
