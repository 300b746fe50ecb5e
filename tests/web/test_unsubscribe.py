from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from postventa.models import Suppression
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.scenarios import scenario
from tests.web.forms import fill_in, read
from tests.web.scene import MARAS_KEY, NOW, OTTOS_KEY, Scene, order, unsubscribe_link

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def stopped(scene: Scene) -> list[tuple[str, str, str]]:
    with reading(scene.engine) as session:
        return [(row.email, row.category, row.reason) for row in session.scalars(select(Suppression))]


@scenario("S18", budget=30)
@pytest.mark.parametrize("category", ["reviews", "marketing"])
@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_works_without_cookie_page_or_redirect(scene: Scene, ana: FlaskClient, category: str, encoding: str) -> None:
    answer = ana.post(unsubscribe_link(scene, category=category), data=ONE_CLICK, content_type=encoding)
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert stopped(scene) == [("ana@correo.example", category, "unsubscribed")]


@scenario("S8", budget=30)
def test_opening_the_link_changes_nothing(scene: Scene, ana: FlaskClient) -> None:
    link = unsubscribe_link(scene, order(scene))
    page = ana.get(link)
    ana.head(link)
    assert page.status_code == 200
    assert "¿Dejamos de pedirte opiniones?" in page.get_data(as_text=True)
    assert stopped(scene) == []


def test_the_button_stops_the_mails_and_can_be_undone(scene: Scene, ana: FlaskClient) -> None:
    link = unsubscribe_link(scene)
    page = fill_in(ana, link).get_data(as_text=True)
    assert "Hecho: no te pediremos más opiniones" in page
    assert len(stopped(scene)) == 1
    assert "Deshacer" in ana.get(link).get_data(as_text=True)
    page = fill_in(ana, link, do="undo").get_data(as_text=True)
    assert "Deshecho: todo sigue como antes." in page
    assert stopped(scene) == []


def test_asking_twice_is_asking_once(scene: Scene, ana: FlaskClient) -> None:
    link = unsubscribe_link(scene)
    for _ in range(3):
        assert ana.post(link, data=ONE_CLICK).status_code == 200
    assert len(stopped(scene)) == 1


def test_the_address_is_not_shown_in_full(scene: Scene, ana: FlaskClient) -> None:
    text = ana.get(unsubscribe_link(scene)).get_data(as_text=True)
    assert "a•••@correo.example" in text
    assert "ana@correo.example" not in text


def test_these_links_never_expire(scene: Scene, ana: FlaskClient, clock: TestClock) -> None:
    link = unsubscribe_link(scene)
    clock.set(NOW + timedelta(days=3650))
    assert ana.post(link, data=ONE_CLICK).status_code == 200
    assert len(stopped(scene)) == 1


def test_a_pause_becomes_a_stop(scene: Scene, ana: FlaskClient) -> None:
    link = unsubscribe_link(scene)
    with transaction(scene.engine) as session:
        row = Suppression(
            shop_id=scene.ids[MARAS_KEY], email="ana@correo.example", category="reviews", reason="soft_bounce", at=NOW, until=NOW + timedelta(days=14)
        )
        session.add(row)
    assert "¿Dejamos" in ana.get(link).get_data(as_text=True)
    ana.post(link, data=ONE_CLICK)
    with reading(scene.engine) as session:
        row = session.scalars(select(Suppression)).one()
    assert (row.until, row.reason) == (None, "unsubscribed")


def test_undo_does_not_revive_an_address_that_bounced(scene: Scene, ana: FlaskClient) -> None:
    link = unsubscribe_link(scene)
    seal = read(ana.get(link)).fields["seal"]
    with transaction(scene.engine) as session:
        session.add(Suppression(shop_id=scene.ids[MARAS_KEY], email="ana@correo.example", category="reviews", reason="hard_bounce", at=NOW))
    assert "Deshacer" not in ana.get(link).get_data(as_text=True)
    ana.post(link, data={"seal": seal, "do": "undo"})
    assert stopped(scene) == [("ana@correo.example", "reviews", "hard_bounce")]


def test_it_stops_the_mails_of_one_shop_only(scene: Scene, ana: FlaskClient) -> None:
    unsubscribe_link(scene, shop=OTTOS_KEY)
    ana.post(unsubscribe_link(scene), data=ONE_CLICK)
    with reading(scene.engine) as session:
        assert [row.shop_id for row in session.scalars(select(Suppression))] == [scene.ids[MARAS_KEY]]


@scenario("S18", budget=30)
@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "No"}, {"do": "stop"}, {"do": "stop", "seal": "0" * 64}, {"do": "stop", "seal": "ñ"}])
def test_any_other_post_needs_the_page(scene: Scene, ana: FlaskClient, body: dict[str, str]) -> None:
    assert ana.post(unsubscribe_link(scene), data=body).status_code == 403
    assert stopped(scene) == []


@scenario("S18", budget=30)
def test_without_a_token_of_its_own_one_click_does_nothing(scene: Scene, ana: FlaskClient) -> None:
    unsubscribe_link(scene)
    assert ana.post("/unsubscribe/" + "A" * 43, data=ONE_CLICK).status_code == 404
    assert stopped(scene) == []
