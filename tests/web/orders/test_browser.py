"""A real phone at 360 pixels: Mara finds Ana's order, gives money back, a code and a note, and sends a mail again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.accounts.test_browser import fits
from tests.peers.woocommerce import WooCommercePeer
from tests.web import axe
from tests.web.orders.desk import Desk
from tests.web.orders.test_pages import send_off, take_back
from tests.web.phones import WITHOUT, at_work, see, serving, wait_for
from tests.web.shops.test_browser import picture

pytestmark = [WITHOUT, pytest.mark.timeout(240)]


@pytest.fixture
def site(desk: Desk) -> Iterator[str]:
    with serving(desk.app) as port:
        yield f"http://localhost:{port}"


@pytest.fixture
def phone(tmp_path: Path, desk: Desk, site: str) -> Iterator[Chrome]:
    """Signed in as Mara."""
    opened = at_work(tmp_path / "profile", desk, site)
    yield opened
    opened.quit()


def looks_well(phone: Chrome, name: str) -> None:
    """It fits, thumbs find everything, axe finds nothing on what no address leads to, and there is a picture for who wants one."""
    fits(phone)
    assert not name.endswith("-confirm") or axe.violations(phone) == []
    picture(phone, name)


def test_mara_finds_the_order_and_gives_money_back(desk: Desk, site: str, phone: Chrome, peer: WooCommercePeer) -> None:
    send_off(desk)
    take_back(desk)
    phone.get(f"{site}/orders")
    looks_well(phone, "orders")
    see(phone, "#q").send_keys("nadie", Keys.ENTER)
    wait_for(phone, "No encontramos ningún pedido")
    looks_well(phone, "orders-none")
    see(phone, "#q").clear()
    see(phone, "#q").send_keys("peña", Keys.ENTER)
    wait_for(phone, "Ana Peña Núñez")
    see(phone, ".orders a").click()
    wait_for(phone, "Qué ha pasado")
    looks_well(phone, "order")
    see(phone, ".acts .button").click()
    wait_for(phone, "¿Qué se devuelve?")
    Select(see(phone, "#line-1")).select_by_visible_text("2")
    see(phone, "#shipping").send_keys("2,00")
    see(phone, "#reason").send_keys("Llegaron rotas")
    looks_well(phone, "refund")
    see(phone, "#reason").send_keys(Keys.ENTER)
    wait_for(phone, "¿Devolver 21,99 €?")
    looks_well(phone, "refund-confirm")
    see(phone, "main button").click()
    wait_for(phone, "la tienda hará el reembolso")
    desk.work()
    phone.refresh()
    wait_for(phone, "Reembolso · 21,99 €")
    looks_well(phone, "order-after")
    assert [f"{amount}" for amount in peer.books.paid] == ["21.99"]
    phone.get(f"{site}{desk.page}/coupon")
    looks_well(phone, "coupon")
    see(phone, "#percent").send_keys("15", Keys.ENTER)
    wait_for(phone, "¿Crear un cupón de 15 %?")
    looks_well(phone, "coupon-confirm")
    phone.get(f"{site}{desk.page}")
    phone.find_elements(By.PARTIAL_LINK_TEXT, "Enviar otra vez")[0].click()
    wait_for(phone, "¿Enviar otra vez?")
    looks_well(phone, "effect")
    phone.get(f"{site}{desk.page}")
    see(phone, "#note-text").send_keys("Llamó enfadada.")
    see(phone, "#note button").click()
    wait_for(phone, "¿Escribir esta nota?")
    looks_well(phone, "note-confirm")
    for entry in phone.get_log("browser"):  # type: ignore[no-untyped-call]
        assert "Content Security Policy" not in entry["message"]
