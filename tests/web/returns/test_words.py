"""Every word that these pages look up is there."""

from __future__ import annotations

from postventa.returns.problems import SENTENCES
from postventa.returns.wish import Method, RefundWhen, Resolution
from postventa.web.returns import words
from postventa.web.returns.steps import PLACE, STEPS


def test_everything_that_is_looked_up_is_there() -> None:
    assert set(words.METHODS) == set(Method)
    assert set(words.RESOLUTIONS) == set(Resolution)
    assert set(words.WHEN) == set(RefundWhen)
    assert set(words.HEADLINES) - {"send", "kept"} == set(words.PENDING) - {"approved"}
    assert set(PLACE) == set(SENTENCES)
    assert set(PLACE.values()) == set(STEPS)
