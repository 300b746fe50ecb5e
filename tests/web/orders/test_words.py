"""Every word that the pages about orders look up is there."""

from __future__ import annotations

import pytest

from jobs.deeds import DEEDS
from postventa.followups import FOLLOWUPS
from postventa.models import State
from postventa.orders.stage import STAGES
from postventa.web.orders import reasons, words


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
