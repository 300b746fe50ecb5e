"""Every text of the pages for Shopify stands in every language, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from connectors.shops import SHOPS
from jobs import connect_shopify
from postventa import locale
from postventa.web import shopify
from postventa.web.shopify import words

PAGES = Path(shopify.__file__).parent
TEXT = re.compile(r'\b(?:t|_)\(\s*"((?:[^"\\]|\\.)*)"')
OTHERS = [language for language in locale.languages() if language != "es"]
TEXTS = {found for file in [*PAGES.rglob("*.html"), *PAGES.glob("*.py")] for found in TEXT.findall(file.read_text(encoding="utf-8"))}


def catalogue(file: Path) -> dict[str, str]:
    with file.open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, abort_invalid=True) if m.id and not m.fuzzy}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    files = (locale.HERE / language).glob("*.po")
    shared = {text for file in files if file.name != "shopify.po" for text in catalogue(file)}
    assert len(TEXTS) > 100
    assert set(catalogue(locale.HERE / language / "shopify.po")) == TEXTS - shared


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same_and_the_words_are_translated(language: str) -> None:
    told = catalogue(locale.HERE / language / "shopify.po")
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert other.strip(), spanish
    assert len([spanish for spanish, other in told.items() if spanish == other]) < 12


def test_shopifys_own_mails_and_their_switches_are_translated() -> None:
    mails = SHOPS["shopify"].native_mails
    assert {text for mail in mails for text in (mail.name, mail.where) if text} == set(words.NATIVE)


def test_every_finding_has_its_sentence_and_no_sentence_is_left_over() -> None:
    source = Path(connect_shopify.__file__).read_text(encoding="utf-8")
    named = set(re.findall(r'(?:KeyFinding|NotPossible)\("([a-z-]+)"', source)) | {"no-such-shop", "shopify-away"}
    assert named == set(words.FINDINGS)
