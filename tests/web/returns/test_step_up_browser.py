"""The page that asks for a code on a real phone: small, enlarged, light and dark. (It has no script; the forms are tested without a browser.)"""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

from postventa.web.portal import step_up
from tests.look import judged
from tests.web.phones import PATIENCE, WITHOUT, browser, see, wait_for, wait_for_focus
from tests.web.returns import gate
from tests.web.returns.counter import Counter
from tests.web.returns.test_browser import press

pytestmark = [WITHOUT, pytest.mark.timeout(240)]


def test_from_the_label_to_the_code_and_back(served: tuple[Counter, str], tmp_path: Path) -> None:
    counter, site = served
    wrong: list[str] = []
    label = gate.label(counter)
    phone = browser(tmp_path / "profile", javascript=True)
    try:
        phone.get(site + label.removesuffix("/label.pdf"))
        wait_for(phone, "al abrirla te pedimos un código")
        press(phone, ".card .button")
        wait_for(phone, "¿Eres tú?")
        judged(phone, "code-1-ask", wrong)
        press(phone, ".card .button")
        wait_for(phone, "Escribe tu código")
        asked = phone.current_url
        right = gate.code(counter)
        judged(phone, "code-2-enter", wrong)
        see(phone, "#code").send_keys(gate.wrong(right))
        press(phone, ".sign .button")
        wait_for(phone, "Ese código no es correcto. Te quedan 4 intentos.")
        wait_for_focus(phone, "#code")
        judged(phone, "code-3-wrong", wrong)
        press(phone, "#code")
        phone.execute_cdp_cmd("Input.insertText", {"text": f"{right[:3]} {right[3:]}"})
        press(phone, ".sign .button")
        keeps_the_proof(phone)
        phone.get(asked)
        wait_for(phone, "Ya está: eres tú")
        judged(phone, "code-4-proved", wrong)
        phone.get(site + label.removesuffix("/label.pdf"))
        assert "te pedimos un código" not in wait_for(phone, "Descargar la etiqueta")
        counter.house.clock.advance(minutes=31)
        for said in (*(f"Te quedan {left} intentos." for left in (4, 3, 2)), "Te queda un intento.", "se ha escrito mal cinco veces"):
            phone.get(asked)
            if not phone.find_elements("css selector", "#code"):
                press(phone, ".card .button")
                wait_for(phone, "Escribe tu código")
            see(phone, "#code").send_keys(gate.wrong(gate.code(counter)))
            press(phone, ".sign .button")
            wait_for(phone, said)
        judged(phone, "code-5-burnt", wrong)
        assert wrong == []
        refused = [entry["message"] for entry in phone.get_log("browser") if "Content Security Policy" in entry["message"]]  # type: ignore[no-untyped-call]
        assert refused == []
    finally:
        phone.quit()


def keeps_the_proof(phone: Chrome) -> None:
    """Until the answer to the right code is there: it leads to the label, a file in which there are no words to wait for."""
    WebDriverWait(phone, PATIENCE).until(
        lambda shown: [kept for kept in shown.execute_cdp_cmd("Storage.getCookies", {})["cookies"] if step_up.PLAIN in kept["name"]]
    )
