"""A real phone: Chromium at 360 pixels, with and without JavaScript, against a real server on this machine."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from postventa.models import RecoveryCase, Review, ReviewPhoto, Suppression
from postventa.models.db import reading
from tests.look import judged
from tests.web.scene import Scene, order, picture, review_link, unsubscribe_link

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
WITHOUT = pytest.mark.skipif(
    not (CHROMIUM and DRIVER) and os.environ.get("CI") != "true", reason="there is no Chromium with its driver on this machine; CI has one"
)
pytestmark = [WITHOUT, pytest.mark.timeout(180)]


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the address of a page is a key."""


@pytest.fixture
def site(scene: Scene) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, scene.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


def browser(folder: Path, javascript: bool, *more: str) -> Chrome:
    """`more`: flags beside the usual ones."""
    options = ChromeOptions()
    options.binary_location = CHROMIUM or "/usr/bin/chromium"
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "no-first-run",
        *more,
    ):
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={folder}")
    if not javascript:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    opened = Chrome(options=options, service=Service(DRIVER or "/usr/bin/chromedriver"))
    opened.set_page_load_timeout(30)
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
    return opened


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chrome]:
    opened = browser(tmp_path / "profile", request.param)
    opened.get("data:text/html,<title>off</title><script>document.title='on'</script>")
    assert opened.title == ("on" if request.param else "off")
    yield opened
    opened.quit()


def see(phone: Chrome, css: str) -> WebElement:
    return phone.find_element(By.CSS_SELECTOR, css)


def wait_for(phone: Chrome, words: str) -> str:
    """The page's text, as soon as it holds these words; the page before it may vanish while it is read."""
    WebDriverWait(phone, 20, ignored_exceptions=[NoSuchElementException, StaleElementReferenceException]).until(
        lambda p: words in p.find_element(By.TAG_NAME, "body").text
    )
    return see(phone, "body").text


def test_ana_opens_the_link_of_her_mail_rates_writes_adds_a_photo_and_is_thanked(scene: Scene, site: str, phone: Chrome, tmp_path: Path) -> None:
    (tmp_path / "botines.jpg").write_bytes(picture(size=(1200, 900)))
    phone.get(f"{site}{review_link(scene, order(scene))}?item=1042-1&stars=4")
    assert see(phone, "#i1-s4").is_selected()
    see(phone, "label[for=i1-s5]").click()
    see(phone, "#i1-text").click()
    phone.execute_cdp_cmd("Input.insertText", {"text": "Comodísimos desde el primer día 😍👩‍🎨"})
    see(phone, "#i1-photos").send_keys(str(tmp_path / "botines.jpg"))
    see(phone, "form button").click()
    text = wait_for(phone, "Gracias por contarlo")
    assert "Comodísimos desde el primer día 😍👩‍🎨" in text
    assert "Opinar en Google Maps" in text
    assert see(phone, ".shots img").get_property("naturalWidth") == 192
    with reading(scene.engine) as session:
        review = session.scalars(select(Review)).one()
        assert (review.rating, review.body) == (5, "Comodísimos desde el primer día 😍👩‍🎨")
        assert session.scalars(select(ReviewPhoto.width)).all() == [1200]


def test_everything_can_be_done_with_the_keyboard(scene: Scene, site: str, phone: Chrome) -> None:
    phone.get(f"{site}{review_link(scene, order(scene))}?item=1042-1")
    assert not see(phone, "#i1-text").is_displayed()
    see(phone, "#i1-s0").send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert see(phone, "#i1-s2").is_selected()
    assert see(phone, "#i1-text").is_displayed()
    outline = see(phone, "label[for=i1-s2]").value_of_css_property("outline-style")
    assert outline == "solid"
    see(phone, "#i1-s2").send_keys(Keys.ENTER)
    assert "Sentimos que no haya ido bien" in wait_for(phone, "Gracias por contarlo")
    with reading(scene.engine) as session:
        assert session.scalars(select(RecoveryCase)).one().rating == 2


def test_chosen_stars_are_full_and_the_rest_hollow(scene: Scene, site: str, phone: Chrome) -> None:
    phone.get(f"{site}{review_link(scene, order(scene))}?item=1042-1&stars=3")
    fills = [see(phone, f"label[for=i1-s{n}] svg").value_of_css_property("fill") for n in range(1, 6)]
    assert fills[0] == fills[1] == fills[2] != fills[3] == fills[4]
    untouched = {see(phone, f"label[for=i2-s{n}] svg").value_of_css_property("fill") for n in range(1, 6)}
    assert untouched == {fills[4]}


def test_no_page_of_a_review_breaks_a_rule(scene: Scene, site: str, tmp_path: Path) -> None:
    phone = browser(tmp_path / "profile", javascript=True)
    bought = order(scene, titles=("Botines Triana de piel vuelta con cremallera lateral", "B" * 300))
    link = review_link(scene, bought)
    wrong: list[str] = []
    try:
        paths = {"unsubscribe": unsubscribe_link(scene, bought), "review-nope": "/review/nope", "review": f"{link}?item=1042-1&stars=2"}
        for name, path in paths.items():
            phone.get(site + path)
            judged(phone, name, wrong)
        see(phone, "form button").click()
        wait_for(phone, "Gracias por contarlo")
        judged(phone, "review-thanks", wrong)
        phone.get(site + paths["unsubscribe"])
        see(phone, "form button").click()
        wait_for(phone, "Hecho: no te pediremos más opiniones")
        judged(phone, "unsubscribed", wrong)
        assert wrong == []
        for entry in phone.get_log("browser"):  # type: ignore[no-untyped-call]
            assert "Content Security Policy" not in entry["message"]
    finally:
        phone.quit()


def test_ana_unsubscribes_and_thinks_again(scene: Scene, site: str, phone: Chrome) -> None:
    phone.get(site + unsubscribe_link(scene))
    see(phone, "form button").click()
    wait_for(phone, "Hecho: no te pediremos más opiniones")
    with reading(scene.engine) as session:
        assert session.scalars(select(Suppression.reason)).all() == ["unsubscribed"]
    see(phone, "form button").click()
    wait_for(phone, "Deshecho: todo sigue como antes.")
    with reading(scene.engine) as session:
        assert session.scalars(select(Suppression)).all() == []


def test_photos_beyond_all_measure_get_a_page_and_not_a_broken_connection(scene: Scene, site: str, tmp_path: Path) -> None:
    phone = browser(tmp_path / "profile", javascript=True)
    heavy = tmp_path / "pesada.jpg"
    with heavy.open("wb") as file:
        file.truncate(62 * 1024 * 1024)
    try:
        phone.get(f"{site}{review_link(scene, order(scene))}?item=1042-1&stars=4")
        see(phone, "#i1-photos").send_keys(str(heavy))
        see(phone, "form button").click()
        wait_for(phone, "Las fotos pesan demasiado")
    finally:
        phone.quit()
