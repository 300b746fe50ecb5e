"""Photos of what is sent back: each at its article, five of each, and what the server refuses whatever the page says."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from postventa.models import ReturnPhoto
from postventa.models.db import reading, transaction
from postventa.web.returns.shots import AT_ONCE
from tests.returns.scene import rules
from tests.scenarios import scenario
from tests.web.forms import read
from tests.web.returns.counter import BOWL, CUPS, ONE_WAY, Counter, checked
from tests.web.scene import picture

BOTH: dict[str, Any] = {"item": [CUPS, BOWL], f"q-{BOWL}": "1", f"why-{BOWL}": "unwanted"}


@pytest.fixture
def wanted(counter: Counter) -> Counter:
    """A counter whose rules want a photo of each article, and can: nobody may withdraw any more."""
    rules(counter.house, {"default": {**ONE_WAY["default"], "window": 60}, "rules": [{"name": "Foto", "then": {"photo": True}}]})
    counter.house.until(counter.house.clock.now() + timedelta(days=30))
    return counter


def send(ana: FlaskClient, page: TestResponse, **shown: list[bytes]) -> TestResponse:
    """The form of the page with photos. `shown`: `photos_1` is the field `photos-1`."""
    form = read(page)
    files: dict[str, Any] = {
        name.replace("_", "-"): [(BytesIO(one), f"foto-{place}.jpg") for place, one in enumerate(several, 1)] for name, several in shown.items()
    }
    return ana.post(form.action, data={**form.fields, "item": fields(page, "item"), **files}, content_type="multipart/form-data")


def fields(page: TestResponse, name: str) -> list[str]:
    """The values of each hidden field of that name."""
    return [given["value"] for tag, given in read(page).tags if tag == "input" and given.get("name") == name]


def kept(counter: Counter) -> list[str]:
    """Of which lines there are photos."""
    with reading(counter.house.engine) as session:
        return list(session.scalars(select(ReturnPhoto.line_ref).order_by(ReturnPhoto.line_ref)))


@scenario("S16", budget=60)
def test_each_article_has_its_own_photos_and_the_one_without_is_named(wanted: Counter, ana: FlaskClient) -> None:
    page = checked(ana, wanted.link(), **BOTH)
    asked = {given["name"]: "required" in given for tag, given in read(page).tags if given.get("type") == "file"}
    assert asked == {"photos-1": True, "photos-2": True}
    answer = send(ana, page, photos_1=[picture()])
    assert (answer.status_code, "Añade al menos una foto de «Cuenco" in answer.text, "una foto de «Taza" in answer.text) == (422, True, False)
    assert kept(wanted) == []
    answer = send(ana, page, photos_1=[picture()], photos_2=[picture(), picture()])
    assert (answer.status_code, kept(wanted)) == (303, ["1", "2", "2"])
    shown = ana.get(answer.headers["Location"]).text
    assert ("Tus fotos: 1" in shown, "Tus fotos: 2" in shown) == (True, True)


@scenario("S16", budget=60)
def test_five_of_each_article_are_taken_and_the_sixth_is_not(wanted: Counter, ana: FlaskClient) -> None:
    page = checked(ana, wanted.link(), **BOTH)
    answer = send(ana, page, photos_1=[picture()] * 6, photos_2=[picture()])
    assert (answer.status_code, "Caben 5 fotos por artículo: «foto-6.jpg» se ha quedado fuera." in answer.text) == (422, True)
    assert kept(wanted) == []
    assert (send(ana, page, photos_1=[picture()] * 5, photos_2=[picture()] * 5).status_code, len(kept(wanted))) == (303, 10)


@scenario("S16", budget=60)
def test_more_than_a_person_sends_at_once_is_not_even_looked_at(wanted: Counter, ana: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bytes] = []
    monkeypatch.setattr("postventa.web.returns.shots.photos.take", looked.append)
    page = checked(ana, wanted.link())
    answer = send(ana, page, photos_1=[picture()] * (AT_ONCE + 1))
    assert (answer.status_code, f"Envía {AT_ONCE} fotos de una vez como mucho" in answer.text, looked) == (422, True, [])


def test_a_change_finds_room_for_what_is_missing_and_no_more(wanted: Counter, ana: FlaskClient) -> None:
    where = send(ana, checked(ana, wanted.link()), photos_1=[picture()] * 4).headers["Location"]
    told = {"item": CUPS, "q-1": "1", "why-1": "unwanted", "as": "refund", "by": "drop_off", "step": "way"}
    page = ana.get(f"{where}/change", query_string=told)
    assert "Fotos que ya tenemos: 4" in page.text
    assert [given.get("required") for tag, given in read(page).tags if given.get("type") == "file"] == [None], "there are some"
    assert send(ana, page, photos_1=[picture()] * 2).status_code == 422
    assert (send(ana, page, photos_1=[picture()]).status_code, len(kept(wanted))) == (303, 5)
    full = ana.get(f"{where}/change", query_string=told)
    assert ("No caben más." in full.text, [given for tag, given in read(full).tags if given.get("type") == "file"]) == (True, [])
    assert (send(ana, full, photos_1=[picture()]).status_code, len(kept(wanted))) == (422, 5), "whatever the page says"


def test_photos_of_what_is_not_sent_back_are_left_aside(wanted: Counter, ana: FlaskClient) -> None:
    page = checked(ana, wanted.link())
    answer = send(ana, page, photos_1=[picture()], photos_2=[picture()], photos_99=[picture()], photos_=[picture()])
    assert (answer.status_code, kept(wanted)) == (303, ["1"])


def test_a_page_from_before_the_update_is_shown_anew(wanted: Counter, ana: FlaskClient) -> None:
    answer = send(ana, checked(ana, wanted.link()), photos=[picture()])
    assert (answer.status_code, "Algo ha cambiado mientras lo mirabas" in answer.text, kept(wanted)) == (422, True, [])


def test_older_photos_are_of_the_return_as_a_whole_and_count_for_each_article(wanted: Counter, ana: FlaskClient) -> None:
    where = send(ana, checked(ana, wanted.link(), **BOTH), photos_1=[picture()], photos_2=[picture()]).headers["Location"]
    with transaction(wanted.house.engine) as session:
        for photo in session.scalars(select(ReturnPhoto)):
            photo.line_ref = ""
    assert "Fotos de toda la devolución: 2" in ana.get(where).text
    told = {**BOTH, "q-1": "2", "why-1": "unwanted", "as": "refund", "by": "drop_off", "step": "way"}
    page = ana.get(f"{where}/change", query_string=told)
    assert [given.get("required") for tag, given in read(page).tags if given.get("type") == "file"] == [None, None]
    assert send(ana, page).status_code == 303
