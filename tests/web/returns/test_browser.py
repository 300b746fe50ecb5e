"""Ana's whole return on a phone: from the link in her mail to the money in the shop's books, with and without JavaScript, and by keyboard."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from postventa.locale import languages
from tests.look import fits_small_phones, judged, picture
from tests.peers.woocommerce import WooCommercePeer
from tests.returns.scene import rules
from tests.web.phones import WITHOUT, browser, see, wait_for
from tests.web.returns import gate
from tests.web.returns.counter import Counter
from tests.web.returns.others_town import shelves

pytestmark = [WITHOUT, pytest.mark.timeout(240)]


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
    """What is refused, what waits for a person, a parcel that is fetched, an address to send it to."""
    counter, site = served
    wrong: list[str] = []
    shelves(peer)
    phone = browser(tmp_path / "profile", javascript=True)
    slot = "slot=2026-11-06T09:00-14:00&step=when"
    told = f"item=1&q-1={{0}}&why-1=broken&as=refund&{slot}&by={{1}}"
    try:
        for name, query, words in (
            ("wrong", told.format(9, "pickup"), "Antes de seguir"),
            ("swap", "item=1&why-1=unwanted&as=exchange&step=how", "se actualiza sola"),
            ("talk", f"item=1&why-1=unwanted&as=exchange&swap-1=talk&by=pickup&{slot}", "Pedir la devolución"),
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
        search = f"{site}{counter.link()}/other?item=1&why-1=unwanted&as=exchange&line=1"
        for name, query, words in (("search", "&q=jarra", "Jarra «Sol»"), ("other", "&q=jarra&p=30", "más que lo que devuelves")):
            phone.get(search + query)
            wait_for(phone, "se actualiza sola")
            counter.answer()
            phone.get(search + query)
            wait_for(phone, words)
            judged(phone, name, wrong)
        press(phone, ".onward button")
        wait_for(phone, "¿Cómo nos lo haces llegar?")
        press(phone, "input[value=drop_off]")
        press(phone, ".onward button")
        wait_for(phone, "Pagas la diferencia")
        judged(phone, "other-check", wrong)
        press(phone, "form.sign button")
        wait_for(phone, "Tu devolución está en marcha")
        press(phone, "summary")
        judged(phone, "exchange-off", wrong)
        for way in ("pickup", "own_carrier"):
            phone.get(f"{site}{counter.link()}/new?{told.format(1, way)}")
            wait_for(phone, "Fotos (opcional)")
            judged(phone, f"{way}-check", wrong)
            press(phone, "form.sign button")
            wait_for(phone, "Tu devolución está en marcha")
            judged(phone, way, wrong)
        press(phone, "summary")
        judged(phone, "call-off", wrong)
        changed_and_proven(phone, wrong)
        phone.get(f"{site}{counter.link()}/new?item=2&why-2=unwanted&as=refund&by=printed_label&step=way")
        press(phone, "form.sign button")
        wait_for(phone, "Tu devolución está en marcha")
        press(phone, "summary")
        press(phone, "details button")
        wait_for(phone, "Esta devolución está anulada")
        judged(phone, "called-off", wrong)
        for language in languages():
            for step in ("what", "why", "how", "way", "check"):
                phone.get(f"{site}{counter.link()}/new?{told.format(1, 'pickup')}&to={step}&lang={language}")
                fits_small_phones(phone, f"{step} {language}")
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
    """On the page of a return that she sends herself: another reason, and the number of the parcel."""
    press(phone, "details a.button")
    wait_for(phone, "Cambias la devolución")
    judged(phone, "change-what", wrong)
    press(phone, ".onward button")
    wait_for(phone, "¿Qué ha pasado?")
    press(phone, "input[value=unwanted]")
    for words in ("¿Cómo lo arreglamos?", "¿Cómo nos lo haces llegar?", "Confirmar el cambio"):
        press(phone, ".onward button")
        wait_for(phone, words)
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


@pytest.mark.long
def test_a_driver_is_called_to_the_door_and_moved(served: tuple[Counter, str], tmp_path: Path) -> None:
    """From the way to the day, the page that is confirmed, the return's own page, and another day; in every language on a small phone."""
    counter, site = served
    wrong: list[str] = []
    phone = browser(tmp_path / "profile", javascript=True)
    start = f"{site}{counter.link()}/new?item=1&q-1=1&why-1=unwanted&as=refund&by=pickup&step=way"
    try:
        phone.get(start)
        wait_for(phone, "¿Cuándo pasamos a buscarlo?")
        judged(phone, "pickup-1-when", wrong)
        press(phone, "input[value='2026-11-06T09:00-14:00']")
        press(phone, ".onward button")
        wait_for(phone, "entre las 9 y las 14 h")
        judged(phone, "pickup-2-check", wrong)
        press(phone, "form.sign button")
        wait_for(phone, "Ten el paquete cerrado")
        judged(phone, "pickup-3-sent", wrong)
        press(phone, "section[aria-labelledby=fetch] a.button")
        wait_for(phone, "¿Eres tú?")
        judged(phone, "pickup-4-code", wrong)
        press(phone, "form .button")
        wait_for(phone, "Escribe tu código")
        see(phone, "#code").send_keys(gate.code(counter), Keys.ENTER)
        wait_for(phone, "Guardar el día")
        judged(phone, "pickup-5-move", wrong)
        press(phone, "input[value='2026-11-10T15:00-19:00']")
        press(phone, "form .button")
        wait_for(phone, "El martes, 10 de noviembre, entre las 15 y las 19 h")
        page = phone.current_url
        counter.house.clock.set(datetime(2026, 11, 10, 9, tzinfo=UTC))
        phone.get(page)
        press(phone, "section[aria-labelledby=fetch] a.button")
        wait_for(phone, "¿Eres tú?")
        press(phone, "form .button")
        wait_for(phone, "Escribe tu código")
        see(phone, "#code").send_keys(gate.code(counter), Keys.ENTER)
        wait_for(phone, "Guardar el teléfono")
        judged(phone, "pickup-6-number", wrong)
        for language in languages():
            for tail in ("", "&slot=2026-11-06T09:00-14:00&to=check"):
                phone.get(f"{start}{tail}&lang={language}")
                fits_small_phones(phone, f"{tail} {language}")
            picture(phone, f"pickup-check-{language}")
        assert wrong == []
    finally:
        phone.quit()
