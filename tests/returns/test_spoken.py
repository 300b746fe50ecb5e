"""The words of returns, complete in every language."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from postventa.config import LANGUAGES
from postventa.locale import HERE, translate
from postventa.returns.policy import check
from postventa.returns.problems import Problem
from postventa.returns.reasons import ABOVE, CODES, KINDS, TREE
from postventa.returns.spoken import METHODS, RESOLUTIONS, reason_word, reasons_for, sources
from postventa.returns.wish import Method, Resolution
from postventa.returns.words import REASONS

FOREIGN = [language for language in LANGUAGES if language != "es"]


def texts(language: str) -> dict[str, str]:
    with (HERE / language / "returns.po").open("rb") as stream:
        return {str(message.id): str(message.string) for message in read_po(stream, locale=language, abort_invalid=True) if message.id}


@pytest.mark.parametrize("language", FOREIGN)
def test_every_text_is_translated_and_nothing_is_left_over(language: str) -> None:
    known = texts(language)
    assert set(known) == set(sources())
    assert [source for source, text in known.items() if not text.strip()] == []
    assert {source: translate(language, source) for source in known} == known, "a text means the same wherever it is said"


@pytest.mark.parametrize("language", FOREIGN)
def test_placeholders_and_ends_are_kept(language: str) -> None:
    for source, text in texts(language).items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", source)), text
        assert text == text.strip()
        assert text.endswith(".") == source.endswith("."), text


@pytest.mark.parametrize("language", FOREIGN)
def test_sentences_are_really_translated(language: str) -> None:
    assert [source for source, text in texts(language).items() if source == text and len(source) > 25] == []


def test_every_resolution_way_and_reason_has_words_and_a_word_of_shopifys() -> None:
    assert (set(RESOLUTIONS), set(METHODS), set(TREE)) == (set(Resolution), set(Method), set(KINDS))
    assert {reason.shopify for reason in CODES.values()} <= set(REASONS)
    assert ABOVE["size_small"] == "size"


def test_the_merchants_own_reasons_stand_where_she_puts_them_in_her_words() -> None:
    squeaks = {"code": "squeaks", "under": "defective", "words": {"es": "Chirría", "en": "It squeaks"}, "fault": True, "kinds": ["footwear"]}
    policy = check({"reasons": [squeaks]}).policy
    shoes, clothes = ({code: below for code, _, below in reasons_for(policy, "fr", kind)} for kind in ("footwear", "clothing"))
    assert ("squeaks", "Chirría") in shoes["defective"]
    assert "squeaks" not in dict(clothes["defective"])
    assert (reason_word(policy, "en", "squeaks"), reason_word(policy, "de", "gone")) == ("It squeaks", "gone")


def test_a_refusal_is_said_in_the_merchants_words_if_there_are_any() -> None:
    ours = Problem("too_many", "1", "Taza {azul}", left=1)
    assert ours.sentence("es") == "De «Taza {azul}» puedes devolver 1 como mucho."
    assert Problem("rule", said={"es": "Los pendientes, no.", "en": "No earrings."}).sentence("fr") == "Los pendientes, no."
