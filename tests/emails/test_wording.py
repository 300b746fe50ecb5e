"""The texts and their translations: complete, with the same placeholders, and the template up to date."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from babel.messages.pofile import read_po

from postventa.config import LANGUAGES
from postventa.emails.extract import TEMPLATE, sentences, template
from postventa.emails.wording import PARTS, names, paragraphs, read
from postventa.locale import HERE, SOURCE, catalogue, languages

SOURCES = sorted({text for text, _ in sentences()})


def placeholders(text: str) -> tuple[object, ...]:
    """What a translation has to keep: variables, conditions in their order, filled-in names, emphasis."""
    return Counter(re.findall(r"\{\{.*?\}\}", text)), re.findall(r"\{%.*?%\}", text), Counter(re.findall(r"(?<!\{)\{(\w+)\}", text)), text.count("**")


def test_the_translators_template_is_up_to_date() -> None:
    assert TEMPLATE.read_text(encoding="utf-8") == template(), "run: python -m postventa.emails.extract"


def test_all_promised_languages_are_shipped() -> None:
    assert set(LANGUAGES) == set(languages())


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != SOURCE])
def test_every_sentence_is_translated(language: str) -> None:
    known = catalogue(language)
    assert [text for text in SOURCES if not known.get(text, "").strip()] == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != SOURCE])
def test_translations_keep_the_placeholders(language: str) -> None:
    known = catalogue(language)
    assert [(text, known[text]) for text in SOURCES if text in known and placeholders(text) != placeholders(known[text])] == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != SOURCE])
def test_what_is_said_in_two_places_is_said_alike(language: str) -> None:
    """The catalogues are read as one: of two texts for the same words, one would be shown nowhere."""
    said: dict[str, str] = {}
    for file in sorted((HERE / language).glob("*.po")):
        with file.open("rb") as stream:
            for message in read_po(stream, locale=language):
                assert said.setdefault(str(message.id), str(message.string)) == str(message.string), (file.name, message.id)


@pytest.mark.parametrize("followup", names())
def test_every_follow_up_has_its_three_parts_and_one_heading(followup: str) -> None:
    assert all(read(part, followup) for part in PARTS)
    assert [p.kind for p in paragraphs(read("body", followup))].count("heading") == 1
    assert "\n" not in read("subject", followup)


PROMOTION = re.compile(r"descuento|oferta|cup[oó]n|promoci|\d ?%(?!\})|te puede gustar|opini[oó]n en|rebaja")


def test_transactional_mails_promote_nothing() -> None:
    for followup in names():
        if not followup.startswith("review"):
            text = " ".join(read(part, followup) for part in PARTS).lower()
            assert not PROMOTION.search(text)


def test_a_body_is_taken_apart_at_empty_lines() -> None:
    found = paragraphs("# Hola\r\n\r\nUna línea\n  y otra\n\n\n[[items]]\n\n[[button: Ver: todo ]]\n\n#no\n\n[[a]] y [[b]]")
    assert [(p.kind, p.words) for p in found] == [
        ("heading", "Hola"), ("text", "Una línea\ny otra"), ("items", ""), ("button", "Ver: todo"), ("text", "#no"), ("text", "[[a]] y [[b]]"),
    ]  # fmt: skip


def test_whoever_is_sent_to_the_page_of_a_return_is_led_there() -> None:
    sent = [name for name in names() if re.search(r"página de tu devolución\b", read("body", name))]
    assert "return_exchange" in sent
    assert [name for name in sent if "[[return_entry:" not in read("body", name) and name != "withdrawal_receipt"] == []
