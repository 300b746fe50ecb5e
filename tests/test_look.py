"""The judge of pages finds what it looks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.look import by_keyboard, judged
from tests.web.phones import WITHOUT, browser

pytestmark = [WITHOUT, pytest.mark.timeout(120)]
PAGE = """data:text/html,<!doctype html><html lang=en><title>t</title><meta name=viewport content=width=device-width>
<style>a,button{outline:none!important;display:block;height:%dpx}</style>
<main><h1>h</h1><button tabindex=-1>never</button><a href=/%%20a>dim</a><input type=radio name=r><input type=radio name=r></main>"""


def test_what_no_key_reaches_and_what_hides_its_focus_is_found(tmp_path: Path) -> None:
    phone = browser(tmp_path / "profile", javascript=True)
    try:
        phone.get(PAGE % 50)
        found = by_keyboard(phone)
        assert [one.partition(": <")[0].partition(" <")[0] for one in found] == ["no tab leads to", "has the focus and does not show it"]
        assert ">never<" in found[0]
        assert ">dim<" in found[1]
        phone.get(PAGE % 30)
        with pytest.raises(AssertionError, match="never"):
            judged(phone, "small", [])
    finally:
        phone.quit()
