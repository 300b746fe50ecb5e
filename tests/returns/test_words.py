"""The words of the label, complete in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import postventa.locale
from postventa.config import LANGUAGES
from postventa.locale import translate
from postventa.returns.words import LABEL, REASONS, STEPS, label_steps, label_words, reason_text, sources

PIECE = re.compile(r"(?<=[\w,] )[AB]\b")
"""Slip B and label A, wherever in a sentence; an A that begins one is an article."""
FOREIGN = [language for language in LANGUAGES if language != "es"]


def texts(language: str) -> dict[str, str]:
    file = Path(postventa.locale.__file__).parent / language / "labels.po"
    with file.open("rb") as stream:
        return {str(message.id): str(message.string) for message in read_po(stream, locale=language) if message.id}


@pytest.mark.parametrize("language", FOREIGN)
def test_every_text_is_translated_and_nothing_is_left_over(language: str) -> None:
    known = texts(language)

    assert set(known) == set(sources())
    assert [source for source, text in known.items() if not text.strip()] == []


@pytest.mark.parametrize("language", FOREIGN)
def test_placeholders_letters_and_ends_match_the_source(language: str) -> None:
    for source, text in texts(language).items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", source)), text
        assert PIECE.findall(text) == PIECE.findall(source), text
        assert text == text.strip()
        assert text.endswith(".") == source.endswith(".") or len(source) < 8, text


@pytest.mark.parametrize("language", FOREIGN)
def test_the_mails_and_the_label_use_the_same_words(language: str) -> None:
    """Files of one language are read together: the same Spanish text must not mean two things."""
    assert {source: translate(language, source) for source in sources()} == texts(language)


@pytest.mark.parametrize("language", FOREIGN)
def test_long_texts_are_really_translated(language: str) -> None:
    assert [source for source, text in texts(language).items() if source == text and len(source) > 25] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_has_every_word_in_the_customers_language(language: str) -> None:
    words = label_words(language)

    assert set(words) == set(LABEL)
    assert all(words.values())
    assert len(label_steps(language)) == len(STEPS)


def test_the_merchants_own_steps_win_without_their_numbering() -> None:
    own = "1. Llévalo a la tienda de Triana.\n\n 2) Enseña el código.\n- Listo\n• Gracias\r\n3 pares como mucho"

    assert label_steps("de", own) == ("Llévalo a la tienda de Triana.", "Enseña el código.", "Listo", "Gracias", "3 pares como mucho")
    assert label_steps("de", " \n ") == label_steps("de")


def test_with_the_merchants_own_steps_we_say_nothing_about_postage() -> None:
    assert label_words("es", "Llévalo a la tienda.")["postage_note"] == ""
    assert label_words("es", "  ")["postage_note"] == LABEL["postage_note"]


def test_nothing_is_promised_about_money_or_time() -> None:
    said = " ".join(sources()).lower()

    assert not [word for word in ("gratis", "reembols", "gratuit", "14 días", "sin coste", "pagado") if word in said]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("SIZE_TOO_SMALL", "Taille trop petite"),
        ("size_too_small", "Taille trop petite"),
        ("Wrong item", "Erreur d’article"),
        ("UNKNOWN", ""),
        ("other", ""),
        ("", ""),
        ("Me aprieta en el empeine", "Me aprieta en el empeine"),
    ],
)
def test_a_platforms_code_becomes_words_and_a_persons_words_stay(reason: str, said: str) -> None:
    assert reason_text("fr", reason) == said


def test_every_reason_has_words_or_none_on_purpose() -> None:
    assert {code for code, words in REASONS.items() if not words} == {"OTHER", "UNKNOWN"}
