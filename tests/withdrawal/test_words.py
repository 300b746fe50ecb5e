"""The law's own words are there for the whole Union; a statement says all that it must."""

from __future__ import annotations

import re

import pytest

from postventa.grounds import Ground
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
