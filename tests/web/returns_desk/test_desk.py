"""Support decides on the desk; each role does its own work only; what is sent twice happens once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from postventa.accounts.roles import Role
from postventa.clock import now
from postventa.models import Effect, ReturnCase, Shop
from postventa.models.db import reading, transaction
from postventa.returns import desk
from postventa.returns.wish import Swap, Wish, WishLine
from postventa.reviews.photos import Photo
from postventa.web.returns_desk.deeds import DEEDS
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.returns.scene import build, last_words
from tests.web.returns_desk.bench import ASKED, LOOKED_AT, PHOTO, TWO, Bench, done, page, proposed, said


def test_everything_stands_on_its_page_and_nothing_of_it_is_a_script(bench: Bench, jon: FlaskClient) -> None:
    wish = Wish((WishLine("1", 2, "unwanted", "<script>alert(1)</script>"),), method="drop_off", note='"><img src=x>')
    case = bench.a_return(ASKED, wish, photos={"1": [PHOTO]})
    raw, shown = jon.get(page(case)).get_data(as_text=True), said(jon, page(case))
    assert ("<script>alert" in raw, "<img src=x" in raw) == (False, False)
    for words in (
        case.number, "Por decidir", "Pedido 4001", "2 × Taza «Alba»", "He cambiado de idea", "Reembolso", "20,00 €", "lo decide una persona",
        "por defecto", "Reglas, versión 1.", "Aceptar", "Rechazar", "no la conoce", "Pidió una devolución",
    ):  # fmt: skip
        assert words in shown, words
    photo = jon.get(page(case, f"/photos/{PHOTO.name}.jpg"))
    assert (photo.data, photo.headers["Content-Type"], photo.headers["X-Content-Type-Options"]) == (PHOTO.jpeg, "image/jpeg", "nosniff")
    assert photo.headers["Content-Disposition"].startswith("inline; filename=")
    assert photo.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert jon.get(f"/returns-desk/{case.id + 1}/photos/{PHOTO.name}.jpg").status_code == 404
    assert [jon.get(f"/returns-desk/{number}").status_code for number in (case.id + 1, 10**20)] == [404, 404]


def test_photos_stand_at_the_article_that_they_show(bench: Bench, jon: FlaskClient, luz: FlaskClient) -> None:
    several = {ref: [Photo(f"{place:032}", PHOTO.jpeg, 1, 1)] for place, ref in enumerate(("1", "2", ""))}
    case = bench.a_return(LOOKED_AT, TWO, photos=several)
    for browser, path, whole in ((jon, page(case), True), (luz, page(case, "/goods"), False)):
        raw = browser.get(path).get_data(as_text=True)
        cups, bowl = raw[raw.index("Taza «Alba»") :].partition("Cuenco")[0], raw[raw.index("Cuenco") :]
        assert [f"{place:032}.jpg" in cups for place in range(3)] == [True, False, False], path
        assert [f"{place:032}.jpg" in bowl for place in range(3)] == [False, True, whole], path
        assert "alt='Foto 1 · Taza «Alba»" in cups


def test_where_photos_have_a_host_of_their_own_staff_see_them_from_there(bench: Bench, jon: FlaskClient) -> None:
    case, service = bench.a_return(ASKED, TWO, photos={"1": [PHOTO]}), bench.app.extensions["postventa"]
    server = service.settings.server.model_copy(update={"public_url": "https://postventa.example", "photos_host": "fotos.example"})
    service.settings = service.settings.model_copy(update={"server": server})
    key = jon.get_cookie("postventa_local")
    assert key is not None
    jon.set_cookie("__Host-postventa", key.value)  # by https it is called so
    answer = jon.get(page(case))
    assert f'src="https://fotos.example/photo/{PHOTO.name}.jpg?size=small&amp;until=' in answer.text
    assert "img-src 'self' data: https://fotos.example;" in answer.headers["Content-Security-Policy"]
    assert jon.get(page(case, f"/photos/{PHOTO.name}.jpg")).status_code == 404


def test_a_return_is_agreed_to_in_part_once_and_the_sum_is_shown_before(bench: Bench, jon: FlaskClient) -> None:
    case = bench.a_return(ASKED)
    part = {"line-1": "1", "line-2": "0"}
    assert "uno de los motivos de la ley" in proposed(jon, page(case, "/approve"), part, status=422)[0], "a part is a no to the rest"
    words, wish = proposed(jon, page(case, "/approve"), {**part, "ground": "sealed_hygiene"})
    for expected in ("¿Aceptar la devolución?", "1 × Taza «Alba»", "Reembolso: 10,00 €", "precinto de higiene abierto"):
        assert expected in words
    for fields in ({"line-1": "0", "line-2": "0"}, {"line-1": "3", "line-2": "0"}, {"line-1": "x"}):
        proposed(jon, page(case, "/approve"), fields, status=422)
    answers = [jon.post(page(case, "/approve/confirm"), data=wish) for _ in range(3)]
    assert [re.findall(r"saved=(\w+)", answer.headers["Location"]) for answer in answers] == [["approve"], ["before"], ["before"]]
    agreed = bench.again(case)
    assert (agreed.state, agreed.accepted, agreed.quoted["refund"], agreed.decided_by) == ("approved", [["1", 1]], "10.00", "account:1")
    assert "Aceptadas: 1" in said(jon, page(case))
    assert jon.get(page(case, "/decline")).status_code == 409
    assert [action for _, action in bench.said()].count("return.approve") == 1


def test_a_no_needs_words_and_within_the_days_of_withdrawal_a_ground_of_the_law(bench: Bench, jon: FlaskClient) -> None:
    case = bench.a_return(ASKED)
    assert "la persona lo lee" in proposed(jon, page(case, "/decline"), status=422)[0]
    assert "uno de los motivos de la ley" in proposed(jon, page(case, "/decline"), status=422, reason="No")[0]
    words = done(jon, page(case, "/decline"), reason="Venía sin precinto", ground="sealed_hygiene")
    assert ("«Venía sin precinto»" in words, "precinto de higiene abierto" in words) == (True, True)
    bench.work()
    assert bench.again(case).state == "declined"
    assert "Venía sin precinto" in last_words(bench.house)


def test_it_is_changed_and_called_off_until_it_is_on_its_way(bench: Bench, jon: FlaskClient) -> None:
    case = bench.a_return()
    proposed(jon, page(case, "/change"), status=422, resolution="refund", method="drop_off")
    done(jon, page(case, "/change"), resolution="store_credit", method="own_carrier")
    assert (bench.again(case).resolution, bench.again(case).method) == ("store_credit", "own_carrier")
    _words, refused = proposed(jon, page(case, "/change"), resolution="keep_item", method="drop_off")
    assert jon.post(page(case, "/change/confirm"), data=refused).status_code == 409, "the rules do not offer it"
    _words, old = proposed(jon, page(case, "/cancel"), reason="Se lo queda")
    done(jon, page(case, "/change"), resolution="refund", method="own_carrier")
    assert jon.post(page(case, "/cancel/confirm"), data=old).status_code == 409, "it has changed since"
    done(jon, page(case, "/cancel"), reason="Se lo queda")
    assert bench.again(case).state == "cancelled"
    assert jon.get(page(case, "/cancel")).status_code == 409


def test_an_exchange_is_called_off_by_whoever_may_give_money_back(bench: Bench, mara: FlaskClient) -> None:
    wish = Wish((WishLine("1", 1, "unwanted"),), "exchange", "drop_off", exchange=(Swap("1", "30", 1, "30", "Jarra «Sol»"),))
    case = bench.a_return({"default": {**ASKED["default"], "decision": "approve", "exchange_for": "product"}}, wish)
    assert "1 × Jarra «Sol»" in said(mara, page(case))
    assert "Elige qué recibe" in proposed(mara, page(case, "/off"), status=422, instead="repair")[0]
    words = done(mara, page(case, "/off"), instead="store_credit", reason="Ya no queda")
    assert "Vale de compra: 10,00" in words
    changed = bench.again(case)
    assert (changed.resolution, changed.wish["exchange"]) == ("store_credit", [])
    assert mara.get(page(case, "/off")).status_code == 409


def test_nobody_does_the_others_work(bench: Bench, mara: FlaskClient, jon: FlaskClient, luz: FlaskClient) -> None:
    case = bench.a_return(ASKED)
    receives = ["/returns-desk/scan", page(case, "/goods")]
    decides = [page(case, f"/{what}") for what in DEEDS if what not in ("pay", "done", "off")]
    possible = [path for path in decides if "/fetch" not in path and not path.endswith(("proven", "parcel"))]
    # nobody comes for it, nothing was shown, and there is no first label
    pays = [page(case, f"/{what}") for what in ("pay", "done", "off")]
    rules = [f"/returns-desk/rules/{case.shop_id}"]
    for browser, refused, allowed in (
        (luz, [*decides, *pays, *rules], [*receives, "/returns-desk", page(case), "/returns-desk/figures", "/returns-desk/deliveries"]),
        (jon, [*receives, *pays, *rules], [*possible, "/returns-desk", page(case), "/returns-desk/pickups"]),
        (mara, [], [*receives, *possible, *rules]),
    ):
        assert {browser.get(path).status_code for path in refused} <= {403}
        assert {path for path in allowed if browser.get(path).status_code != 200} == set()
        token = proposed_token(browser, case)
        for path in refused:
            for tail in ("", "/confirm") if path not in (*receives, *rules) else ("",):
                if path != "/returns-desk/scan":
                    assert browser.post(path + tail, data={"csrf": token}).status_code == 403, path
    assert "Aceptar" not in said(luz, page(case))
    assert bench.browser().get(page(case)).status_code == 303


def proposed_token(browser: FlaskClient, case: ReturnCase) -> str:
    """What every form of that browser holds: the one for signing out stands on each page."""
    found = re.findall(r'name="csrf" value="([^"]+)"', browser.get(page(case)).get_data(as_text=True))
    return str(found[0])


def test_forms_of_somebody_elses_page_or_for_another_return_do_nothing(bench: Bench, mara: FlaskClient, jon: FlaskClient) -> None:
    case = bench.a_return(ASKED)
    _words, wish = proposed(jon, page(case, "/approve"), {"line-1": "2", "line-2": "1"})
    assert jon.post(page(case, "/approve/confirm"), data={"wish": wish["wish"]}).status_code == 403
    assert jon.post(page(case, "/approve/confirm"), data=wish, headers={"Origin": "https://evil.example"}).status_code == 403
    assert jon.post(page(case, "/cancel/confirm"), data=wish).status_code == 422, "sealed for something else"
    theirs = {**wish, "csrf": proposed_token(mara, case)}
    assert mara.post(page(case, "/approve/confirm"), data=theirs).status_code == 422, "sealed for somebody else"
    assert bench.again(case).state == "requested"


def test_lists_hold_what_is_to_be_done_and_have_pages(bench: Bench, jon: FlaskClient) -> None:
    case = bench.a_return(ASKED)
    for what in ("decide", "all"):
        assert case.number in said(jon, f"/returns-desk?show={what}")
    for what in ("way", "arrived", "inspect", "refund", "late", "settled"):
        assert case.number not in said(jon, f"/returns-desk?show={what}")
    assert case.number in said(jon, f"/returns-desk?show=decide&shop={case.shop_id}")
    assert case.number not in said(jon, f"/returns-desk?show=decide&shop={case.shop_id + 1}")
    bench.house.clock.advance(days=3)
    assert "Espera demasiado" in said(jon, "/returns-desk?show=late")
    with transaction(bench.engine) as session:
        for number in range(2 * desk.PAGE):
            told = {"source": "cli", "state": "received", "resolution": "refund", "created_at": now(), "received_at": now()}
            session.add(ReturnCase(shop_id=case.shop_id, order_id=case.order_id, ref=f"x{number}", number=f"R-{number}", **told))
    seen, before = list[str](), ""
    while True:
        shown = said(jon, f"/returns-desk?show=refund{before}")
        seen += re.findall(r'<h2><a href="/returns-desk/(\d+)"', shown)
        if "Más antiguas" not in shown:
            break
        before = f"&before={seen[-1]}"
    assert len(seen) == len(set(seen)) == 2 * desk.PAGE


def test_what_is_open_is_found_by_its_index(bench: Bench) -> None:
    with bench.engine.connect() as connection:
        for name, wanted in desk.standing(now()).items():
            if name not in (desk.ALL, desk.SETTLED):
                query = select(ReturnCase.id).where(*wanted).order_by(ReturnCase.id.desc()).limit(25)
                statement = str(query.compile(bench.engine, compile_kwargs={"literal_binds": True}))
                plan = " ".join(str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}"))
                assert "ix_return_case_state" in plan, (name, plan)


@pytest.mark.timeout(120)
def test_fifty_releases_at_once_are_one_refund(engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> None:
    bench = Bench(build(engine, clock, tmp_path, peer))
    try:
        case = bench.a_return(LOOKED_AT, TWO)
        mara = bench.employ()
        browser = bench.sit_down(mara)
        proposed(browser, page(case, "/pay"), status=422, amount="1")
        words, wish = proposed(browser, page(case, "/pay"), amount="35,50", reason="Una taza venía rayada")
        assert "Reembolso: 35,50 €" in words
        hands = [bench.sit_down(mara) for _ in range(8)]
        cookies = browser.get_cookie("postventa_local")
        assert cookies is not None
        for hand in hands:
            hand.set_cookie("postventa_local", cookies.value)

        def click(number: int) -> int:
            return hands[number % 8].post(page(case, "/pay/confirm"), data=wish).status_code

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(click, range(50)))
        bench.work()
        with reading(bench.engine) as session:
            effects = session.scalars(select(Effect).where(Effect.followup == "write_refund")).all()
        assert (set(answers), peer.books.paid, len(effects)) == ({303}, [Decimal("35.50")], 1)
        assert jon_sees(bench, case)
    finally:
        bench.close()


def jon_sees(bench: Bench, case: ReturnCase) -> bool:
    """Whoever answers the customer reads that it is settled."""
    jon = bench.sit_down(bench.employ(Role.SUPPORT, "jon@zapateriamara.example", "Jon"))
    return "Resuelta" in said(jon, page(case))


def test_what_only_a_person_can_do_says_so_and_is_marked_as_done(bench: Bench, mara: FlaskClient) -> None:
    case = bench.a_return(ASKED, Wish((WishLine("1", 1, "unwanted"),), "repair", "drop_off"))
    done(mara, page(case, "/approve"), {"line-1": "1"})
    done(mara, page(case, "/goods"), {"grade-0-1": "as_new"})
    shown = said(mara, page(case))
    assert ("Es una reparación" in shown, "En sus palabras" in shown) == (True, True)
    done(mara, page(case, "/pay"), amount="10,00", reason="Probando")
    assert bench.again(case).settled_at is None, "money is no repair"
    done(mara, page(case, "/done"), reason="Reparada y enviada")
    assert bench.again(case).state == "closed"


def test_a_shop_that_left_is_looked_at_only(bench: Bench, mara: FlaskClient) -> None:
    case = bench.a_return(ASKED)
    with transaction(bench.engine) as session:
        session.execute(update(Shop).values(secrets=None, key="gone"))
    shown = said(mara, page(case))
    assert ("La tienda está desconectada" in shown, "Rechazar" in shown) == (True, False)
    assert [mara.get(page(case, tail)).status_code for tail in ("/approve", "/goods")] == [404, 404]
