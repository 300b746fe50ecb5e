"""A link alone opens no label: who reads the order's mails proves it with a code, and who proved it in another way is not asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from jobs import codes as asking
from jobs import look_up, purge
from jobs.deeds import note
from postventa.clock import now, real_now
from postventa.emails import render
from postventa.emails.preview import sample
from postventa.models import LookUp, OneTimeCode, Order
from postventa.models.db import reading, transaction
from postventa.step_up import Purpose
from postventa.web.portal.page import STOREFRONT
from tests.cases import another
from tests.conftest import TestClock
from tests.scenarios import scenario
from tests.web.forms import read
from tests.web.returns import gate
from tests.web.returns.counter import Counter, checked, step


@pytest.fixture
def phone(counter: Counter) -> FlaskClient:
    """Ana's, which keeps cookies."""
    return counter.browser(cookies=True)


def test_who_has_only_the_link_gets_the_label_with_the_code_of_the_mail(counter: Counter, phone: FlaskClient, clock: TestClock) -> None:
    label = gate.label(counter)
    assert "al abrirla te pedimos un código" in phone.get(label.removesuffix("/label.pdf")).text
    asked = phone.get(label, follow_redirects=True)
    assert ("¿Eres tú?" in asked.text, "a•••@cliente.example" in asked.text) == (True, True)
    page = gate.send(phone, label)
    assert "<script" not in page.text, "it works without any"
    assert ("Escribe tu código" in page.text, 'autocomplete="one-time-code"' in page.text, 'inputmode="numeric"' in page.text) == (True, True, True)
    code = gate.code(counter)
    answer = gate.enter(phone, page, f" {code[:3]} {code[3:]}\n", follow=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, label)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-postventa-")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=1800"):
        assert part in cookie, part
    assert phone.get(label).data.startswith(b"%PDF")
    assert "te pedimos un código" not in phone.get(label.removesuffix("/label.pdf")).text
    back = phone.get(answer.request.full_path)
    assert ("Ya está: eres tú" in back.text, f'href="{label}"' in back.text) == (True, True), "the way back leads into no circle"
    assert counter.browser(cookies=True).get(label).status_code == 303, "another browser proves it itself"
    clock.advance(minutes=31)
    assert phone.get(label).status_code == 303
    assert gate.codes(counter) == 1


def test_the_mail_begins_with_the_code_and_has_nothing_to_click(counter: Counter, ana: FlaskClient) -> None:
    gate.send(ana, gate.label(counter))
    code, mail = gate.code(counter), gate.mail(counter)
    assert (mail["Subject"], mail["To"], mail["References"]) == (f"{code} es tu código de Cerámica Alba", "ana@cliente.example", None)
    html, text = (mail.get_body((kind,)) for kind in ("html", "plain"))
    assert html is not None
    assert text is not None
    assert "<a " not in html.get_content()
    assert "://" not in text.get_content()
    assert "Nadie de la tienda te lo pedirá" in text.get_content()
    for purpose, said in (("address", "cambiar la dirección"), ("payment", "cambiar dónde recibes"), ("points", "usar tus puntos")):
        assert said in render(replace(sample("code"), code_for=purpose)).text


def test_who_confirmed_the_return_in_this_browser_is_asked_too_as_an_old_link_can_do_that(counter: Counter, phone: FlaskClient) -> None:
    done = step(phone, checked(phone, counter.link(), by="printed_label"))
    counter.work()
    label = f"{done.request.path}/label.pdf"
    assert "al abrirla te pedimos un código" in phone.get(done.request.path).text
    assert phone.get(label).status_code == 303
    gate.enter(phone, gate.send(phone, label), gate.code(counter))
    assert phone.get(label).data.startswith(b"%PDF")


def test_who_asked_for_the_link_just_now_is_not_asked_again(counter: Counter, ana: FlaskClient, clock: TestClock) -> None:
    label = gate.label(counter)
    clock.advance(hours=2)
    with transaction(counter.house.engine) as session:
        order = session.scalars(select(Order)).one()
        told = {"shop_id": order.shop_id, "number": order.number, "email": order.email.lower(), "purpose": "return"}
        wish = LookUp(**told, asked_at=now(), due_at=real_now() - timedelta(days=1))
        session.add(wish)
        session.flush()
        number = wish.id
    look_up.look_up(number)
    counter.house.run()
    fresh = label.replace(counter.link(), counter.mailed("Devolver algo"))
    clock.advance(minutes=9)
    for email, status in (("otra@cliente.example", 303), ("Ana@cliente.example", 200)):
        with transaction(counter.house.engine) as session:
            session.execute(update(Order).values(email=email))
        assert counter.browser().get(fresh).status_code == status, "it proves who reads the mails of the address that it went to"
    phone = counter.browser(cookies=True)
    assert phone.get(fresh).data.startswith(b"%PDF")
    clock.advance(minutes=2)
    assert phone.get(fresh).data.startswith(b"%PDF"), "the browser keeps what the fresh link proved"
    assert (ana.get(fresh).status_code, ana.get(label).status_code) == (303, 303)


