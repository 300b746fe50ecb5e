"""What merchants read about connecting, complete in every language."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from connectors.shops.woocommerce.findings import STATES
from postventa.config import LANGUAGES
from postventa.connecting.words import SENTENCES, sentence
from postventa.locale import HERE, translate
from tests.papers import ROOT

FOREIGN = [language for language in LANGUAGES if language != "es"]
OURS = {"callback-missing", "callback-not-https", "callback-at-home", "callback-port", "approval-denied", "approval-unknown", "already-connected"}
NEUTRAL = re.compile(r"\{\w+\}|ck_|cs_|/wp-json/|public_url|X-Forwarded-Proto|wp-config\.php|WP_DEBUG_DISPLAY|Let's Encrypt|5\.8|443|8080")


def texts(language: str) -> dict[str, str]:
    with (HERE / language / "connecting.po").open("rb") as stream:
        return {str(message.id): str(message.string) for message in read_po(stream, locale=language, abort_invalid=True) if message.id}


def test_every_finding_has_a_sentence_and_every_sentence_a_finding() -> None:
    assert set(SENTENCES) == set(STATES) | OURS


@pytest.mark.parametrize("language", FOREIGN)
def test_every_sentence_is_translated_and_nothing_is_left_over(language: str) -> None:
    known = texts(language)
    assert set(known) == set(SENTENCES.values())
    assert [source for source, text in known.items() if text == source or not text.strip()] == []
    assert {source: translate(language, source) for source in known} == known


@pytest.mark.parametrize("language", FOREIGN)
def test_what_is_no_language_is_the_same_in_all(language: str) -> None:
    for source, text in texts(language).items():
        assert sorted(set(NEUTRAL.findall(text))) == sorted(set(NEUTRAL.findall(source))), text
        assert text == text.strip()
        assert text.endswith("."), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_facts_stand_in_the_sentence_as_they_are(language: str) -> None:
    said = sentence("sent-elsewhere", language, {"host": "tienda.example", "other": "{host}.example"})
    assert "tienda.example" in said
    assert "{host}.example" in said


@pytest.mark.parametrize(("language", "paper"), [("es", "connect-woocommerce.es.md"), ("en", "connect-woocommerce.md")])
def test_the_guide_explains_every_finding_in_the_same_words(language: str, paper: str) -> None:
    guide = (ROOT / "docs" / paper).read_text(encoding="utf-8")
    for name, state in STATES.items():
        row = f"| `{name}` | {state} | {re.sub(r'{[a-z]+}', '…', sentence(name, language))} |"
        assert row in guide, name
