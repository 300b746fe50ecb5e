"""Every word that the page that asks for a code looks up is there."""

from __future__ import annotations

from jobs.codes import Asked
from postventa.step_up import Purpose
from postventa.step_up.store import Standing
from postventa.web.portal import step_up_words as words


def test_everything_that_is_looked_up_is_there() -> None:
    assert set(words.WHY) == set(Purpose)
    assert set(words.OVER) == {Standing.BURNT, Standing.EXPIRED, Standing.USED}
    assert set(words.REFUSED) == {Asked.MANY, Asked.NOWHERE}
