"""/track/<shop>: the form, what it refuses, and the public names of shops."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from postventa import addresses
from postventa.models import LookUp, Shop
from postventa.models.db import reading, transaction
from tests.web.forms import read
from tests.web.scene import MARAS_KEY, NOW, OTTOS_KEY, SECRET, Scene
from tests.web.shop_names import look_up_page, public_name


def kept(scene: Scene) -> list[tuple[str, str, str]]:
    with reading(scene.engine) as session:
        return [(row.purpose, row.number, row.email) for row in session.scalars(select(LookUp).order_by(LookUp.id))]


def send(client: FlaskClient, page: str, number: str, email: str, **more: str) -> tuple[int, str]:
    form = read(client.get(page))
    answer = client.post(form.action, data={**form.fields, "number": number, "email": email, **more}, follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


def test_what_was_typed_in_is_written_down_tidied_and_answered_with_one_page(scene: Scene, ana: FlaskClient) -> None:
    status, page = send(ana, look_up_page(scene, MARAS_KEY), "  #1042\x00 ", " Ana@Correo.example ")
    assert status == 200
    assert "Si el número y el correo coinciden con un pedido" in page
    assert "Zapatería Mara" in page
    assert kept(scene) == [("track", "#1042", "ana@correo.example")]


@pytest.mark.parametrize(
    ("number", "email", "said"),
    [("", "ana@correo.example", "Falta el número de pedido"), ("#", "ana@correo.example", "Falta el número de pedido"),
     ("1042", "ana", "no está completa"), ("1042", "a@b.example\r\nBcc: x@y.example", "no está completa"), ("1042", "", "no está completa")],
)  # fmt: skip
def test_what_is_missing_is_said_beside_its_field_and_nothing_is_kept(scene: Scene, ana: FlaskClient, number: str, email: str, said: str) -> None:
    status, page = send(ana, look_up_page(scene, MARAS_KEY), number, email)
    assert status == 422
    assert said in page
    assert 'aria-invalid="true"' in page
    assert kept(scene) == []


def test_the_number_comes_along_from_the_shops_page_and_nothing_else_does(scene: Scene, ana: FlaskClient) -> None:
    page = f"{look_up_page(scene, MARAS_KEY)}?number=%20%231042%00{'9' * 99}&email=otto@otto.example&seal=x"
    form = read(ana.get(page))
    assert form.fields["number"] == f"#1042{'9' * 55}"
    assert (form.fields["seal"] != "x", kept(scene)) == (True, [])
    assert "otto@otto.example" not in ana.get(page).get_data(as_text=True)


def test_forms_from_elsewhere_and_of_another_shop_are_refused(scene: Scene, ana: FlaskClient) -> None:
    mine, other = look_up_page(scene, MARAS_KEY), look_up_page(scene, OTTOS_KEY)
    seal = read(ana.get(other)).fields["seal"]
    assert send(ana, mine, "1042", "ana@correo.example", seal=seal)[0] == 403
    assert send(ana, mine, "1042", "ana@correo.example", seal="")[0] == 403
    form = read(ana.get(mine))
    forged = ana.post(form.action, data={**form.fields, "number": "1", "email": "a@b.example"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert forged.status_code == 403
    assert kept(scene) == []


def test_the_language_and_the_purpose_stay_on_the_way(scene: Scene, ana: FlaskClient) -> None:
    page = f"{look_up_page(scene, MARAS_KEY)}?purpose=return&lang=de"
    assert "Möchtest du etwas zurückschicken?" in ana.get(page).get_data(as_text=True)
    form = read(ana.get(page))
    answer = ana.post(form.action, data={**form.fields, "number": "1042", "email": "ana@correo.example"})
    assert answer.headers["Location"] == f"{look_up_page(scene, MARAS_KEY)}?sent=1&purpose=return&lang=de"
    assert kept(scene) == [("track", "1042", "ana@correo.example")], "there is no page for returns here"


def test_the_number_that_a_link_in_the_shop_knows_is_filled_in_and_stays_in_every_language(scene: Scene, ana: FlaskClient) -> None:
    page = look_up_page(scene, MARAS_KEY)
    form = ana.get(page, query_string={"number": ' 10"42\r\n><b> '}).get_data(as_text=True)
    assert 'value="10&#34;42 &gt;&lt;b&gt;"' in form
    assert f'href="{page}?number=+10%2242' in form
    assert 'maxlength="60"' in ana.get(page, query_string={"number": "9" * 5000}).get_data(as_text=True)
    assert f'value="{"9" * 61}' not in ana.get(page, query_string={"number": "9" * 5000}).get_data(as_text=True)
    assert kept(scene) == []


def test_a_shop_has_a_name_that_nobody_can_count_up_and_that_is_not_its_key(scene: Scene) -> None:
    mara, otto = public_name(scene, MARAS_KEY), public_name(scene, OTTOS_KEY)
    assert mara.startswith("zapateria-mara-1")
    assert otto.startswith("otto-mobel-2")
    assert addresses.shop_number(SECRET, mara) == 1
    assert addresses.shop_number(SECRET, f"renamed-{mara.rpartition('-')[2]}") == 1, "a shop may change its name"
    assert addresses.public_name(SECRET, 7, "道草") == addresses.public_name(SECRET, 7, "")
    for wrong in (
        "",
        "zapateria-mara",
        "zapateria-mara-1",
        mara[:-1],
        f"{mara}a",
        mara.replace("1", "2"),
        mara.upper(),
        f"{mara}/",
        "-" * 500,
        MARAS_KEY,
    ):
        assert addresses.shop_number(SECRET, wrong) is None, wrong
    assert addresses.shop_number(b"another secret of thirty-two byte", mara) is None


def test_a_shop_that_left_has_no_page(scene: Scene, ana: FlaskClient) -> None:
    page = look_up_page(scene, MARAS_KEY)
    with transaction(scene.engine) as session:
        session.scalars(select(Shop).where(Shop.key == MARAS_KEY)).one().disconnected_at = NOW
    assert ana.get(page).status_code == 404
    assert ana.get("/track/nobody-1abcde").status_code == 404
