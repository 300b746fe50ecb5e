"""Every word that the staff's pages about returns look up is there."""

from __future__ import annotations

import pytest
from flask import Flask

from postventa.clock import now
from postventa.returns import desk
from postventa.returns.inspection import GRADES
from postventa.returns.policy.conditions import When
from postventa.returns.policy.decide import ACTIONS
from postventa.returns.policy.law import Exemption
from postventa.returns.wish import RefundWhen, Resolution
from postventa.web.returns_desk import goods, outlook, words


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
