"""A real phone, a real Redis with its worker, TLS on both sides: Mara connects her shop by the button in it, without a script, and by pasted keys."""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select
from sqlalchemy import Engine

from tests.accounts.test_browser import fits
from tests.accounts.visits import PASSWORD, Person
from tests.connectors import certificates
from tests.peers.shop import Reply
from tests.peers.woocommerce_site import KEY, SECRET, WordPressSite
from tests.web.phones import WITHOUT, see, serving, spanish, wait_for
from tests.web.shops import street as town
from tests.web.shops.street import HOME, HOST, Street, to_ours

pytestmark = [WITHOUT, pytest.mark.timeout(240)]

OWN = [("entregado", "Entregado"), ("express", "Enviado por Express"), ("regalo", "Papel de regalo"), ("completed", "Completado")]


@pytest.fixture
def open_street(sqlite_engine: Engine, redis_url: str, tmp_path: Path, site: WordPressSite) -> Iterator[tuple[Street, int]]:
    """The service behind TLS, and its port; browsers find it at `HOME`."""
    ours = tmp_path / "ours"
    ours.mkdir()
    made = Street(town.settings(tmp_path, sqlite_engine.url.render_as_string(hide_password=False), redis_url))
    context = certificates.make(ours, HOST).context
    with serving(made.app, context) as port:
        site.sends = to_ours(port)
        site.statuses = Reply(document=[{"slug": slug, "name": name} for slug, name in OWN])
        yield made, port
    made.close()


@pytest.fixture
def phone(request: pytest.FixtureRequest, tmp_path: Path, open_street: tuple[Street, int]) -> Iterator[Chrome]:
    rules = f"host-resolver-rules=MAP {HOST}:443 127.0.0.1:{open_street[1]}, MAP tienda.test 127.0.0.1"
    opened = spanish(tmp_path / "profile", request.param, rules, "ignore-certificate-errors")
    yield opened
    opened.quit()


def sign_in(phone: Chrome, mara: Person) -> None:
    phone.get(f"{HOME}/account/sign-in")
    for field, value in (("email", mara.email), ("password", PASSWORD), ("code", mara.code())):
        see(phone, f"#{field}").send_keys(value)
    see(phone, "#code").send_keys(Keys.ENTER)
    wait_for(phone, "Conecta tu primera tienda")


def looked(phone: Chrome, street: Street, site: WordPressSite) -> None:
    """From the first page to what was found at the shop."""
    see(phone, ".hello .button").click()
    wait_for(phone, "¿Con qué funciona tu tienda?")
    picture(phone, "choose")
    see(phone, ".pick").click()
    wait_for(phone, "¿Dónde está tu tienda?")
    fits(phone)
    see(phone, "#address").send_keys(site.url, Keys.ENTER)
    wait_for(phone, "Estamos mirando tu tienda")
    fits(phone)
    picture(phone, "waiting")
    street.work_queue()
    wait_for(phone, "Todo listo para conectar")  # the page came by itself
    fits(phone)
    picture(phone, "look")


NAMED = """
const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (all.nextNode()) all.currentNode.data = all.currentNode.data.replace(/tienda\\.test:\\d+/, 'zapateria-lola.example');
"""
"""For pictures: the shop as people know it."""


def picture(phone: Chrome, name: str) -> None:
    """Kept for people to look at, if somebody wants them: SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        phone.execute_script(NAMED)
    for width in (360, 1200) if folder else ():
        shape = {"width": width, "height": 740, "deviceScaleFactor": 1.5, "mobile": width < 500}
        phone.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
        data: Any = phone.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        (Path(folder or "") / f"{name}-{width}.png").write_bytes(b64decode(data["data"]))
    if folder:
        phone.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})


@pytest.mark.parametrize("phone", [False], ids=["without JavaScript"], indirect=True)
def test_mara_approves_in_her_shop_and_is_led_to_the_end(open_street: tuple[Street, int], phone: Chrome, site: WordPressSite) -> None:
    street, mara = open_street[0], open_street[0].employ()
    sign_in(phone, mara)
    fits(phone)
    picture(phone, "first")
    looked(phone, street, site)
    see(phone, "form[action$='/approve'] button").click()
    wait_for(phone, "quiere conectarse a tu tienda")  # on the shop's own page
    assert phone.current_url.startswith(site.url)
    see(phone, ".wc-auth-approve").click()
    wait_for(phone, "Estamos probando las claves")  # back, with the cookie of before
    street.work_queue()
    wait_for(phone, "Qué significan tus estados")
    fits(phone)
    picture(phone, "statuses")
    chosen = Select(see(phone, "#step-1"))
    assert chosen.first_selected_option.text == "Entregado"
    Select(see(phone, "#step-3")).select_by_visible_text("Nada: no avisamos a nadie")
    see(phone, "form[action$='/statuses'] button").click()
    assert "«Procesando pedido»" in wait_for(phone, "Zapatería Lola está conectada")
    fits(phone)
    picture(phone, "ready")
    assert sorted(hook["topic"] for hook in site.made) == ["order.created", "order.deleted", "order.restored", "order.updated"]
    see(phone, "main > p .button").click()
    assert "Los webhooks funcionan." in wait_for(phone, "Pausar todos los correos")
    fits(phone)
    phone.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 320, "height": 740, "deviceScaleFactor": 2, "mobile": True})
    fits(phone)
    picture(phone, "shop")
    phone.get(f"{HOME}/shops")
    wait_for(phone, "Conectar otra tienda")
    fits(phone)
    picture(phone, "shops")
    assert street.shops()[0].settings["status_map"] == {"entregado": "delivered", "express": "shipped", "regalo": "nothing"}
    for entry in phone.get_log("browser"):  # type: ignore[no-untyped-call]
        assert "Content Security Policy" not in entry["message"]


@pytest.mark.parametrize("phone", [True], ids=["with JavaScript"], indirect=True)
def test_mara_pastes_keys_and_later_disconnects_by_keyboard(open_street: tuple[Street, int], phone: Chrome, site: WordPressSite) -> None:
    street, mara = open_street[0], open_street[0].employ()
    sign_in(phone, mara)
    looked(phone, street, site)
    see(phone, "details:not(.found details) summary").send_keys(Keys.ENTER)
    see(phone, "#key").send_keys(KEY)
    see(phone, "#secret").send_keys(SECRET)
    fits(phone)
    see(phone, "#secret").send_keys(Keys.ENTER)
    wait_for(phone, "Estamos probando las claves")
    street.work_queue()
    wait_for(phone, "Qué significan tus estados")
    phone.get(f"{HOME}/shops/1/leave")
    wait_for(phone, "¿Desconectar Zapatería Lola?")
    fits(phone)
    picture(phone, "leave")
    see(phone, "#sure").send_keys(Keys.SPACE, Keys.ENTER)
    wait_for(phone, "Desconectada: desde ahora no llega ni sale nada.")
    fits(phone)
    street.work_queue()
    assert site.made == []
    assert phone.find_elements(By.CSS_SELECTOR, ".danger") == []
