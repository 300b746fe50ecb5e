"""Every word that the pages for Shopify look up is there."""

from __future__ import annotations

import re
from pathlib import Path

from connectors.shops import SHOPS
from jobs import connect_shopify
from postventa.web.shopify import words


def test_shopifys_own_mails_and_their_switches_are_translated() -> None:
    mails = SHOPS["shopify"].native_mails
    assert {text for mail in mails for text in (mail.name, mail.where) if text} == set(words.NATIVE)


def test_every_finding_has_its_sentence_and_no_sentence_is_left_over() -> None:
    source = Path(connect_shopify.__file__).read_text(encoding="utf-8")
    named = set(re.findall(r'(?:KeyFinding|NotPossible)\("([a-z-]+)"', source)) | {"no-such-shop", "shopify-away"}
    assert named == set(words.FINDINGS)
