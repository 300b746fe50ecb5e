"""The pages about shops over HTTP, with a real shop's answers: from the first look to the last word, on each database."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from postventa import imports, shops
from postventa.accounts.roles import Role
from postventa.clock import now, real_now
from postventa.config import Carriers, SendcloudAccount, ShopSettings
from postventa.models import CarrierAccount, Effect, Inbound, Shop, ShopApproval, ShopImport, ShopVisit, State
from postventa.models.db import reading, transaction
from tests.peers.shop import Reply
from tests.peers.woocommerce_site import KEY, SECRET, WordPressSite
from tests.web.shops.street import HOME, Street, open_page, press, words
from webhooks.strangers import Strangers

JON = "jon@zapateriamara.example"
OWN = [("entregado", "Entregado"), ("express", "Enviado por Express"), ("regalo", "Regalo"), ("completed", "Completado")]


def begin(street: Street, site: WordPressSite, mara: FlaskClient, typed: str = "") -> str:
    """A look at the shop, done; the page that tells of it."""
    status, page, _ = press(mara, "/shops/connect/woocommerce", "/shops/connect/woocommerce", address=typed or site.url)
    assert status == 303
    assert street.work() == 1
    return page


def connect(street: Street, site: WordPressSite, mara: FlaskClient) -> int:
    """By pasted keys; the shop's number."""
    page = begin(street, site, mara)
    assert press(mara, page, f"{page}/keys", key=KEY, secret=SECRET)[:2] == (303, page)
    street.work()
    answer = mara.get(page, base_url=HOME)
    assert answer.headers["Location"].endswith("/statuses?new=1"), answer.get_data(as_text=True)
    return street.shops()[-1].id


def approved(street: Street, mara: FlaskClient, page: str, success: str = "1", permissions: str = "read_write") -> str:
    """Mara was sent to her shop, which sends a key, and comes back; where she is led to."""
    status, _, text = press(mara, page, f"{page}/approve")
    assert status == 200, text
    with reading(street.engine) as session:
        ref = session.scalars(select(ShopApproval.ref).order_by(ShopApproval.id.desc())).first()
    away = mara.post(f"{page}/approve", data={"csrf": ""}, base_url=HOME)
    assert away.status_code == 403  # without our form nobody is sent anywhere
    query = parse_qs(urlsplit(text.split('href="https://tienda.test')[1].split('"')[0].replace("&amp;", "&")).query)
    assert query["callback_url"] == [f"{HOME}/connect/woocommerce/{ref}"]
    state = query["user_id"][0]
    said = {"key_id": 6, "user_id": state, "consumer_key": KEY, "consumer_secret": SECRET, "key_permissions": permissions}
    sent = street.app.test_client(use_cookies=False).post(f"/connect/woocommerce/{ref}", data=json.dumps(said), base_url=HOME)
    assert (sent.status_code, sent.get_data()) == ((200, b"") if permissions == "read_write" else (403, b""))
    return mara.get(f"/shops/connect/back?success={success}&user_id={state}", base_url=HOME).headers.get("Location", "")


def test_a_carrier_that_tells_by_itself_has_a_card_with_its_address(street: Street, site: WordPressSite) -> None:
    mara, jon = street.sit(street.employ()), street.sit(street.employ(Role.SUPPORT, JON))
    number = connect(street, site, mara)
    assert "Sendcloud" not in words(open_page(mara, f"/shops/{number}")[1])
    with transaction(street.engine) as session:
        shops.keep_account(session, street.world.secret, number, Carriers(sendcloud=SendcloudAccount(public_key="p", secret_key="s" * 20)))
        key = session.get_one(Shop, number).key
    here, page = f"{HOME}/webhooks/sendcloud/{key}", f"/shops/{number}"
    assert here in open_page(mara, page)[1]
    assert here not in open_page(jon, page)[1]
    with transaction(street.engine) as session:
        session.add(CarrierAccount(shop_id=number, carrier="sendcloud", told_at=now()))
    text = words(open_page(mara, page)[1])
    assert ("Sendcloud nos avisa de cada paso de tus paquetes." in text, here in text) == (True, False)


