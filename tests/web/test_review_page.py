from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from postventa.models import Effect, Link, Order, RecoveryCase, Review, ReviewPhoto, Suppression
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.scenarios import scenario
from tests.web.forms import fill_in, photo, read
from tests.web.scene import MARAS_KEY, NOW, PLACES, Scene, order, picture, review_link


def reviews(scene: Scene) -> list[Review]:
    with reading(scene.engine) as session:
        return list(session.scalars(select(Review).order_by(Review.line_ref)))


def count(scene: Scene, table: type) -> int:
    with reading(scene.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def link(scene: Scene) -> str:
    return review_link(scene, order(scene))


def test_the_page_shows_the_shop_the_items_and_the_stars_of_the_link(ana: FlaskClient, link: str) -> None:
    page = ana.get(f"{link}?item=1042-2&stars=4")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    for word in ("Zapatería Mara", "Pedido #1042", "Compra verificada", "Botines Triana de piel", "Calcetines de algodón", "¿Qué tal tu compra?"):
        assert word in text
    assert read(page).fields["stars-1042-2"] == "4"
    assert read(page).fields["stars-1042-1"] == ""
    assert text.index("Calcetines de algodón") < text.index("Botines Triana de piel")
    assert read(page).fields["author"] == "Ana R."


@pytest.mark.parametrize(
    "nonsense", ["?item=1042-1&stars=9", "?item=1042-1&stars=-1", "?item=1042-1&stars=%F0%9F%98%80", "?item=nope&stars=4", "?stars=4"]
)
def test_nonsense_in_the_address_chooses_no_stars(ana: FlaskClient, link: str, nonsense: str) -> None:
    page = ana.get(link + nonsense)
    assert page.status_code == 200
    assert {value for name, value in read(page).fields.items() if name.startswith("stars")} == {""}


@scenario("S8", budget=30)
def test_opening_the_link_changes_nothing(scene: Scene, ana: FlaskClient, link: str) -> None:
    for method in (ana.get, ana.head, ana.options):
        method(f"{link}?item=1042-1&stars=1")
    assert [count(scene, table) for table in (Review, RecoveryCase, Effect, Suppression)] == [0, 0, 0, 0]
    with reading(scene.engine) as session:
        assert session.scalars(select(Link)).one().used_at is None


def test_a_review_with_text_emoji_and_photo_is_stored(scene: Scene, ana: FlaskClient, link: str) -> None:
    page = fill_in(ana, link, stars__1042_1="5", text__1042_1="Comodísimos 😍\r\nRepetiré", photos__1042_1=photo(picture()), author="Ana R.")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "Gracias por contarlo" in text
    assert "Comodísimos 😍<br>Repetiré" in text
    assert "5 de 5 estrellas" in text
    said = reviews(scene)[0]
    assert (said.rating, said.body, said.author, said.language, said.verified) == (5, "Comodísimos 😍\nRepetiré", "Ana R.", "es", True)
    assert (said.product_ref, said.product_title, said.line_ref) == ("p1", "Botines Triana de piel", "1042-1")
    assert count(scene, ReviewPhoto) == 1
    with reading(scene.engine) as session:
        assert session.scalars(select(Link)).one().used_at == NOW


def test_only_the_items_with_stars_are_stored(scene: Scene, ana: FlaskClient, link: str) -> None:
    page = fill_in(ana, link, stars__1042_2="3")
    assert [said.line_ref for said in reviews(scene)] == ["1042-2"]
    assert "¿Y lo demás?" in page.get_data(as_text=True)


def test_several_items_go_in_one_form(scene: Scene, ana: FlaskClient, link: str) -> None:
    fill_in(ana, link, stars__1042_1="5", stars__1042_2="4", text__1042_2="Suaves")
    assert [(said.rating, said.body) for said in reviews(scene)] == [(5, ""), (4, "Suaves")]


def test_sending_twice_stores_once(scene: Scene, ana: FlaskClient, link: str) -> None:
    form = read(ana.get(link))
    for _ in range(2):
        data = {**form.fields, "stars-1042-1": "4", "photos-1042-1": photo(picture())}
        assert ana.post(form.action, data=data, content_type="multipart/form-data").status_code == 303
    assert len(reviews(scene)) == 1
    assert count(scene, ReviewPhoto) == 1


def test_a_review_can_be_changed_while_the_link_lives(scene: Scene, ana: FlaskClient, link: str, clock: TestClock) -> None:
    fill_in(ana, link, stars__1042_1="2", text__1042_1="Regular", photos__1042_1=photo(picture()))
    clock.advance(days=1)
    form = read(ana.get(f"{link}?item=1042-1"))
    assert form.fields["stars-1042-1"] == "2"
    assert form.fields["text-1042-1"] == "Regular"
    name = next(given["value"] for _, given in form.tags if given.get("name") == "drop-1042-1")
    fill_in(ana, f"{link}?item=1042-1", stars__1042_1="5", text__1042_1="Me lo cambiaron en dos días", drop__1042_1=name)
    said = reviews(scene)[0]
    assert (said.rating, said.body, count(scene, ReviewPhoto)) == (5, "Me lo cambiaron en dos días", 0)
    assert said.created_at == NOW
    assert said.updated_at == NOW + timedelta(days=1)


def test_the_name_can_be_changed_or_left_out(scene: Scene, ana: FlaskClient, link: str) -> None:
    fill_in(ana, link, stars__1042_1="5", author="  Ani \u202e de  Sevilla\x00 ")
    assert reviews(scene)[0].author == "Ani de Sevilla"
    fill_in(ana, f"{link}?item=1042-1", author="")
    assert reviews(scene)[0].author == ""


def test_without_stars_nothing_is_stored_and_the_text_stays(scene: Scene, ana: FlaskClient, link: str) -> None:
    page = fill_in(ana, link, text__1042_1="Muy <b>bonitos</b> & cómodos")
    assert page.status_code == 422
    assert reviews(scene) == []
    assert "Elige de una a cinco estrellas" in page.get_data(as_text=True)
    assert read(page).fields["text-1042-1"] == "Muy <b>bonitos</b> & cómodos"


def test_an_empty_form_is_not_an_opinion(scene: Scene, ana: FlaskClient, link: str) -> None:
    assert fill_in(ana, link).status_code == 422
    assert reviews(scene) == []


def test_a_text_that_is_too_long_is_given_back_not_cut(scene: Scene, ana: FlaskClient, link: str) -> None:
    page = fill_in(ana, link, stars__1042_1="5", text__1042_1="a" * 5001)
    assert page.status_code == 422
    assert "5000 caracteres" in page.get_data(as_text=True)
    assert read(page).fields["text-1042-1"] == "a" * 5001
    assert reviews(scene) == []


def test_a_refused_photo_costs_neither_text_nor_the_other_photos(scene: Scene, ana: FlaskClient, link: str) -> None:
    files = [photo(picture(), "bien.jpg"), photo(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "dibujo<script>.svg")]
    page = fill_in(ana, link, stars__1042_1="4", text__1042_1="Con foto", photos__1042_1=files)
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "«dibujo&lt;script&gt;.svg» no es una foto JPEG, PNG o WebP." in text
    assert read(page).fields["text-1042-1"] == "Con foto"
    assert read(page).fields["stars-1042-1"] == "4"
    assert "Tu opinión está guardada" in text
    assert count(scene, ReviewPhoto) == 1
    assert reviews(scene)[0].body == "Con foto"


def test_five_photos_per_item_and_no_more(scene: Scene, ana: FlaskClient, link: str) -> None:
    shades = [photo(picture(colour=colour), f"{colour}.jpg") for colour in ("red", "green", "blue", "white", "black", "pink")]
    page = fill_in(ana, link, stars__1042_1="5", photos__1042_1=shades)
    assert "Caben 5 fotos por artículo: «pink.jpg» se ha quedado fuera." in page.get_data(as_text=True)
    assert count(scene, ReviewPhoto) == 5


def test_an_upload_beyond_all_measure_gets_a_clear_page(scene: Scene, ana: FlaskClient, link: str) -> None:
    body = io.BytesIO(bytes(61 * 1024 * 1024))
    page = ana.post(link, input_stream=body, content_length=61 * 1024 * 1024, content_type="multipart/form-data; boundary=x")
    assert page.status_code == 413
    assert "Las fotos pesan demasiado" in page.get_data(as_text=True)
    assert reviews(scene) == []


@pytest.mark.parametrize("stars", ["1", "2"])
def test_an_unhappy_customer_gets_a_person(scene: Scene, ana: FlaskClient, link: str, stars: str) -> None:
    page = fill_in(ana, link, stars__1042_1=stars, text__1042_1="Se ha roto").get_data(as_text=True)
    with reading(scene.engine) as session:
        case, alert = session.scalars(select(RecoveryCase)).one(), session.scalars(select(Effect)).one()
    assert (case.state, case.rating, case.opened_at, case.answer_due_at) == ("open", int(stars), NOW, NOW + timedelta(hours=24))
    assert (alert.kind, alert.followup, alert.legal_basis, alert.recipient) == ("alert", "low_rating", "operational", "mara@zapateriamara.example")
    assert (alert.key, alert.subject_ref, alert.due_at) == (f"{MARAS_KEY}:1042:low_rating:1042-1", "1042-1", NOW)
    assert "Sentimos que no haya ido bien" in page
    assert "mailto:hola@zapateriamara.example" in page
    assert all(url in page for url in PLACES.values())


def test_editing_a_low_rating_tells_the_merchant_once(scene: Scene, ana: FlaskClient, link: str) -> None:
    fill_in(ana, link, stars__1042_1="2")
    fill_in(ana, f"{link}?item=1042-1", stars__1042_1="1")
    assert count(scene, Effect) == 1
    assert count(scene, RecoveryCase) == 1


@pytest.mark.parametrize("stars", ["1", "2", "3", "4", "5"])
def test_the_public_places_are_offered_to_every_rating_alike(ana: FlaskClient, link: str, stars: str) -> None:
    def places(page: str) -> str:
        start = page.index("<h2>También puedes contarlo aquí")
        return page[start : page.index("</section>", start)]

    before = ana.get(f"{link}?item=1042-1&stars={stars}").get_data(as_text=True)
    after = fill_in(ana, f"{link}?item=1042-1&stars={stars}").get_data(as_text=True)
    assert places(before) == places(after) == places(ana.get(link).get_data(as_text=True))
    assert all(url in places(before) for url in PLACES.values())


def test_happy_customers_open_no_case(scene: Scene, ana: FlaskClient, link: str) -> None:
    page = fill_in(ana, link, stars__1042_1="3", stars__1042_2="5").get_data(as_text=True)
    assert count(scene, RecoveryCase) == count(scene, Effect) == 0
    assert "Sentimos" not in page


def test_after_its_end_the_link_says_so_kindly(scene: Scene, ana: FlaskClient, link: str, clock: TestClock) -> None:
    form = read(ana.get(link))
    clock.set(NOW + timedelta(days=23))
    for page in (ana.get(link), ana.post(form.action, data={**form.fields, "stars-1042-1": "5"})):
        text = page.get_data(as_text=True)
        assert page.status_code == 410
        assert "Este enlace ya ha caducado" in text
        assert "Zapatería Mara" in text
        assert "Botines" not in text
    assert reviews(scene) == []


@scenario("S9", budget=30)
def test_an_unknown_token_is_simply_not_there(ana: FlaskClient) -> None:
    for path in ("/review/" + "A" * 43, "/review/x", "/review/" + "é" * 20, "/unsubscribe/" + "A" * 43):
        page = ana.get(path)
        assert page.status_code == 404
        assert "No encontramos esta página" in page.get_data(as_text=True)


def test_what_was_not_delivered_cannot_be_rated(scene: Scene, ana: FlaskClient) -> None:
    page = ana.get(review_link(scene, order(scene, delivered_at=None)))
    assert page.status_code == 200
    assert "Aquí no queda nada por valorar" in page.get_data(as_text=True)


def test_what_the_mail_asked_about_can_be_rated_even_if_no_delivery_is_known(scene: Scene, ana: FlaskClient) -> None:
    link = review_link(scene, order(scene, delivered_at=None), lines=["1042-1"])
    assert {name for name in read(ana.get(link)).names if name.startswith("stars")} == {"stars-1042-1"}


@scenario("S9", budget=30)
def test_a_line_of_another_order_in_the_form_is_ignored(scene: Scene, ana: FlaskClient, link: str) -> None:
    order(scene, ref="2000")
    fill_in(ana, link, stars__1042_1="5", stars__2000_1="1")
    assert [said.line_ref for said in reviews(scene)] == ["1042-1"]


def test_an_erased_order_shows_nothing_of_itself(scene: Scene, ana: FlaskClient, link: str) -> None:
    with transaction(scene.engine) as session:
        session.scalars(select(Order)).one().erased_at = NOW
    page = ana.get(link)
    assert page.status_code == 410
    assert "Botines" not in page.get_data(as_text=True)


def test_the_page_speaks_the_language_of_the_order(scene: Scene, ana: FlaskClient) -> None:
    page = ana.get(review_link(scene, order(scene, locale="de_AT")))
    text = page.get_data(as_text=True)
    assert '<html lang="de">' in text
    assert "Wie gefällt dir dein Einkauf?" in text
    assert "Tu opinión" not in text


@pytest.mark.parametrize(
    ("keys", "wanted", "planned"),
    [({"consumer_key": "ck_1", "consumer_secret": "cs_1"}, True, 2), ({"consumer_key": "ck_1", "consumer_secret": "cs_1"}, False, 0), ({}, True, 0)],
)
def test_what_is_said_of_a_product_goes_into_the_shops_own_reviews_once(
    scene: Scene, ana: FlaskClient, link: str, keys: dict[str, str], wanted: bool, planned: int
) -> None:
    mara, otto = scene.settings.shops
    own = mara.model_copy(update={**keys, "product_reviews": wanted})
    scene.app.extensions["postventa"].settings = scene.settings.model_copy(update={"shops": [own, otto]})
    assert fill_in(ana, link, stars__1042_1="5", text__1042_1="Comodísimos", stars__1042_2="2").status_code == 200
    assert fill_in(ana, f"{link}?item=1042-1", stars__1042_1="4", text__1042_1="Comodísimos, de verdad").status_code == 200
    with reading(scene.engine) as session:
        effects = session.scalars(select(Effect).where(Effect.kind == "write")).all()
    assert [(effect.followup, effect.subject_ref, effect.due_at - NOW) for effect in effects] == [
        ("write_review", ref, timedelta(hours=1)) for ref in ("1042-1", "1042-2")[:planned]
    ]
