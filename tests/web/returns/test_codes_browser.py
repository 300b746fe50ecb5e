"""A code on the telephone, as it looks there."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from jobs import carrier_accounts
from postventa.locale import languages
from tests.conftest import TestClock
from tests.look import OVERFLOW, WIDE, judged, picture, wide
from tests.peers.sendcloud import QR_OPTION, SendcloudPeer
from tests.peers.woocommerce import WooCommercePeer
from tests.returns.scene import build, opened, rules
from tests.web.phones import WITHOUT, browser, serving, wait_for
from tests.web.returns.counter import Counter, patient
from tests.web.returns.test_codes import CODED, WAYS

LARGE = "const i = document.querySelector('.code img'); return i.complete && i.naturalWidth > 100 && i.clientWidth >= 240"
pytestmark = [WITHOUT, pytest.mark.timeout(240)]


@pytest.mark.long
def test_the_code_is_large_and_what_is_done_with_it_is_said(
    sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier_accounts, "EVERY", timedelta(milliseconds=1))
    patient(monkeypatch)
    sendcloud = SendcloudPeer()
    with sendcloud.open(), ExitStack() as stack:
        account = {"carriers": {"sendcloud": sendcloud.account(qr_option=QR_OPTION)}, "carrier": "sendcloud"}
        counter = Counter(build(sqlite_engine, clock, tmp_path, peer, **account))
        rules(counter.house, WAYS)
        stack.callback(counter.close)
        site = f"http://127.0.0.1:{stack.enter_context(serving(counter.app))}"
        phone, wrong = browser(tmp_path / "profile", javascript=True), list[str]()
        stack.callback(phone.quit)
        phone.get(f"{site}{counter.link()}/new?item=1&q-1=1&why-1=unwanted&as=refund&to=way")
        wait_for(phone, "Código QR")
        judged(phone, "code-way", wrong)
        case = opened(counter.house, CODED)
        phone.get(f"{site}{counter.link()}/{case.number}")
        wait_for(phone, "Estamos preparando tu código")
        judged(phone, "code-waits", wrong)
        counter.work()
        phone.get(f"{site}{counter.link()}/{case.number}")
        wait_for(phone, "Enseña este código")
        judged(phone, "code", wrong)
        assert phone.execute_script(LARGE)
        for language in languages():
            phone.get(f"{site}{counter.link()}/{case.number}?lang={language}")
            for width in (320, 360):
                wide(phone, width)
                assert phone.execute_script(OVERFLOW) <= 0, (language, width, phone.execute_script(WIDE))
            picture(phone, f"code-{language}")
        sendcloud.gives_codes = False
        other = opened(counter.house, CODED, "form-2")
        counter.work()
        phone.get(f"{site}{counter.link()}/{other.number}")
        wait_for(phone, "Descargar la etiqueta")
        judged(phone, "code-missing", wrong)
        assert wrong == []
