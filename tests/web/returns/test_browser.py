"""Ana's whole return on a phone: from the link in her mail to the money in the shop's books, with and without JavaScript, and by keyboard."""

from __future__ import annotations

import os
import threading
from base64 import b64decode
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import Engine
from werkzeug.serving import make_server

from postventa.locale import languages
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.returns.scene import rules
from tests.web import axe
from tests.web.returns import counter as town
from tests.web.returns.counter import ALL_WAYS, Counter, colours
from tests.web.test_browser import OVERFLOW, WITHOUT, Quiet, browser, see, wait_for
from tests.web.test_track_browser import WIDE, wide

pytestmark = [WITHOUT, pytest.mark.timeout(240)]
SMALL = """
return [...document.querySelectorAll('.button, button, .option, select, textarea, summary, .top a, .tongues a')]
  .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)
"""


@pytest.fixture
def served(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> Iterator[tuple[Counter, str]]:
    counter = town.counter(sqlite_engine, clock, tmp_path, peer, ALL_WAYS)
    server = make_server("127.0.0.1", 0, counter.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield counter, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()
    counter.close()


def judged(phone: Chrome, name: str, wrong: list[str]) -> None:
    """Small phones, enlarged ones, light and dark, and axe; and a picture for people to look at, if SCREENSHOTS names a folder."""
    for width, scale in ((320, 1), (360, 2), (360, 1)):
        wide(phone, width, scale)
        assert phone.execute_script(OVERFLOW) <= 0, (name, width, scale, phone.execute_script(WIDE))
    assert phone.execute_script(SMALL) == [], name
    wrong += axe.both_schemes(phone)
    picture(phone, f"{name}-dark")
    phone.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]})
    picture(phone, name)


