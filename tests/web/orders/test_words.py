"""Every text of the pages about orders stands in every language, with the same placeholders; every word that they look up is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobs.deeds import DEEDS
from postventa import locale
from postventa.followups import FOLLOWUPS
from postventa.models import State
from postventa.orders.stage import STAGES
from postventa.web.orders import reasons, words
from tests.accounts.test_words import OTHERS, TEXT, catalogue

PAGES = Path(words.__file__).parent
FILES = [*PAGES.rglob("*.html"), *PAGES.glob("*.py")]
TEXTS = {found for file in FILES for found in TEXT.findall(file.read_text(encoding="utf-8"))}


def elsewhere(language: str) -> set[str]:
    """Texts of all other catalogues."""
    names = [file.stem for file in (locale.HERE / language).glob("*.po") if file.stem != "orders"]
    return {text for name in names for text in catalogue(language, name)}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    assert len(TEXTS) > 200
    assert set(catalogue(language, "orders")) == TEXTS - elsewhere(language)


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same_and_the_words_are_translated(language: str) -> None:
    told = catalogue(language, "orders")
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert other.strip(), spanish
    same = [spanish for spanish, other in told.items() if spanish == other]
    assert len(same) < (60 if language == "gl" else 20), same  # Galician writes many of them alike


def test_everything_that_is_looked_up_is_there() -> None:
    assert set(words.STAGES) == set(STAGES)
    assert set(words.STATES) == set(State)
    assert set(FOLLOWUPS) | set(DEEDS) <= set(words.FOLLOWUPS)
    assert set(reasons.OTHERWISE) < set(State)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("overtaken: «delivered» went out already", "Otro correo ya decía más."),
        ("waits for «shipped» to go first", "Espera a que salga antes otro correo."),
        ("in doubt: no answer; not repeated, please look", "No sabemos si se hizo. Míralo tú, por favor."),
        ("in doubt: no answer; looks first", "No sabemos si llegó: lo comprobamos solos."),
        ("https://x.example refused: No. (woocommerce_x)", "La tienda dijo que no."),
        ("something that nobody foresaw", "No se pudo hacer."),
    ],
)
def test_reasons_are_said_in_words(reason: str, said: str) -> None:
    assert reasons.words("dead", reason) == said


def test_of_every_deed_it_is_said_whether_it_spends_money() -> None:
    harmless = {"write_note", "write_review", "write_return", "write_return_step", "write_return_label", "write_scan"}
    assert set(DEEDS) - words.MONEY == harmless, "a new one: who may have it done again?"


def test_an_effect_that_went_well_needs_no_words() -> None:
    assert reasons.words("done", "") == ""
