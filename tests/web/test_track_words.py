"""Every word that the tracking page and the look-up look up is there."""

from __future__ import annotations

from postventa.web.portal import track_words as words
from postventa.web.portal.tongues import NAMES
from postventa.web.portal.track_steps import ORDER
from postventa.web.portal.track_story import URGENT
from tests.catalogues import OTHERS


def test_everything_that_is_looked_up_is_there() -> None:
    assert set(words.HEADLINES) == set(words.SINCE) == set(words.NEXT)
    assert set(words.HEADLINES) >= {state for state in URGENT if state != "waiting"}
    assert set(words.STATES) == set(URGENT)
    assert set(words.STEPS) == {*ORDER, "cancelled"}
    assert set(NAMES) == {"es", *OTHERS}