def picture(phone: Chrome, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        data: Any = phone.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        (Path(folder) / f"{name}.png").write_bytes(b64decode(data["data"]))


def press(phone: Chrome, css: str) -> None:
    """As a thumb does: it has to be on the screen."""
    found = see(phone, css)
    phone.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    found.click()


def test_from_the_mails_link_to_the_refund_in_the_shop(served: tuple[Counter, str], peer: WooCommercePeer, tmp_path: Path) -> None:
    counter, site = served
    wrong: list[str] = []
    phone = browser(tmp_path / "profile", javascript=True)
    try:
        phone.get(site + counter.mailed("Devolver o cambiar algo"))
        wait_for(phone, "¿Qué quieres devolver o cambiar?")
        press(phone, "input[value='1']")
        see(phone, "select").send_keys("2")
        judged(phone, "1-what", wrong)
        press(phone, ".onward button")
        wait_for(phone, "¿Qué ha pasado?")
        press(phone, "input[value=look]")
        press(phone, "input[value=colour]")
        judged(phone, "2-why", wrong)
        press(phone, ".onward button")
        wait_for(phone, "¿Cómo lo arreglamos?")
        press(phone, "input[value=refund]")
        judged(phone, "3-how", wrong)
        press(phone, ".onward button")
        wait_for(phone, "¿Cómo nos lo haces llegar?")
        press(phone, "input[value=printed_label]")
        judged(phone, "4-way", wrong)
        press(phone, ".onward button")
        wait_for(phone, "Revísalo y confirma")
        judged(phone, "5-check", wrong)
        press(phone, "form.sign button")
        wait_for(phone, "Tu devolución está en marcha")
        judged(phone, "6-sent", wrong)
        (case,) = counter.house.returns()
        counter.work()
        phone.get(site + counter.mailed("Ver mi devolución"))
        wait_for(phone, "Descargar la etiqueta")
        judged(phone, "7-label", wrong)
        counter.receive(case)
        phone.refresh()
        wait_for(phone, "Tu devolución está resuelta")
        counter.work()
        assert peer.books.paid == [Decimal("16.05")]
        phone.refresh()
        wait_for(phone, "Te hemos devuelto 16,05")
        judged(phone, "8-paid", wrong)
        phone.get(site + counter.link())
        wait_for(phone, "Devoluciones de tu pedido")
        judged(phone, "9-home", wrong)
        assert wrong == []
        refused = [entry["message"] for entry in phone.get_log("browser") if "Content Security Policy" in entry["message"]]  # type: ignore[no-untyped-call]
        assert refused == []
    finally:
        phone.quit()


@pytest.mark.long
def test_other_ways_look_as_they_should(served: tuple[Counter, str], peer: WooCommercePeer, tmp_path: Path) -> None:
    """What is refused, what waits for a person, a code on the telephone, an address to send it to."""
    counter, site = served
    wrong: list[str] = []
    colours(peer)
    phone = browser(tmp_path / "profile", javascript=True)
    told = "item=1&q-1={0}&why-1=broken&as=refund&step=way&by={1}"
    try:
        for name, query, words in (
            ("wrong", told.format(9, "qr"), "Antes de seguir"),
            ("swap", "item=1&why-1=unwanted&as=exchange&step=how", "se actualiza sola"),
            ("talk", "item=1&why-1=unwanted&as=exchange&swap-1=talk&by=qr&step=way", "Pedir la devolución"),
        ):
            phone.get(f"{site}{counter.link()}/new?{query}")
            wait_for(phone, words)
            judged(phone, name, wrong)
        counter.answer()
        phone.get(f"{site}{counter.link()}/new?item=1&why-1=unwanted&as=exchange&step=how")
        wait_for(phone, "Azul")
        judged(phone, "kinds", wrong)
        press(phone, "input[value='11']")
        press(phone, ".onward button")
        wait_for(phone, "¿Cómo nos lo haces llegar?")
        press(phone, "input[value=drop_off]")
        press(phone, ".onward button")
        wait_for(phone, "A cambio: Azul")
        judged(phone, "exchange-check", wrong)
        for way in ("qr", "own_carrier"):
            phone.get(f"{site}{counter.link()}/new?{told.format(1, way)}")
            wait_for(phone, "Fotos (opcional)")
            judged(phone, f"{way}-check", wrong)
            press(phone, "form.sign button")
            wait_for(phone, "Tu devolución está en marcha")
            judged(phone, way, wrong)
        press(phone, "summary")
        judged(phone, "call-off", wrong)
        changed_and_proven(phone, wrong)
        phone.get(f"{site}{counter.link()}/new?item=2&why-2=unwanted&as=refund&by=qr&step=way")
        press(phone, "form.sign button")
        wait_for(phone, "Tu devolución está en marcha")
        press(phone, "summary")
        press(phone, "details button")
        wait_for(phone, "Esta devolución está anulada")
        judged(phone, "called-off", wrong)
        for language in languages():
            for step in ("what", "why", "how", "way", "check"):
                phone.get(f"{site}{counter.link()}/new?{told.format(1, 'qr')}&to={step}&lang={language}")
                for width in (320, 360):
                    wide(phone, width)
                    assert phone.execute_script(OVERFLOW) <= 0, (language, step, width, phone.execute_script(WIDE))
            picture(phone, f"check-{language}")
        rules(counter.house, {"rules": [{"name": "Mirar", "then": {"decision": "ask"}}]})
        phone.get(f"{site}{counter.link()}/new?item=2&why-2=unwanted&as=store_credit&by=own_carrier&step=way")
        wait_for(phone, "la mira antes una persona")
        judged(phone, "ask", wrong)
        phone.get(f"{site}/r/nope")
        judged(phone, "nope", wrong)
        assert wrong == []
    finally:
        phone.quit()


def changed_and_proven(phone: Chrome, wrong: list[str]) -> None:
    """On the page of a return that she sends herself: another cup too, and the number of the parcel."""
    press(phone, "details a.button")
    wait_for(phone, "Cambias la devolución")
    judged(phone, "change-what", wrong)
    see(phone, "select").send_keys("2")
    for _ in range(4):
        press(phone, ".onward button")
    wait_for(phone, "Confirmar el cambio")
    judged(phone, "change-check", wrong)
    press(phone, "form.sign button")
    wait_for(phone, "¿Ya lo has enviado?")
    press(phone, "section[aria-labelledby=proof] a")
    wait_for(phone, "Foto o PDF del resguardo")
    judged(phone, "sent", wrong)
    see(phone, "#tracking").send_keys("PK123456789")
    press(phone, "form.sign button")
    wait_for(phone, "Tenemos tu justificante")
    judged(phone, "proven", wrong)


def test_the_same_without_javascript_by_keyboard_alone(served: tuple[Counter, str], peer: WooCommercePeer, tmp_path: Path) -> None:
    counter, site = served
    phone = browser(tmp_path / "quiet", javascript=False)

    def go(css: str, key: str) -> None:
        """By tab to it, and a key: what cannot be reached or seen fails."""
        for _ in range(60):
            here = phone.switch_to.active_element
            if here in phone.find_elements(By.CSS_SELECTOR, css):
                assert phone.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "solid", css
                here.send_keys(key)
                return
            here.send_keys(Keys.TAB)
        raise AssertionError(f"no tab leads to {css}")

    try:
        phone.get(site + counter.mailed("Devolver o cambiar algo"))
        wait_for(phone, "¿Qué quieres devolver o cambiar?")
        go("input[value='2']", Keys.SPACE)
        go(".onward button", Keys.ENTER)
        wait_for(phone, "¿Qué ha pasado?")
        go(".onward button", Keys.ENTER)
        wait_for(phone, "¿Cómo lo arreglamos?")
        go("input[name=as]", Keys.SPACE)
        go(".onward button", Keys.ENTER)
        wait_for(phone, "¿Cómo nos lo haces llegar?")
        go("input[name=by]", Keys.ARROW_UP)
        go(".onward button", Keys.ENTER)
        wait_for(phone, "Revísalo y confirma")
        go("form.sign button", Keys.ENTER)
        wait_for(phone, "Tu devolución está en marcha")
        (case,) = counter.house.returns()
        counter.receive(case)
        counter.work()
        assert peer.books.paid == [Decimal(case.quoted["refund"])]
    finally:
        phone.quit()
