"""A real phone at 360 pixels: a return is agreed to in part, scanned, looked at and paid; axe finds nothing on any page, in light or in dark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from jobs.proof_files import ProofFile
from postventa.models import ReturnCase
from postventa.models.db import transaction
from postventa.returns import appointment
from postventa.returns.slots import Slot
from postventa.reviews import photos
from tests.accounts.test_browser import SMALL
from tests.look import judged
from tests.peers.woocommerce import WooCommercePeer
from tests.returns.test_proof import PDF, handed
from tests.web.orders.desk import plain
from tests.web.phones import PATIENCE, WITHOUT, at_work, see, serving, wait_for_focus
from tests.web.returns_desk.bench import ASKED, LOOKED_AT, TWO, Bench, page
from tests.web.returns_desk.test_rules_page import TOML, rules_page
from tests.web.scene import picture

pytestmark = [WITHOUT, pytest.mark.timeout(240)]
INSPECTED = {"default": {**ASKED["default"], "refund_when": "after_inspection"}}


@pytest.fixture
def site(bench: Bench) -> Iterator[str]:
    with serving(bench.app) as port:
        yield f"http://localhost:{port}"


@pytest.fixture
def phone(tmp_path: Path, bench: Bench, site: str) -> Iterator[Chrome]:
    """Signed in as Mara, who may do all of it."""
    opened = at_work(tmp_path / "profile", bench, site)
    yield opened
    opened.quit()


def looks_well(phone: Chrome, name: str) -> None:
    wrong: list[str] = []
    judged(phone, name, wrong, SMALL)
    assert wrong == []


def arrive(phone: Chrome, words: str) -> None:
    """Wait for the page with these words; the one before it may vanish at any moment."""
    script = "return document.readyState === 'complete' ? document.body.innerText : ''"
    WebDriverWait(phone, PATIENCE, ignored_exceptions=[WebDriverException]).until(lambda shown: words in plain(str(shown.execute_script(script))))


def press(phone: Chrome, css: str) -> None:
    element = see(phone, css)
    phone.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


def test_photos_stand_at_their_article_on_a_telephone(bench: Bench, site: str, phone: Chrome) -> None:
    taken = {ref: [photos.take(picture()) for _ in range(count)] for ref, count in (("1", 3), ("2", 1), ("", 1))}
    case = bench.a_return(LOOKED_AT, photos=taken)
    for path, shown, words in (("", [3, 1], "Qué vuelve y por qué"), ("/goods", [3, 0, 1], "¿Qué se ve en la foto?")):
        phone.get(f"{site}{page(case, path)}")
        arrive(phone, words)
        pieces = phone.find_elements(By.CSS_SELECTOR, ".goods > li, fieldset.unit")
        assert [len(piece.find_elements(By.CSS_SELECTOR, ".photos img")) for piece in pieces] == shown
        looks_well(phone, f"photos{path.replace('/', '-')}")
    Select(see(phone, "#line")).select_by_visible_text("Cuenco")
    see(phone, "#photo").send_keys(str(Path(__file__).parents[2] / "fixtures" / "photos" / "turned.heic"))
    press(phone, "form[enctype] button")
    arrive(phone, "Foto guardada")
    assert phone.find_elements(By.CSS_SELECTOR, ".photos img[alt='Foto 1 · Cuenco']")[-1].is_displayed()


def test_a_return_from_the_desk_to_the_money(bench: Bench, site: str, phone: Chrome, peer: WooCommercePeer) -> None:
    case = bench.a_return(INSPECTED)
    phone.get(f"{site}/returns-desk")
    looks_well(phone, "list")
    see(phone, ".orders a").click()
    arrive(phone, "Qué vuelve y por qué")
    looks_well(phone, "return")
    press(phone, ".acts .button")
    arrive(phone, "Baja una cantidad")
    Select(see(phone, "#line-2")).select_by_visible_text("0")
    Select(see(phone, "#ground")).select_by_value("sealed_hygiene")
    looks_well(phone, "approve")
    press(phone, "main button")
    arrive(phone, "Reembolso: 20,00 €")
    looks_well(phone, "approve-confirm")
    press(phone, "main button")
    arrive(phone, "Aceptada. La persona recibe un correo.")
    phone.get(f"{site}/returns-desk/scan")
    wait_for_focus(phone, "#code")  # a hand scanner types at once
    looks_well(phone, "scan")
    see(phone, "#code").send_keys("R-0000-0000", Keys.ENTER)
    arrive(phone, "No encontramos «R-0000-0000».")
    looks_well(phone, "scan-none")
    see(phone, "#code").send_keys(case.number.replace("-", ""), Keys.ENTER)
    arrive(phone, "Lo que no marques se sigue esperando.")
    press(phone, "label[for=g-0-1-stock]")
    press(phone, "label[for=g-0-2-damaged]")
    see(phone, "#n-0-2").send_keys("Asa rota")
    looks_well(phone, "goods")
    press(phone, "main form button")
    arrive(phone, "una persona decide el dinero")
    looks_well(phone, "goods-confirm")
    press(phone, "main button")
    arrive(phone, "Guardado.")
    wait_for_focus(phone, "#code")  # the next parcel can be scanned at once
    looks_well(phone, "scan-done")
    phone.get(f"{site}{page(case)}")
    looks_well(phone, "return-unclear")
    phone.find_element(By.LINK_TEXT, "Resolver y pagar").click()
    arrive(phone, "Suma en EUR")
    see(phone, "#amount").clear()
    see(phone, "#amount").send_keys("15")
    see(phone, "#reason").send_keys("El asa venía rota")
    looks_well(phone, "pay")
    press(phone, "main button")
    arrive(phone, "Reembolso: 15,00 €")
    press(phone, "main button")
    arrive(phone, "Apuntado")
    bench.work()
    assert [f"{amount}" for amount in peer.books.paid] == ["15.00"]
    phone.get(f"{site}{page(case)}")
    looks_well(phone, "return-paid")
    _rules_and_figures(bench, site, phone)
    for entry in phone.get_log("browser"):  # type: ignore[no-untyped-call]
        assert "Content Security Policy" not in entry["message"]


def _rules_and_figures(bench: Bench, site: str, phone: Chrome) -> None:
    phone.get(f"{site}{rules_page(bench)}")
    looks_well(phone, "rules")
    phone.execute_script("document.querySelector('#document').value = arguments[0]", TOML)
    see(phone, "#order").send_keys("4001")
    press(phone, "button[value=try]")
    arrive(phone, "Con el pedido 4001")
    assert "3.95 por el paquete" in see(phone, "main").text
    looks_well(phone, "rules-tried")
    phone.execute_script("document.querySelector('#document').value = '[default]\\nwindow = 3'")
    press(phone, "button[value=save]")
    arrive(phone, "Línea 2")
    looks_well(phone, "rules-wrong")
    phone.get(f"{site}/returns-desk/figures")
    looks_well(phone, "figures")


def test_what_a_customer_showed_and_whom_to_call_on(bench: Bench, site: str, phone: Chrome) -> None:
    case = bench.a_return({"default": {**INSPECTED["default"], "decision": "approve"}}, replace(TWO, method="own_carrier"))
    handed(bench.house, case, file=ProofFile("pdf", PDF))
    visit(phone, f"{site}{page(case)}", "Justificantes de envío")
    looks_well(phone, "proof-desk")
    badge = see(phone, ".rows .badge")
    assert badge.size["width"] < 200, "a badge is as wide as its word"
    visit(phone, f"{site}{page(case, '/unproven')}", "Rechazar el justificante")
    looks_well(phone, "proof-desk-refuse")
    slot = Slot(date(2026, 11, 6), time(9), time(14))
    with transaction(bench.house.engine) as session:
        row = session.get_one(ReturnCase, case.id)
        row.method = "pickup"
        appointment.put(row, appointment.first(slot, "Europe/Madrid", "+34600000000", appointment.HAND).at(appointment.Stage.ORDERED))
    for where, words in (
        ("/returns-desk/pickups", "Por quién hay que pasar"),
        (page(case), "Recogida en casa"),
        (page(case, "/fetch-off"), "Motivo"),
    ):
        visit(phone, f"{site}{where}", words)
        looks_well(phone, f"pickup-desk-{where.rpartition('/')[2]}")


def visit(phone: Chrome, url: str, words: str) -> None:
    phone.get(url)
    arrive(phone, words)
