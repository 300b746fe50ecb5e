"""What a customer may do about a return on her pages, and what the server refuses whatever the page says."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from postventa import addresses, track_links
from postventa.clock import now
from postventa.models import Order, OrderLine, ReturnCase, ReturnPhoto, Shop
from postventa.models.db import reading, transaction
from postventa.web.returns import confirm
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.stories import DAY
from tests.returns.scene import paid_after, rules, shop_of
from tests.scenarios import scenario
from tests.web.forms import read
from tests.web.returns import counter as town
from tests.web.returns.counter import ALL_WAYS, BOWL, CUPS, ONE_WAY, Counter, checked, colours, step
from tests.web.scene import picture
from tests.web.test_safety import HOSTILE


def test_how_long_the_money_really_takes_is_said_before_and_after_she_confirms(counter: Counter, ana: FlaskClient) -> None:
    paid_after(counter.house, 1, 2, 3, 50)
    assert "suele tardar" not in checked(ana, counter.link()).text, "four say nothing"
    paid_after(counter.house, 100, first=4)
    check = checked(ana, counter.link())
    sentence = "En esta tienda suele tardar 3 horas desde que llega, según las últimas devoluciones."
    assert (sentence in check.text, sentence in step(ana, check).text) == (True, True)


def test_ana_goes_from_the_choice_to_the_money_page_by_page(counter: Counter, ana: FlaskClient, peer: WooCommercePeer) -> None:
    what = ana.get(counter.link(), follow_redirects=True)
    assert "¿Qué quieres devolver o cambiar?" in what.text
    why = step(ana, what, item=CUPS, q_1="2")
    assert "no hace falta ningún motivo" in why.text
    how = step(ana, why, why_1="look", more_1_look="colour")
    assert "16,05" in how.text, "two cups of 10.00, less 3.95"
    assert "17,66" in how.text, "a tenth more as a credit"
    way = step(ana, how, **{"as": "refund"})
    assert way.text.count("Cuesta 3,95") == 3, "no code, as this shop's carrier gives none"
    assert way.text.count("Sin coste") == 1
    check = step(ana, way, by="drop_off")
    for words in ("Recibes", "20,00", "Gratis", "El color no es como esperaba", "En cuanto nos llegue.", "Desistir del contrato aquí"):
        assert words in check.text, words
    done = step(ana, check, note="Son para otra cocina")
    (case,) = counter.house.returns()
    assert (done.status_code, done.request.path) == (200, f"{counter.link()}/{case.number}")
    assert "Tu devolución está en marcha" in done.text
    assert "Tráelo aquí:" in done.text
    assert (case.source, case.quoted["refund"], case.wish["note"], case.wish["lines"][0]["reason"]) == (
        "portal",
        "20.00",
        "Son para otra cocina",
        "colour",
    )
    counter.work()
    assert counter.mailed("Ver mi devolución") == done.request.path
    counter.receive(case)
    counter.work()
    assert peer.books.paid == [Decimal("20.00")]
    assert "Te hemos devuelto 20,00" in ana.get(done.request.path).text


def test_where_there_is_no_choice_nobody_is_asked(counter: Counter, ana: FlaskClient) -> None:
    rules(counter.house, ONE_WAY)
    why = step(ana, ana.get(counter.link(), follow_redirects=True), item=BOWL)
    check = step(ana, why, why_2="unwanted")
    assert "Revísalo y confirma" in check.text
    back = [given["href"] for tag, given in read(check).tags if tag == "a" and "to=why" in given.get("href", "")]
    assert "¿Qué ha pasado?" in ana.get(back[0]).text


HARM: list[tuple[str, dict[str, str], str]] = [
    ("more than was bought", {"q-1": "4"}, "puedes devolver 3 como mucho"),
    ("less than nothing", {"q-1": "-1"}, "número entero"),
    ("half of one", {"q-1": "0.5"}, "número entero"),
    ("other digits", {"q-1": "²"}, "número entero"),
    ("an item of another order", {"item": "99"}, "no es de este pedido"),
    ("a reason of nobody's", {"why-1": "because"}, "Elige un motivo"),
    ("a resolution that is not offered", {"as": "gold"}, "no está disponible"),
    ("a way that is not offered", {"by": "pigeon"}, "no está disponible"),
]


@scenario("S21", budget=60)
def test_the_server_refuses_what_the_page_would_never_say(counter: Counter, ana: FlaskClient) -> None:
    for what, changed, said in HARM:
        assert said in checked(ana, counter.link(), **changed).text, what
        form = read(checked(ana, counter.link()))
        answer = ana.post(form.action, data={**form.fields, **changed}, content_type="multipart/form-data")
        assert (answer.status_code, said in answer.text) == (422, True), what
    assert counter.house.returns() == []


@scenario("S21", budget=60)
def test_what_was_shown_is_what_is_done(counter: Counter, ana: FlaskClient) -> None:
    """A sum, a way or a piece that the page did not show is shown first, however right it is."""
    form = read(checked(ana, counter.link()))
    for changed in ({"by": "own_carrier"}, {"q-1": "2"}, {"as": "store_credit"}, {"told": "0" * 64}):
        answer = ana.post(form.action, data={**form.fields, **changed}, content_type="multipart/form-data")
        assert (answer.status_code, "Algo ha cambiado" in answer.text) == (409, True), changed
    rules(counter.house, {**ALL_WAYS, "rules": []})
    answer = ana.post(form.action, data=form.fields, content_type="multipart/form-data")
    assert answer.status_code == 409
    assert "3,95" in answer.text
    assert counter.house.returns() == []
    assert ana.post(read(answer).action, data=read(answer).fields, content_type="multipart/form-data").status_code == 303


@scenario("S18", budget=60)
def test_a_form_of_somebody_elses_page_opens_and_ends_nothing(counter: Counter, ana: FlaskClient) -> None:
    form = read(checked(ana, counter.link()))
    for fields in ({**form.fields, "seal": "x"}, {**form.fields, "key": ""}, {**form.fields, "key": "0" * 32}):
        assert ana.post(form.action, data=fields).status_code == 403
    assert ana.post(form.action, data=form.fields, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    done = step(ana, checked(ana, counter.link()))
    assert ana.post(done.request.path, data={"seal": form.fields["seal"]}).status_code == 403
    assert [case.state for case in counter.house.returns()] == ["approved"]
    assert done.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in done.headers["Content-Security-Policy"]


@scenario("S9", budget=60)
def test_only_the_link_of_this_order_for_this_purpose_opens_anything(counter: Counter, ana: FlaskClient) -> None:
    done = step(ana, checked(ana, counter.link()))
    (case,) = counter.house.returns()
    with reading(counter.house.engine) as session:
        order, shop = session.scalars(select(Order)).one(), shop_of(counter.house, session)
        secret = counter.house.world.secret
        track = track_links.token(secret, shop.key, order.ref, order.id)
        stolen = track_links.token(b"another secret of thirty-two byte", shop.key, order.ref, order.id, track_links.RETURN)
    assert ana.get(f"/t/{counter.link()[3:]}").status_code == 404, "no link to a return shows where the order is"
    for token in (track, stolen, counter.link()[3:-1], "nope", case.number):
        for page in ("", "/new", f"/{case.number}", f"/{case.number}/label.pdf"):
            assert ana.get(f"/r/{token}{page}").status_code == 404, (token, page)
    assert ana.get(f"{counter.link()}/R-0000-0000").status_code == 404
    assert ana.get(done.request.path).status_code == 200
    with transaction(counter.house.engine) as session:
        track_links.revoke(session, secret, session.scalars(select(Order)).one(), now())
    assert (ana.get(done.request.path).status_code, ana.get(f"/t/{track}").status_code) == (410, 410)


@scenario("S8", budget=60)
def test_looking_changes_nothing(counter: Counter, ana: FlaskClient) -> None:
    done = step(ana, checked(ana, counter.link(), by="printed_label"))
    counter.work()
    (before,) = counter.house.returns()
    effects = [(effect.id, effect.state) for effect in counter.house.effects()]
    for page in (counter.link(), f"{counter.link()}/new", done.request.path, f"{done.request.path}/label.pdf"):
        for method in ("GET", "HEAD"):
            assert ana.open(page, method=method, follow_redirects=True).status_code == 200
    assert [(effect.id, effect.state) for effect in counter.house.effects()] == effects
    assert [case.state for case in counter.house.returns()] == [before.state]


@scenario("S20", budget=120)
def test_fifty_confirmations_at_once_are_one_return_one_label_and_one_refund(
    engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer
) -> None:
    counter = town.counter(engine, clock, tmp_path, peer, ALL_WAYS)
    form = read(checked(counter.browser(), counter.link(), by="printed_label"))
    together = threading.Barrier(10)

    def confirm(place: int) -> str:
        if place < 10:
            together.wait(60)
        answer = counter.browser().post(form.action, data=form.fields, content_type="multipart/form-data")
        return answer.headers.get("Location", answer.status)

    with ThreadPoolExecutor(10) as pool:
        places = set(pool.map(confirm, range(50)))
    (case,) = counter.house.returns()
    assert places == {f"{counter.link()}/{case.number}"}
    counter.work()
    counter.receive(case)
    counter.work()
    assert (len(counter.house.effects(kind="label")), peer.books.paid) == (1, [Decimal("6.05")])
    counter.close()


def test_a_way_is_never_chosen_for_her(counter: Counter, ana: FlaskClient) -> None:
    page = checked(ana, counter.link(), by="")
    assert (page.status_code, "¿Cómo nos lo haces llegar?" in page.text) == (422, True)
    form = read(checked(ana, counter.link()))
    answer = ana.post(form.action, data={**form.fields, "by": ""})
    assert ("¿Cómo nos lo haces llegar?" in answer.text, counter.house.returns()) == (True, [])


def test_after_so_many_returns_a_person_is_asked(counter: Counter, ana: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "MOST_CASES", 1)
    step(ana, checked(ana, counter.link()))
    assert "Escríbenos y lo vemos contigo" in step(ana, checked(ana, counter.link())).text
    assert len(counter.house.returns()) == 1


def test_what_follows_from_a_withdrawal_is_not_called_off_by_a_button(counter: Counter, ana: FlaskClient) -> None:
    done = step(ana, checked(ana, counter.link()))
    with transaction(counter.house.engine) as session:
        session.scalars(select(ReturnCase)).one().source = "withdrawal"
    assert "Anular la devolución" not in ana.get(done.request.path).text
    assert ana.post(done.request.path, data=read(done).fields).status_code == 404
    assert [case.state for case in counter.house.returns()] == ["approved"]


def test_the_back_button_and_another_tab_meet_the_return_that_is_there(counter: Counter, ana: FlaskClient) -> None:
    form, tab = read(checked(ana, counter.link(), **{"q-1": "3"})), read(checked(ana, counter.link(), **{"q-1": "3"}))
    first = ana.post(form.action, data=form.fields)
    assert ana.post(form.action, data=form.fields).headers["Location"] == first.headers["Location"]
    other = ana.post(tab.action, data=tab.fields)
    assert other.status_code == 422
    assert "ya está en una devolución" in other.text
    home = ana.get(counter.link())
    assert "Devoluciones de tu pedido" in home.text
    assert "Devolver o cambiar algo más" in home.text
    step(ana, checked(ana, counter.link(), BOWL))
    home = ana.get(counter.link())
    assert home.text.count("R-") >= 2
    assert "Devolver o cambiar algo más" not in home.text
    assert "Aquí no queda nada por devolver" in ana.get(f"{counter.link()}/new").text


def test_she_calls_it_off_while_it_is_hers_and_not_later(counter: Counter, ana: FlaskClient) -> None:
    done = step(ana, checked(ana, counter.link()))
    (case,) = counter.house.returns()
    form = read(done)
    gone = ana.post(form.action, data=form.fields, follow_redirects=True)
    assert "Esta devolución está anulada" in gone.text
    assert ana.post(form.action, data=form.fields).status_code == 303, "twice is once"
    again = step(ana, checked(ana, counter.link()))
    counter.receive(counter.house.returns()[1])
    late = ana.post(read(again).action, data=read(again).fields)
    assert (late.status_code, "Ya no puedes anularla" in late.text, "Anular la devolución" in late.text) == (409, True, False)
    assert counter.house.returns()[0].number == case.number


@scenario("S16", budget=60)
def test_a_photo_that_the_rules_want_is_asked_for_and_kept_without_its_secrets(counter: Counter, ana: FlaskClient) -> None:
    rules(counter.house, {"default": {**ONE_WAY["default"], "window": 60}, "rules": [{"name": "Foto", "then": {"photo": True}}]})
    counter.house.until(counter.house.clock.now() + timedelta(days=30))
    page = checked(ana, counter.link())
    assert "Fotos de lo que ha pasado" in page.text
    form = read(page)
    without = ana.post(form.action, data=form.fields)
    assert (without.status_code, "Añade al menos una foto de «Taza «Alba»»" in without.text) == (422, True)
    for bad, said in ((b"<svg/>", "no es una foto"), (picture()[:300], "No hemos podido abrir")):
        answer = ana.post(form.action, data={**form.fields, "photos-1": (BytesIO(bad), "../../x.jpg")}, content_type="multipart/form-data")
        assert (answer.status_code, said in answer.text) == (422, True), answer.text
    answer = ana.post(form.action, data={**form.fields, "photos-1": (BytesIO(picture()), "taza.jpg")}, content_type="multipart/form-data")
    assert answer.status_code == 303
    with reading(counter.house.engine) as session:
        (photo,) = session.scalars(select(ReturnPhoto))
    assert (photo.taken_by, photo.line_ref, photo.jpeg[:2], "taza" in photo.name) == ("customer", "1", b"\xff\xd8", False)


def test_what_waits_for_a_person_says_so_before_and_after(counter: Counter, ana: FlaskClient) -> None:
    rules(counter.house, {**ONE_WAY, "rules": [{"name": "Mirar", "then": {"decision": "ask"}}]})
    page = checked(ana, counter.link())
    assert "la mira antes una persona" in page.text
    done = step(ana, page)
    assert "Estamos mirando tu devolución" in done.text
    assert "Tráelo aquí" not in done.text


def test_what_is_exchanged_is_chosen_from_what_the_shop_has_now(counter: Counter, ana: FlaskClient, peer: WooCommercePeer) -> None:
    colours(peer)
    told = {"as": "exchange", "by": "drop_off", "item": CUPS, "q-1": "2", "why-1": "unwanted", "step": "how"}
    waits = ana.get(f"{counter.link()}/new", query_string=told)
    assert (waits.headers["Refresh"], "se actualiza sola" in waits.text) == ("3", True)
    assert counter.answer() == 1
    swap = ana.get(f"{counter.link()}/new", query_string=told)
    assert ("Azul" in swap.text, "Verde" in swap.text, "Refresh" in swap.headers) == (True, False, False)
    page = step(ana, step(ana, swap, swap_1="11"), by="drop_off")
    assert "A cambio: Azul" in page.text
    assert "Verde" not in checked(ana, counter.link(), **{"as": "exchange", "swap-1": "12"}).text
    assert "cada artículo nuevo" in checked(ana, counter.link(), **{"as": "exchange", "swap-1": "12"}).text
    step(ana, page)
    (case,) = counter.house.returns()
    assert case.wish["exchange"] == [{"ref": CUPS, "variant": "11", "quantity": 2, "title": "Azul"}]


def test_what_the_shop_cannot_offer_is_said_in_words(counter: Counter, ana: FlaskClient) -> None:
    page = checked(ana, counter.link(), **{"as": "exchange", "swap-1": "talk"})
    assert 'name="talk"' in page.text
    form = read(page)
    assert "Escribe qué quieres a cambio" in ana.post(form.action, data=form.fields).text
    step(ana, page, note="La grande, en azul")
    (case,) = counter.house.returns()
    assert (case.state, case.wish["exchange"], case.wish["note"]) == ("requested", [], "La grande, en azul")


def test_links_that_are_over_and_orders_that_are_gone_have_a_kind_page(counter: Counter, ana: FlaskClient) -> None:
    link, token = counter.link(), counter.link()
    assert "Pedir otro enlace" in ana.get("/r/nope").text
    with transaction(counter.house.engine) as session:
        session.scalars(select(Order)).one().cancelled_at = now()
    assert "Este pedido está cancelado" in ana.get(link).text
    with transaction(counter.house.engine) as session:
        session.scalars(select(Order)).one().erased_at = now()
    assert (ana.get(link).status_code, "4001" in ana.get(link).text) == (404, False)
    with transaction(counter.house.engine) as session:
        session.scalars(select(Order)).one().erased_at = None
        session.scalars(select(Shop)).one().disconnected_at = now()
    gone = ana.get(token)
    assert (gone.status_code, "ya no atiende devoluciones" in gone.text) == (410, True)


def test_after_the_days_the_page_says_until_when_and_a_link_ends(counter: Counter, ana: FlaskClient) -> None:
    counter.house.until(counter.house.clock.now() + 40 * DAY)
    page = ana.get(counter.link())
    assert "El plazo para devolver" in page.text
    assert "Lo que además te da la ley" in page.text
    counter.house.until(counter.house.clock.now() + 30 * DAY)
    over = ana.get(counter.link())
    assert (over.status_code, "Pedir otro enlace" in over.text) == (410, True)


def test_the_shops_own_address_leads_to_the_look_up(counter: Counter, ana: FlaskClient) -> None:
    with reading(counter.house.engine) as session:
        shop = session.scalars(select(Shop)).one()
        name = addresses.public_name(counter.house.world.secret, shop.id, shop.name)
    page = ana.get(f"/returns/{name}", follow_redirects=True)
    assert "¿Quieres devolver algo?" in page.text
    assert 'value="#1042"' in ana.get(f"/returns/{name}?number=%231042", follow_redirects=True).text, "links in the shop know the order's number"
    assert ana.get("/returns/nobody-1aaaaa").status_code == 404


def test_each_page_weighs_less_than_100_kb_and_runs_no_script(counter: Counter, ana: FlaskClient) -> None:
    for name in ("what", "why", "how", "way", "check"):
        page = checked(ana, counter.link(), to=name)
        styles = [given["href"] for tag, given in read(page).tags if given.get("rel") == "stylesheet"]
        assert len(styles) == 4
        assert len(page.data) + sum(len(ana.get(url, buffered=True).data) for url in styles) < 100_000
        assert "<script" not in page.text
        assert not [given for _, given in read(page).tags if "style" in given or any(key.startswith("on") for key in given)]


@scenario("S12", budget=60)
def test_hostile_names_are_only_text(counter: Counter, ana: FlaskClient) -> None:
    harmless = {tag for name in ("what", "why", "how", "way", "check") for tag, _ in read(checked(ana, counter.link(), to=name)).tags}
    for name in HOSTILE:
        with transaction(counter.house.engine) as session:
            for line in session.scalars(select(OrderLine)):
                line.title = line.variant_title = name
                line.image_url = f"javascript:{name}"
            session.scalars(select(Order)).one().number = name[:60]
        for page in ("what", "why", "check"):
            tags = read(checked(ana, counter.link(), to=page)).tags
            assert {tag for tag, _ in tags} <= harmless, name
            assert not [given for _, given in tags if "style" in given or any(key.startswith("on") for key in given)], name
    done = step(ana, checked(ana, counter.link()), note=HOSTILE[0])
    assert "<script>" not in done.text


def test_the_language_can_be_changed_on_the_way_without_losing_anything(counter: Counter, ana: FlaskClient) -> None:
    page = checked(ana, counter.link(), lang="de")
    assert 'lang="de"' in page.text
    done = step(ana, page)
    assert 'lang="de"' in done.text
    english = [given["href"] for tag, given in read(checked(ana, counter.link())).tags if given.get("hreflang") == "en"]
    assert "Check it and confirm" in ana.get(english[0]).text