def test_without_a_shop_the_page_invites_and_everybody_lands_there(street: Street) -> None:
    mara, jon = street.sit(street.employ()), street.sit(street.employ(Role.SUPPORT, JON))
    assert "Conectar mi tienda" in words(open_page(mara, "/shops")[1])
    assert "Quien tiene la cuenta de propiedad puede conectarla" in words(open_page(jon, "/shops")[1])
    assert open_page(jon, "/shops/connect")[0] == 403
    assert street.browser().get("/shops", base_url=HOME).headers["Location"] == "/account/sign-in?next=/shops"


def test_the_page_waits_without_a_script_until_the_look_is_done(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    _, page, _ = press(mara, "/shops/connect/woocommerce", "/shops/connect/woocommerce", address=site.url)
    waiting = mara.get(page, base_url=HOME)
    assert (waiting.headers["Refresh"], "Estamos mirando tu tienda" in waiting.get_data(as_text=True)) == ("3", True)
    assert site.asked == []  # the request asked nobody
    street.work()
    answer = mara.get(page, base_url=HOME)
    assert "Refresh" not in answer.headers
    assert "Todo listo para conectar" in answer.get_data(as_text=True)
    assert f"Hemos encontrado tu tienda en {site.url}." in answer.get_data(as_text=True)


def test_what_is_wrong_is_said_and_looked_at_again(street: Street, site: WordPressSite) -> None:
    mara, site.woocommerce = street.sit(street.employ()), False
    page = begin(street, site, mara)
    text = open_page(mara, page)[1]
    assert "Antes hay que arreglar algo" in text
    assert "WooCommerce no está activo" in text
    assert "Aprobar en mi tienda" not in text
    site.woocommerce = True
    press(mara, page, f"{page}/again")
    street.work()
    assert "Aprobar en mi tienda" in open_page(mara, page)[1]


def test_nobody_else_sees_what_somebody_asked(street: Street, site: WordPressSite) -> None:
    page = begin(street, site, street.sit(street.employ()))
    otto = street.sit(street.employ(Role.OWNER, "otto@zapateriamara.example", "Otto"))
    assert open_page(otto, page)[0] == 404
    assert press(otto, "/shops/connect/woocommerce", f"{page}/keys", key=KEY, secret=SECRET)[0] == 404
    assert press(otto, "/shops/connect/woocommerce", f"{page}/approve")[0] == 404


def test_mara_connects_by_pasted_keys_explains_her_statuses_and_is_told_what_comes(street: Street, site: WordPressSite) -> None:
    site.statuses = Reply(document=[{"slug": slug, "name": name} for slug, name in OWN])
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    text = words(open_page(mara, f"/shops/{number}/statuses?new=1")[1])
    assert "Entregado" in text
    assert "creemos que sí: compruébalo" in text
    assert "no lo reconocemos" in text
    chosen = {"new": "1", "status": ["entregado", "express", "regalo", "invented"], "step": ["delivered", "shipped", "", "shipped"]}
    assert press(mara, f"/shops/{number}/statuses", f"/shops/{number}/statuses", **chosen)[:2] == (303, f"/shops/{number}/ready")
    ready = words(open_page(mara, f"/shops/{number}/ready")[1])
    assert "«Procesando pedido»" in ready
    assert "A los pedidos de antes no se les escribe" in ready
    row = street.shops()[0]
    assert row.settings["status_map"] == {"entregado": "delivered", "express": "shipped"}
    assert (row.name, row.settings["timezone"], row.from_file) == ("Zapatería Lola", "Europe/Madrid", False)
    assert street.said() == [("account:1", "shop.add"), ("account:1", "shop.statuses")]


def test_keys_are_nowhere_but_sealed_and_are_gone_from_the_visit(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    page = begin(street, site, mara)
    press(mara, page, f"{page}/keys", key=KEY, secret=SECRET)
    with reading(street.engine) as session:
        assert SECRET.encode() not in (session.scalars(select(ShopVisit.secrets)).one() or b"")
    street.work()
    with reading(street.engine) as session:
        row = session.scalars(select(ShopVisit)).one()
        assert row.secrets is None
        assert SECRET not in json.dumps(row.result)
    assert all(SECRET not in open_page(mara, path)[1] for path in ("/shops", "/shops/1", "/shops/1/statuses"))


@pytest.mark.parametrize(("key", "secret"), [("", ""), ("ck_1", SECRET), (SECRET, KEY)])
def test_what_cannot_be_keys_is_not_tried(street: Street, site: WordPressSite, key: str, secret: str) -> None:
    mara = street.sit(street.employ())
    page = begin(street, site, mara)
    status, _, text = press(mara, page, f"{page}/keys", key=key, secret=secret)
    assert (status, "una empieza por ck_" in text, street.work()) == (422, True, 0)


def test_wrong_keys_are_told_and_may_be_pasted_again(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    page = begin(street, site, mara)
    press(mara, page, f"{page}/keys", key="ck_" + "0" * 40, secret=SECRET)
    street.work()
    text = open_page(mara, page)[1]
    assert "no reconoce estas claves" in text
    assert street.shops() == []
    press(mara, page, f"{page}/keys", key=KEY, secret=SECRET)
    street.work()
    assert len(street.shops()) == 1


def test_mara_approves_in_her_shop_and_comes_back(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    page = begin(street, site, mara)
    assert approved(street, mara, page) == page
    assert "Estamos probando las claves" in open_page(mara, page)[1]
    street.work()
    assert open_page(mara, page)[0] == 303
    assert [row.domain for row in street.shops()] == [site.url]
    assert street.said() == [("account:1", "shop.add")]


def test_who_says_no_is_told_and_connects_nothing(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    page = begin(street, site, mara)
    assert approved(street, mara, page, success="0") == ""
    assert (street.work(), street.shops()) == (0, [])


def test_coming_back_with_an_invented_state_opens_nothing(street: Street) -> None:
    mara = street.sit(street.employ())
    assert open_page(mara, f"/shops/connect/back?success=1&user_id={'x' * 43}")[0] == 404
    assert "No has dado permiso" in open_page(mara, "/shops/connect/back?success=0&user_id=x")[1]


def test_a_shop_that_was_away_when_she_came_back_is_asked_once_more(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    page = begin(street, site, mara)
    approved(street, mara, page)
    site.gate = Reply(503, html="Briefly unavailable for scheduled maintenance.")
    street.work()
    assert "mantenimiento" in open_page(mara, page)[1]
    site.gate = None
    press(mara, page, f"{page}/again")
    street.work()
    assert len(street.shops()) == 1


def test_the_door_for_keys_takes_nothing_that_is_too_long_and_slows_down_who_goes_on(street: Street) -> None:
    street.app.extensions["postventa.strangers"] = Strangers(clock=lambda: 0.0)  # so that nothing is forgiven while the test runs
    stranger = street.app.test_client(use_cookies=False)
    statuses = [stranger.post("/connect/woocommerce/x", data=b"{", base_url=HOME).status_code for _ in range(230)]
    assert (statuses[0], statuses[-1]) == (400, 429)
    assert stranger.post("/connect/woocommerce/x", data=b"x" * 5000, base_url=HOME).status_code in (413, 429)
    assert stranger.get("/connect/woocommerce/x", base_url=HOME).status_code == 405


def test_a_shop_that_is_connected_is_known_before_anybody_is_asked_for_keys(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    connect(street, site, mara)
    text = open_page(mara, begin(street, site, mara))[1]
    assert "Esta tienda ya está conectada" in text
    assert "Aprobar en mi tienda" not in text


def test_only_mails_that_are_on_in_the_shop_are_to_be_switched_off(street: Street, site: WordPressSite) -> None:
    site.mails = {
        "customer_processing_order": True,
        "customer_on_hold_order": False,
        "customer_completed_order": True,
        "customer_refunded_order": False,
    }
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    for page in (f"/shops/{number}/ready", f"/shops/{number}"):
        text = words(open_page(mara, page)[1])
        assert ["«Procesando pedido»" in text, "«Pedido completado»" in text] == [True, True]
        assert not {"«Pedido en espera»", "«Pedido reembolsado»", "«Preparación creada»", "«Pedido cancelado (cliente)»"} & set(
            re.findall("«[^»]+»", text)
        )
    assert "Estaban encendidos" in open_page(mara, f"/shops/{number}")[1]
    site.mails = dict.fromkeys(site.mails, False)
    press(mara, f"/shops/{number}", f"/shops/{number}/look")
    street.work()
    assert "Correos de tu tienda que repiten" not in open_page(mara, f"/shops/{number}")[1]


def test_a_shop_that_shows_nobody_its_settings_has_all_of_them_named(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    text = words(open_page(mara, f"/shops/{connect(street, site, mara)}")[1])
    assert "«Pedido reembolsado»" in text
    assert "desde aquí no se ve" in text


def test_the_shop_page_tells_how_far_its_past_is_read(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    assert "Pedidos de antes" not in open_page(mara, f"/shops/{number}")[1]
    with transaction(street.engine) as session:
        imports.begin(session, session.get_one(Shop, number), 60)
    for values, said in (
        ({"done": 25}, "Los estamos leyendo: 25."),
        ({"done": 50, "total": 310}, "Los estamos leyendo: 50 de 310."),
        ({"done": 75, "trouble": "the shop did not answer"}, "Leídos: 75. Seguimos en cuanto tu tienda nos deje."),
        ({"done": 310, "trouble": "", "finished_at": real_now()}, "Leídos: 310. A esos no se les escribe."),
    ):
        with transaction(street.engine) as session:
            session.execute(update(ShopImport).values(**values))
        assert said in words(open_page(mara, f"/shops/{number}")[1])


def test_the_shop_page_tells_how_it_stands_and_looks_again(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    assert "Los webhooks se están creando" in open_page(mara, f"/shops/{number}")[1]
    press(mara, f"/shops/{number}", f"/shops/{number}/look")
    assert mara.get(f"/shops/{number}", base_url=HOME).headers["Refresh"] == "3"
    site.made = [{"id": 1, "topic": "order.created", "status": "active", "delivery_url": f"{HOME}/webhooks/woocommerce/{street.shops()[0].key}"}]
    street.work()
    text = words(open_page(mara, f"/shops/{number}")[1])
    assert "Las claves funcionan." in text
    assert "Bien order.created" in text
    assert "No funciona todavía order.updated" in text
    assert "Idioma español" in text
    assert "España · EUR" in text


@pytest.mark.parametrize(
    ("values", "words_"),
    [
        ({"api_refused_at": real_now(), "api_reason": "401"}, "Rechaza nuestras claves"),
        ({"api_paused_until": real_now() + timedelta(days=1)}, "No responde"),
        ({"hold": True}, "En pausa"),
        ({"disconnected_at": real_now()}, "Sin la aplicación"),
        ({"secrets": None, "disconnected_at": real_now()}, "Desconectada"),
    ],
)
def test_every_state_is_told_in_plain_words(street: Street, site: WordPressSite, values: dict[str, object], words_: str) -> None:
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    with transaction(street.engine) as session:
        row = session.get_one(Shop, number)
        for name, value in values.items():
            setattr(row, name, value)
    assert words_ in words(open_page(mara, "/shops")[1])
    assert words_ in words(open_page(mara, f"/shops/{number}")[1])


def test_mails_are_held_and_let_go_by_a_manager_and_it_is_written_down(street: Street, site: WordPressSite) -> None:
    mara, jon = street.sit(street.employ()), street.sit(street.employ(Role.MANAGER, JON, "Jon"))
    number = connect(street, site, mara)
    assert press(jon, f"/shops/{number}", f"/shops/{number}/hold")[0] == 303
    assert street.shops()[0].hold
    assert press(jon, f"/shops/{number}", f"/shops/{number}/release")[0] == 303
    assert not street.shops()[0].hold
    assert street.said()[1:] == [("account:2", "shop.hold"), ("account:2", "shop.release")]
    assert press(jon, f"/shops/{number}", f"/shops/{number}/leave")[0] == 403


def test_a_shop_gets_new_keys_by_approving_again(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    _, page, _ = press(mara, f"/shops/{number}", f"/shops/{number}/keys")
    street.work()
    approved(street, mara, page)
    street.work()
    assert mara.get(page, base_url=HOME).headers["Location"] == f"/shops/{number}?saved=keys"
    assert (len(street.shops()), street.said()[-1]) == (1, ("account:1", "shop.keys"))


def effect(number: int, state: State) -> Effect:
    moments = {"at": now(), "planned_at": now(), "due_at": now(), "not_before": real_now()}
    return Effect(key=f"k-{state}", shop_id=number, kind="alert", followup="keys_refused", legal_basis="operational", state=state, **moments)


def test_disconnecting_asks_once_more_stops_at_once_tidies_up_and_keeps_what_was(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    key = street.shops()[0].key
    site.made = [
        {"id": 1, "topic": "order.created", "status": "active", "delivery_url": f"{HOME}/webhooks/woocommerce/{key}"},
        {"id": 2, "topic": "order.created", "status": "active", "delivery_url": "https://another.example/hook"},
    ]
    delivery = {
        "platform": "woocommerce",
        "topic": "order.created",
        "dedupe": "d",
        "received_at": now(),
        "stored_at": now(),
        "not_before": real_now(),
    }
    with transaction(street.engine) as session:
        session.add_all([effect(number, State.PLANNED), effect(number, State.DONE), Inbound(shop_id=number, body=b"{}", **delivery)])
    leave = f"/shops/{number}/leave"
    assert "Quitamos nuestros webhooks" in open_page(mara, leave)[1]
    assert press(mara, leave, leave)[:2] == (303, leave)  # the box is not ticked
    assert press(mara, leave, leave, sure="1")[0] == 303
    with reading(street.engine) as session:
        assert {row.key: (row.state, row.reason) for row in session.scalars(select(Effect))} == {
            "k-planned": ("cancelled", "the shop was disconnected"),
            "k-done": ("done", ""),
        }
        assert session.scalars(select(Inbound.state)).one() == "ignored"
        assert shops.connected(session.get_one(Shop, number), street.world.settings, street.secret) is None
    street.work()
    assert [hook["id"] for hook in site.made] == [2]
    assert street.said()[-1] == ("account:1", "shop.disconnect")
    assert "Borra también la clave en tu tienda" in open_page(mara, f"/shops/{number}")[1]
    assert street.app.test_client().post(f"/webhooks/woocommerce/{key}", data=b"{}", base_url=HOME).status_code == 401


def test_webhooks_that_could_not_be_taken_out_are_a_persons(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    site.gate = Reply(503, html="Briefly unavailable for scheduled maintenance.")
    press(mara, f"/shops/{number}/leave", f"/shops/{number}/leave", sure="1")
    street.work()
    assert "No hemos podido quitar nuestros webhooks" in open_page(mara, f"/shops/{number}")[1]


def test_an_api_that_is_shut_to_strangers_may_still_let_keys_in(street: Street, site: WordPressSite) -> None:
    mara, site.index = street.sit(street.employ()), Reply(401, {"code": "rest_not_logged_in", "message": "x", "data": {"status": 401}})
    text = open_page(mara, begin(street, site, mara))[1]
    assert "La API REST de WordPress está desactivada o limitada" in text
    assert "Probar y conectar" in text


def test_a_disconnected_shop_comes_back_under_its_number_with_its_settings(street: Street, site: WordPressSite) -> None:
    site.statuses = Reply(document=[{"slug": slug, "name": name} for slug, name in OWN])
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    press(mara, f"/shops/{number}/statuses", f"/shops/{number}/statuses", status=["entregado"], step=["delivered"])
    press(mara, f"/shops/{number}/leave", f"/shops/{number}/leave", sure="1")
    street.work()
    assert connect(street, site, mara) == number
    row = street.shops()[0]
    assert (len(street.shops()), row.disconnected_at, row.settings["status_map"]) == (1, None, {"entregado": "delivered"})
    with reading(street.engine) as session:
        own = shops.find(session, number, street.world.settings, street.secret).settings
    assert (own.consumer_secret, len(own.webhook_secrets[0])) == (SECRET, 43)


def test_disconnecting_needs_a_sign_in_of_a_moment_ago(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    street.age(created=timedelta(minutes=20))
    assert mara.get(f"/shops/{number}/leave", base_url=HOME).headers["Location"].startswith("/account/sign-in?")
    assert press(mara, f"/shops/{number}", f"/shops/{number}/leave", sure="1")[1].startswith("/account/sign-in?")
    assert street.shops()[0].secrets is not None


def test_a_shop_of_the_file_says_where_it_is_changed(street: Street) -> None:
    mara = street.sit(street.employ())
    own = ShopSettings(key="k" * 20, platform="woocommerce", name="Tienda", url="https://tienda.test", webhook_secrets=["s" * 32])
    filed = street.world.settings.model_copy(update={"shops": [own]})
    shops.sync(street.engine, filed)
    street.app.extensions["postventa"].settings = filed
    text = open_page(mara, "/shops/1")[1]
    assert "Se cambia en config.toml." in text
    assert "Desconectar esta tienda" not in text
    assert open_page(mara, "/shops/1/leave")[0] == 404
    assert press(mara, "/shops/1", "/shops/1/statuses", status=["x"], step=["shipped"])[0] == 404
    assert press(mara, "/shops/1", "/shops/1/keys")[0] == 404


def test_a_job_that_died_three_times_is_our_fault_and_may_be_asked_for_again(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    _, page, _ = press(mara, "/shops/connect/woocommerce", "/shops/connect/woocommerce", address=site.url)
    with transaction(street.engine) as session:
        row = session.scalars(select(ShopVisit)).one()
        row.state, row.tries, row.begun_at = "at_work", 3, real_now() - timedelta(minutes=10)
    assert "Algo ha fallado por nuestra parte" in open_page(mara, page)[1]
    press(mara, page, f"{page}/again")
    street.work()
    assert "Todo listo para conectar" in open_page(mara, page)[1]


def test_a_button_cannot_keep_us_and_the_shop_busy(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    answers = [press(mara, "/shops/connect/woocommerce", "/shops/connect/woocommerce", address=site.url)[0] for _ in range(31)]
    assert (answers[:30], answers[30]) == ([303] * 30, 429)


def test_the_pages_for_customers_get_a_name_of_their_own(street: Street, site: WordPressSite) -> None:
    mara, jon = street.sit(street.employ()), street.sit(street.employ(Role.SUPPORT, JON))
    number = connect(street, site, mara)
    page, name = f"/shops/{number}", f"/shops/{number}/pages"
    said = words(open_page(mara, page)[1])
    assert re.search(rf"Nombre público de la tienda [a-z0-9-]+-{number}[a-z]{{5}} ", said)
    for typed, told in (("https://ayuda.mara.example", "no es un nombre de dominio"), (urlsplit(HOME).hostname or "", "ya es de otra tienda")):
        status, _, text = press(mara, page, name, host=typed)
        assert (status, told in text) == (422, True), typed
    assert press(mara, page, name, host=" Ayuda.Mara.example ")[:2] == (303, f"{page}?saved=pages")
    assert 'value="ayuda.mara.example"' in open_page(mara, page)[1]
    with reading(street.engine) as session:
        assert session.get_one(Shop, number).settings["pages_host"] == "ayuda.mara.example"
    seen = open_page(jon, page)[1]
    assert ("ayuda.mara.example" in seen, f'action="{name}"' in seen) == (True, False)
    assert press(jon, page, name, host="otra.example")[0] == 403


def test_the_plugin_is_handed_out_filled_in_and_without_a_secret(street: Street, site: WordPressSite) -> None:
    mara, jon = street.sit(street.employ()), street.sit(street.employ(Role.SUPPORT, JON))
    number = connect(street, site, mara)
    page, there = f"/shops/{number}", f"/shops/{number}/plugin"
    assert (f'href="{there}"' in open_page(mara, page)[1], f'href="{there}"' in open_page(mara, f"{page}/ready")[1]) == (True, True)
    assert (f'href="{there}"' in open_page(jon, page)[1], open_page(jon, there)[0]) == (False, 403)
    answer = mara.get(there, base_url=HOME)
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="postventa-wordpress.zip"'
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as packed:
        every = b"".join(map(packed.read, packed.namelist()))
        preset = packed.read("postventa/preset.php").decode()
    public = re.findall(r"/track/([a-z0-9-]+)", open_page(mara, page)[1])[0]
    assert re.findall(r"'(\w+)' => '(.*)',", preset) == [("home", site.url), ("address", HOME), ("pages", ""), ("shop", public)]
    row = street.shops()[0]
    assert not any(secret.encode() in every for secret in (KEY, SECRET, row.key))
    press(mara, page, f"{page}/leave", sure="1")
    assert (open_page(mara, there)[0], f'href="{there}"' in open_page(mara, page)[1]) == (404, False)


def test_who_comes_from_the_plugin_finds_the_address_filled_in(street: Street) -> None:
    mara = street.sit(street.employ())
    came = mara.get("/shops/connect?url=https://zapateriamara.example/", base_url=HOME)
    assert (came.status_code, came.headers["Location"]) == (303, "/shops/connect/woocommerce?url=https://zapateriamara.example/")
    assert 'value="https://zapateriamara.example/"' in open_page(mara, came.headers["Location"])[1]
    assert 'value="&#34;&gt;&lt;script&gt;' in open_page(mara, '/shops/connect/woocommerce?url="><script>')[1]
    assert street.work() == 0, "nothing is asked of an address that somebody else may have written"
    stranger = street.app.test_client().get(came.headers["Location"], base_url=HOME)
    assert "next=/shops/connect/woocommerce?url%3D" in stranger.headers["Location"]
