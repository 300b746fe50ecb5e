"""The law's own words are there for the whole Union; a statement says all that it must."""

from __future__ import annotations

import re

import pytest

from jobs.withdrawals.receipt import moment
from postventa.emails.preview import AT, sample
from postventa.grounds import Ground
from postventa.locale import catalogue as everything
from postventa.locale import translate
from postventa.withdrawal import words
from postventa.withdrawal.official import OFFICIAL, labels
from postventa.withdrawal.statement import Statement, problems
from tests.catalogues import OTHERS


def test_the_laws_words_are_there_for_all_24_languages_of_the_union_and_all_of_ours() -> None:
    assert len(OFFICIAL) == 24
    for language in ("es", *OTHERS, *OFFICIAL):
        assert len(set(labels(language))) == 2, language
    assert labels("de-AT").confirm == "Widerruf bestätigen"
    assert labels("ja") == OFFICIAL["en"]


def test_a_shop_may_call_the_function_otherwise_in_its_own_language_and_never_the_button() -> None:
    assert labels("es", "Devolver mi compra", "es-ES") == ("Devolver mi compra", "Confirmar desistimiento")
    assert labels("fr", "Devolver mi compra", "es") == OFFICIAL["fr"]


@pytest.mark.parametrize("language", ["es", *OTHERS])
def test_the_way_to_the_function_says_the_laws_own_words_wherever_it_is_shown(language: str) -> None:
    assert translate(language, "Desistir del contrato aquí") == labels(language).function


def test_portuguese_says_the_word_of_portugals_own_act_and_the_directives_only_where_the_law_prescribes_it() -> None:
    other = [text for text in everything("pt").values() if "retrat" in text.lower()]
    assert other == [labels("pt").function]
    assert "livre resolução" in Statement("Alba", "Ana", "1042", "ana@correo.example", "pt").text()


@pytest.mark.parametrize("language", ["es", *OTHERS])
def test_the_sample_of_the_receipt_says_what_a_receipt_says(language: str) -> None:
    shown = sample("withdrawal_receipt", language).withdrawal
    assert shown is not None
    assert shown.text == Statement("Zapatería Lola", "Ana Ruiz", "1042", "ana@correo.example", language).text()
    assert shown.title == words.word(language, "content")
    assert [name for name, _ in shown.facts] == [words.word(language, name) for name in ("reference", "submitted", "to")]
    assert dict(shown.facts)[words.word(language, "submitted")] == moment(AT.replace(second=12), "Europe/Madrid", language)


def test_every_ground_of_the_law_has_its_letter_and_its_words() -> None:
    assert [which.letter for which in Ground] == list("abcdefghijklm")
    assert set(words.GROUNDS) == set(Ground)


@pytest.mark.parametrize("language", ["es", *OTHERS])
def test_a_statement_says_all_that_the_law_asks_for(language: str) -> None:
    said = Statement("Cerámica Alba", "Ana Ruiz", "1042", "ana@correo.example", language).text()
    assert all(fact in said for fact in ("Cerámica Alba", "Ana Ruiz", "1042", "ana@correo.example"))
    assert not re.search(r"\{\w*\}", said)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "Gana dinero: https://mal.example"),
        ("contract", ""),
        ("contract", "www.mal.example"),
        ("email", "ana@"),
        ("what", "http://x"),
    ],
)
def test_what_cannot_be_sent_is_named(field: str, value: str) -> None:
    fields = {"shop": "Alba", "name": "Ana", "contract": "no sé, unas tazas", "email": "ana@correo.example", "language": "es", "what": ""}
    assert problems(Statement(**fields)) == {}  # type: ignore[arg-type]
    assert set(problems(Statement(**{**fields, field: value}))) == {field}  # type: ignore[arg-type]
