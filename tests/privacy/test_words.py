"""The words of an export, complete in every language."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from postventa.config import LANGUAGES
from postventa.locale import HERE, translate
from postventa.privacy.words import WORDS, word

FOREIGN = [language for language in LANGUAGES if language != "es"]
SHARED = {WORDS["order"], WORDS["returns"]}
"""Said elsewhere, too, and translated there."""


def texts(language: str) -> dict[str, str]:
    with (HERE / language / "privacy.po").open("rb") as stream:
        return {str(message.id): str(message.string) for message in read_po(stream, locale=language, abort_invalid=True) if message.id}


@pytest.mark.parametrize("language", FOREIGN)
def test_every_text_is_translated_and_nothing_is_left_over(language: str) -> None:
    known = texts(language)
    assert set(known) == set(WORDS.values()) - SHARED
    assert [source for source, text in known.items() if not text.strip()] == []
    assert {source: translate(language, source) for source in known} == known, "a text means the same wherever it is said"


@pytest.mark.parametrize("language", FOREIGN)
def test_placeholders_and_ends_are_kept(language: str) -> None:
    for source, text in texts(language).items():
        assert sorted(re.findall(r"\{\w+\}|data\.json", text)) == sorted(re.findall(r"\{\w+\}|data\.json", source)), text
        assert text == text.strip()
        assert text.endswith(".") == source.endswith("."), text


@pytest.mark.parametrize("language", FOREIGN)
def test_sentences_are_really_translated(language: str) -> None:
    assert [source for source, text in texts(language).items() if source == text and len(source) > 12] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_is_named_in_every_language(language: str) -> None:
    assert "#1042" in word(language, "order", number="#1042")
