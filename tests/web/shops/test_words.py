"""Every word that the pages about shops look up is there."""

from __future__ import annotations

from connectors.shops import SHOPS
from postventa.connecting.words import SENTENCES
from postventa.events import Step
from postventa.web.shops import words


def test_everything_that_is_looked_up_is_there() -> None:
    assert set(words.STEPS) == set(Step)
    for platform in SHOPS.values():
        assert {mail.followup for mail in platform.native_mails if mail.where} <= set(words.MAILS)
    assert {mail.name for mail in SHOPS["woocommerce"].native_mails} == set(words.NATIVE)
    assert not set(words.REASONS) & set(SENTENCES)