@scenario("S8", budget=60)
def test_a_scanner_that_opens_everything_has_no_code_mailed(counter: Counter, ana: FlaskClient) -> None:
    label = gate.label(counter)
    page = ana.get(label).headers["Location"]
    for method in ("GET", "HEAD", "GET"):
        assert ana.open(page, method=method).status_code == 200
    assert gate.codes(counter) == 0
    form = read(ana.get(page))
    for told in ({}, {"seal": "x"}):
        assert ana.post(form.action, data=told).status_code == 403
    assert ana.post(form.action, data=form.fields, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert gate.codes(counter) == 0


def test_another_code_comes_after_a_minute_and_makes_the_first_one_worthless(counter: Counter, ana: FlaskClient, clock: TestClock) -> None:
    label = gate.label(counter)
    gate.send(ana, label)
    first = gate.code(counter)
    assert "Ya va de camino" in gate.send(ana, label).text
    clock.advance(seconds=61)
    page = gate.send(ana, label)
    second = gate.code(counter)
    assert gate.codes(counter) == 2
    assert "no es correcto. Te quedan 4 intentos" in gate.enter(ana, page, first).text
    assert "son seis cifras" in gate.enter(ana, page, "12345").text, "that was no guess"
    assert gate.enter(ana, page, second, follow=False).status_code == 303
    assert "ya se ha usado" in gate.enter(ana, page, second).text


def test_nothing_of_it_outlives_a_change_of_the_orders_address(counter: Counter, phone: FlaskClient, clock: TestClock) -> None:
    label = gate.label(counter)
    page = gate.send(phone, label)
    gate.enter(phone, page, gate.code(counter))
    assert phone.get(label).status_code == 200
    clock.advance(seconds=61)
    page = gate.send(counter.browser(), label)
    code = gate.code(counter)
    with transaction(counter.house.engine) as session:
        session.execute(update(Order).values(email="otra@cliente.example"))
    assert phone.get(label).status_code == 303
    assert gate.enter(phone, page, code, follow=False).status_code == 422
    with transaction(counter.house.engine) as session:
        session.execute(update(Order).values(email=""))
    assert "No tenemos tu correo" in gate.send(phone, label).text


def test_the_pages_address_is_ours_or_none(counter: Counter, ana: FlaskClient) -> None:
    right = gate.address(counter)
    assert ana.get(right).status_code == 200
    token = counter.link()[3:]
    for wrong in (right.replace("back=returns.home", "back=returns.choose"), right.replace("/data/", "/payment/"), right.replace("/data/", "/x/")):
        assert wrong != right
        assert ana.get(wrong).status_code == 404, wrong
    for wrong in (f"/code/data/{token}", right.replace(token, another(token)), f"{right}&number=R-0000-0000"):
        assert (ana.get(wrong).status_code, ana.post(wrong).status_code) == (404, 404), wrong
    with transaction(counter.house.engine) as session:
        session.execute(update(Order).values(erased_at=now()))
    assert ana.get(right).status_code == 404


def test_within_a_storefront_where_no_cookie_comes_through_it_is_asked_at_our_own_name(counter: Counter, ana: FlaskClient) -> None:
    label = gate.label(counter)
    inside = {STOREFRONT: counter.house.shops["woocommerce"], "SCRIPT_NAME": "/apps/postventa", "HTTP_HOST": "alba.example"}
    led = ana.get(label, environ_overrides=inside)
    assert led.status_code == 303
    assert led.headers["Location"].startswith("https://postventa.example/code/data/")
    page = led.headers["Location"].removeprefix("https://postventa.example")
    assert ana.get(page).status_code == 200
    assert ana.get(page, environ_overrides=inside).headers["Location"] == led.headers["Location"]


def test_no_note_in_the_shop_repeats_a_code(counter: Counter, ana: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    label = gate.label(counter)
    monkeypatch.setattr(note, "wants", lambda shop: True)
    gate.send(ana, label)
    gate.code(counter)
    noted = [effect.data["wanted"] for effect in counter.house.effects(followup=note.NAME)]
    assert not [text for text in noted if "código" in str(text)]


def test_codes_are_forgotten_after_a_day(counter: Counter, ana: FlaskClient, clock: TestClock) -> None:
    gate.send(ana, gate.label(counter))
    for hours, left in ((23, 1), (2, 0)):
        clock.advance(hours=hours)
        purge.purge(counter.house.world)
        with reading(counter.house.engine) as session:
            assert len(session.scalars(select(OneTimeCode)).all()) == left


def test_what_is_proved_for_one_thing_is_not_proved_for_another(counter: Counter, phone: FlaskClient) -> None:
    pages = {purpose: gate.address(counter, purpose) for purpose in Purpose}
    gate.enter(phone, gate.send(phone, pages[Purpose.ADDRESS]), gate.code(counter))
    told = {purpose: "Ya está: eres tú" in phone.get(page).text for purpose, page in pages.items()}
    assert told == {purpose: purpose == Purpose.ADDRESS for purpose in Purpose}
    assert asking.NAME == "code"
