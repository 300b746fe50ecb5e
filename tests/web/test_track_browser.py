"""The page of an order on a real phone: without JavaScript, at 320 and 360 pixels, enlarged to 200 %, by keyboard, light, dark, and through axe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from postventa.locale import languages
from postventa.web.withdraw import withdraw
from tests.look import fits_small_phones, judged
from tests.web.parcels import BOOTS, BOUGHT, SOCKS, happened, journey, parcel, returned
from tests.web.phones import WITHOUT, browser, see, wait_for
from tests.web.scene import MARAS_KEY, NOW, Scene
from tests.web.shop_names import look_up_page
from tests.web.test_browser import site
from tests.web.test_track_told import tracked

pytestmark = [WITHOUT, pytest.mark.timeout(180)]
__all__ = ["site"]

FOCUS = "const e = document.activeElement; return [e.tagName, getComputedStyle(e).outlineStyle]"


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Chrome]:
    """No page of ours gets to run a script; axe comes by the driver, which needs none of the page's."""
    opened = browser(tmp_path / "profile", javascript=True)
    yield opened
    opened.quit()


def pages(scene: Scene) -> dict[str, str]:
    """Each way that an order can be, by name."""
    half = (parcel("p1", (BOOTS[0],), out_for_delivery_at=NOW - timedelta(hours=2)), parcel("p2", (SOCKS[0],)))
    happened(scene, "DeliveryFailed", NOW - timedelta(hours=3), "failed", parcel_ref="p1")
    happened(scene, "OrderRefunded", NOW - timedelta(days=1), "over", refund_ref="r1", amount="12.50", lines=[[SOCKS[0], 1]])
    found = {
        "on-its-way": journey(scene, parcel(), number="#1042"),
        "two-parcels": journey(scene, *half, number="#two"),
        "failed": journey(scene, parcel(out_for_delivery_at=NOW - timedelta(hours=5)), number="#failed"),
        "delivered": journey(scene, parcel(delivered_at=NOW - timedelta(days=1)), number="#over", refunded_total=12),
        "scanned": journey(scene, parcel(), number="#scanned"),
        "comes-back": journey(scene, parcel(), number="#back"),
        "placed": journey(scene, number="#new", prepared_at=None),
        "cancelled": journey(scene, number="#off", cancelled_at=NOW - timedelta(days=1), step="cancelled"),
        "pickup": journey(scene, parcel(ready_for_pickup_at=NOW - timedelta(hours=20)), number="#pickup"),
        "old": journey(scene, parcel(delivered_at=NOW - timedelta(days=61)), number="#old"),
        "unknown": "/t/nope",
        "look-up": look_up_page(scene, MARAS_KEY),
        "asked": look_up_page(scene, MARAS_KEY) + "?sent=1",
    }
    happened(scene, "DeliveryPromised", BOUGHT, "said", by="2026-11-24")
    found["promised"] = journey(scene, number="#said")
    returned(scene, "received", ref="over")
    sorting = ("in_transit", "sorted", "Centro de tratamiento automatizado de Madrid-Vallecas")
    scans = (("in_transit", "shipment-on-route", "Sevilla"), sorting, ("in_transit", "at-customs", ""))
    tracked(scene, *scans, ref="scanned", expected_on="2026-11-24", promised_on="2026-11-20")
    tracked(scene, scans[0], ("returned_to_sender", "undeliverable", ""), ref="back")
    return found


def test_every_page_fits_small_phones_enlarged_too_and_breaks_no_rule(scene: Scene, site: str, phone: Chrome) -> None:
    wrong: list[str] = []
    scene.app.register_blueprint(withdraw)
    for name, path in pages(scene).items():
        phone.get(site + path)
        judged(phone, name, wrong)
    assert wrong == []
    refused = [entry["message"] for entry in phone.get_log("browser") if "Content Security Policy" in entry["message"]]  # type: ignore[no-untyped-call]
    assert refused == []


@pytest.mark.long
def test_every_page_fits_small_phones_in_every_language(scene: Scene, site: str, phone: Chrome) -> None:
    scene.app.register_blueprint(withdraw)
    for name, path in pages(scene).items():
        for language in languages():
            phone.get(f"{site}{path}{'&' if '?' in path else '?'}lang={language}")
            fits_small_phones(phone, f"{name} {language}")


def test_ana_without_javascript_changes_the_language_by_keyboard_and_asks_for_a_link(scene: Scene, site: str, tmp_path: Path) -> None:
    phone = browser(tmp_path / "quiet", javascript=False)
    try:
        phone.get(site + journey(scene, parcel()))
        assert "Tu paquete va de camino" in wait_for(phone, "Llegada prevista")
        seen = set()
        for _ in range(12):
            phone.switch_to.active_element.send_keys(Keys.TAB)
            tag, outline = phone.execute_script(FOCUS)
            seen.add((tag, outline))
            if phone.switch_to.active_element.text == "English":
                break
        assert seen == {("A", "solid")}
        phone.switch_to.active_element.send_keys(Keys.ENTER)
        wait_for(phone, "Your parcel is on its way")
        assert see(phone, "html").get_attribute("lang") == "en"
        phone.get(site + look_up_page(scene, MARAS_KEY))
        see(phone, "#number").send_keys("1042")
        see(phone, "#email").send_keys("ana@correo.example", Keys.ENTER)
        wait_for(phone, "Mira tu correo")
        assert phone.find_elements(By.CSS_SELECTOR, "main form") == []
    finally:
        phone.quit()
