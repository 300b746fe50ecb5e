"""Every text of the staff's pages about returns stands in every language, with the same placeholders; every word that they look up is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from postventa import locale
from postventa.clock import now
from postventa.returns import desk
from postventa.returns.inspection import GRADES
from postventa.returns.policy.conditions import When
from postventa.returns.policy.decide import ACTIONS
from postventa.returns.policy.law import Exemption
from postventa.returns.wish import RefundWhen, Resolution
from postventa.web.returns_desk import goods, outlook, words
from tests.accounts.test_words import OTHERS, TEXT, catalogue

PAGES = Path(words.__file__).parent
FILES = [*PAGES.rglob("*.html"), *PAGES.glob("*.py")]
TEXTS = {found for file in FILES for found in TEXT.findall(file.read_text(encoding="utf-8"))}


def elsewhere(language: str) -> set[str]:
    """Texts of all other catalogues."""
    names = [file.stem for file in (locale.HERE / language).glob("*.po") if file.stem != "staff_returns"]
    return {text for name in names for text in catalogue(language, name)}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    assert len(TEXTS) > 200
    assert set(catalogue(language, "staff_returns")) == TEXTS - elsewhere(language)


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same_and_the_words_are_translated(language: str) -> None:
    told = catalogue(language, "staff_returns")
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert other.strip(), spanish
    same = [spanish for spanish, other in told.items() if spanish == other]
    assert len(same) < {"gl": 60, "pt": 30}.get(language, 20), same  # Galician and Portuguese write many of them alike


def test_everything_that_is_looked_up_is_there() -> None:
    assert set(words.LISTS) == set(desk.standing(now()))
    assert set(words.RESOLUTIONS) == set(Resolution)
    assert set(words.GRADES) == {*GRADES, outlook.STOCK, outlook.HERE}
    assert set(words.ACTIONS) == set(ACTIONS)
    assert set(words.CONDITIONS) == {name for name in When.model_fields if not name.endswith("_")}
    assert (set(words.EXEMPTIONS), set(words.MOMENTS)) == (set(Exemption), set(RefundWhen))
    assert set(goods.MONEY) == {outlook.SETTLED, outlook.COMING, outlook.UNSEEN, outlook.PERSON, outlook.NOW, outlook.ELSEWHERE}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("refund, exchange", "Reembolso, Cambio"),
        ("printed_label", "Imprimir una etiqueta"),
        ("3.95 for the parcel and 5 %", "3.95 por el paquete + 5 %"),
        ("none", "nada"),
        ("30", "30"),
    ],
)
def test_a_decision_s_values_are_said_in_words(said: str, expected: str) -> None:

    with Flask("words").test_request_context(headers={"Accept-Language": "es"}):
        assert words.value(said) == expected
