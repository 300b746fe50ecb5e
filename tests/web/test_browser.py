"""A real phone: Chromium at 360 pixels, with and without JavaScript, against a real server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select

from postventa.models import RecoveryCase, Review, ReviewPhoto, Suppression
from postventa.models.db import reading
from tests.look import judged
from tests.web.phones import WITHOUT, browser, see, serving, wait_for
from tests.web.scene import Scene, order, picture, review_link, unsubscribe_link

pytestmark = [WITHOUT, pytest.mark.timeout(180)]


@pytest.fixture
def site(scene: Scene) -> Iterator[str]:
    with serving(scene.app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chrome]:
    opened = browser(tmp_path / "profile", request.param)
    opened.get("data:text/html,<title>off</title><script>document.title='on'</script>")
    assert opened.title == ("on" if request.param else "off")
    yield opened
    opened.quit()


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
