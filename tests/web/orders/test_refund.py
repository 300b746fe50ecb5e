"""From a person's click to the shop's books: the sum that was shown, to the cent, once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, update

from jobs.deeds.store_credit import plan_store_credit
from jobs.erase_customer import TYPED, Lock, erase_customer
from postventa import shops
from postventa.models import Effect, Order
from postventa.models.db import transaction
from postventa.privacy.people import Person
from postventa.web.orders.words import MONEY
from tests.accounts.visits import form_of, hidden
from tests.conftest import TestClock
from tests.peers.shop import CUT, Fault
from tests.peers.shopify import ShopifyPeer, order_document
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.stories import MINUTE
from tests.scenarios import scenario
from tests.web.orders import desk as town
from tests.web.orders.desk import LINES, ORDER, SHIPPING, TOTAL, Desk, fill, refund, text


def told(desk: Desk, peer: WooCommercePeer) -> None:
    """The shop tells of its refunds."""
    refunds = [{"id": made["id"], "reason": "", "total": f"-{made['amount']}"} for made in reversed(peer.books.refunds[ORDER])]
    desk.story.tell("order.updated", after=MINUTE, refunds=refunds, line_items=LINES, shipping_lines=[SHIPPING])
    desk.house.deliver("woocommerce", desk.story.sent[-1])


def test_three_refunds_in_a_row_are_right_to_the_cent_and_nothing_is_left(desk: Desk, peer: WooCommercePeer, mara: FlaskClient) -> None:
    page = refund(mara, desk, line_1="2", shipping="2,00", restock="1", reason="Dos llegaron rotas")
    for words in ("¿Devolver 21,99 €?", "2 × Taza «Alba»", "19,99 €", "34,66 €", "vuelven a las existencias", "Dos llegaron rotas"):
        assert words in page
    desk.work()
    told(desk, peer)
    assert "¿Devolver 18,83 €?" in refund(mara, desk, line_1="1", line_3="1", shipping="2.95")
    desk.work()
    told(desk, peer)
    assert "¿Devolver 15,83 €?" in refund(mara, desk, line_2="1", line_3="1")
    desk.work()
    told(desk, peer)
    assert peer.books.paid == [Decimal("21.99"), Decimal("18.83"), Decimal("15.83")]
    assert sum(peer.books.paid) == TOTAL
    first, second, _third = peer.books.refunds[ORDER]
    assert (first["restocked"], first["reason"], second["restocked"]) == (True, "Dos llegaron rotas", False)
    assert [(line["quantity"], line["total"], [tax["id"] for tax in line["taxes"]]) for line in second["line_items"]] == [
        (-1, second["line_items"][0]["total"], [3]),
        (-1, second["line_items"][1]["total"], [3, 5]),
    ]
    shown = text(mara, desk.page)
    assert "Aún se puede devolver</dt><dd>0,00 €" in shown
    assert "Devolver dinero" not in shown
    assert [effect.state for effect in desk.writes()] == ["done"] * 3


def test_more_than_is_left_is_refused_with_both_figures(desk: Desk, mara: FlaskClient) -> None:
    status, page, _ = fill(mara, f"{desk.page}/refund", amount="56,66")
    assert (status, "Son 56,66 €, y de este pedido se pueden devolver 56,65 € como mucho." in page) == (422, True)
    for fields in ({}, {"amount": "x"}, {"amount": "1", "line-1": "1"}, {"line-1": "4"}, {"shipping": "4,96"}, {"line-9": "1"}, {"amount": "-5"}):
        assert fill(mara, f"{desk.page}/refund", **fields)[0] == 422, fields
    assert desk.writes() == []


@scenario("S20", budget=60)
@pytest.mark.timeout(120)
def test_fifty_confirmations_at_once_are_one_refund(engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> None:
    desk = town.woocommerce(engine, clock, tmp_path, peer.url)
    peer.orders[ORDER] = desk.story.body
    mara = desk.employ()
    _, _, wish = fill(desk.sit_down(mara), f"{desk.page}/refund", amount="5")
    browser, path = desk.sit_down(mara), f"{desk.page}/refund/confirm"
    cookie = browser.get_cookie("postventa_local")
    assert cookie is not None
    wish["csrf"] = form_of(browser, desk.page)["csrf"]

    def send(_: int) -> int:
        one = desk.browser()
        one.set_cookie("postventa_local", cookie.value)
        return one.post(path, data=wish).status_code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(send, range(50))) == {303}
    desk.work()
    assert peer.books.paid == [Decimal("5.00")]
    assert len(desk.writes()) == 1
    assert [action for _, action in desk.said()] == ["refund.plan"]
    desk.close()


def test_two_people_with_the_same_idea_pay_once_and_the_second_sees_why(desk: Desk, mara: FlaskClient) -> None:
    other = desk.sit_down(desk.employ(email="luz@zapateriamara.example", name="Luz"))
    _, _, hers = fill(mara, f"{desk.page}/refund", amount="50")
    _, _, theirs = fill(other, f"{desk.page}/refund", **{"line-2": "1"})
    assert mara.post(f"{desk.page}/refund/confirm", data=hers).status_code == 303
    late = other.post(f"{desk.page}/refund/confirm", data=theirs)
    assert late.status_code == 409
    assert "¿Devolver 6,65 €?" in town.plain(late.get_data(as_text=True))
    stolen = other.post(f"{desk.page}/refund/confirm", data={**theirs, "wish": hers["wish"]})
    assert stolen.status_code == 422
    assert len(desk.writes()) == 1


def test_who_may_not_give_money_gives_none(desk: Desk, mara: FlaskClient, jon: FlaskClient) -> None:
    assert "Devolver dinero" in text(mara, desk.page)
    assert "Devolver dinero" not in text(jon, desk.page)
    _, _, wish = fill(mara, f"{desk.page}/refund", amount="5")
    for path in ("refund", "refund/confirm", "coupon", "coupon/confirm"):
        assert jon.post(f"{desk.page}/{path}", data={**wish, "csrf": form_of(jon, desk.page)["csrf"]}).status_code == 403
    assert mara.post(f"{desk.page}/refund/confirm", data=wish).status_code == 303
    (effect,) = desk.writes()
    path = f"{desk.page}/effects/{effect.id}/cancel"
    assert jon.get(path).status_code == jon.post(path, data={"csrf": form_of(jon, desk.page)["csrf"]}).status_code == 403
    assert mara.get(path).status_code == 200
    for name in sorted(MONEY):
        with transaction(desk.engine) as session:
            session.execute(update(Effect).values(followup=name))
        assert jon.get(path).status_code == jon.post(path, data={"csrf": form_of(jon, desk.page)["csrf"]}).status_code == 403, name
        assert "/cancel" not in jon.get(desk.page).get_data(as_text=True), name
    assert mara.get("/orders/999/refund").status_code == 404
    assert mara.post("/orders/999/refund/confirm", data=wish).status_code == 404


def test_a_credit_stands_on_the_page_with_its_sum_and_its_code_and_is_money_too(desk: Desk, mara: FlaskClient, jon: FlaskClient) -> None:
    with transaction(desk.engine) as session:
        order = session.get_one(Order, desk.order)
        (shop,) = shops.all_of(session, desk.house.settings, b"")
        plan_store_credit(session, shop, order, key="r1", amount=Decimal(20), bonus=Decimal(2), currency="EUR", actor="test")
    (effect,) = desk.writes()
    assert "Vale en la tienda · 22,00 € · <strong>previsto" in text(mara, desk.page)
    assert [who.get(f"{desk.page}/effects/{effect.id}/cancel").status_code for who in (jon, mara)] == [403, 200]
    _, page, _ = fill(mara, f"{desk.page}/refund", amount="36,66")
    assert "de este pedido se pueden devolver 36,65 €" in page, "money or credit: what was paid goes back once"
    desk.work()
    (effect,) = desk.writes()
    shown = text(mara, desk.page)
    assert "Vale en la tienda · 22,00 €" in shown
    assert f"<code>{effect.data['code']}</code>" in shown


def test_a_refusal_of_the_shop_is_told_in_its_words_and_tried_again_by_hand(desk: Desk, peer: WooCommercePeer, mara: FlaskClient) -> None:
    peer.books.declines = "Fondos insuficientes"
    refund(mara, desk, amount="5")
    desk.work()
    (effect,) = desk.writes()
    assert effect.state == "unknown"
    shown = text(mara, desk.page)
    assert "Fondos insuficientes" in shown
    assert "Reembolso en camino</dt><dd>5,00 €" in shown
    peer.books.declines = ""
    path = f"{desk.page}/effects/{effect.id}/resend"
    wish = form_of(mara, path)
    assert mara.post(path, data=wish).status_code == 303
    assert mara.post(path, data=wish).status_code == 409
    desk.work()
    assert peer.books.paid == [Decimal("5.00")]
    assert [action for _, action in desk.said()] == ["refund.plan", "ledger.resend"]


def test_a_sum_that_the_shop_reckons_differently_waits_for_a_person(desk: Desk, peer: WooCommercePeer, mara: FlaskClient) -> None:
    theirs, peer.orders[ORDER] = peer.orders[ORDER], {**peer.orders[ORDER], "line_items": [{**line, "total": "9.04"} for line in LINES]}
    refund(mara, desk, line_2="1")
    desk.work()
    (effect,) = desk.writes()
    shown = text(mara, desk.page)
    assert (effect.state, peer.books.paid) == ("dead", [])
    assert ("La tienda calcula otra suma" in shown, "worth 9.95 EUR there, and 9.96 with us" in shown) == (True, True)
    assert "Aún se puede devolver</dt><dd>56,65 €" in shown
    peer.orders[ORDER] = theirs
    path = f"{desk.page}/effects/{effect.id}/resend"
    assert mara.post(path, data=form_of(mara, path)).status_code == 303
    desk.work()
    assert peer.books.paid == [Decimal("9.96")]


def test_a_doubt_ends_when_a_person_has_looked(desk: Desk, peer: WooCommercePeer, mara: FlaskClient) -> None:
    refund(mara, desk, amount="5")
    (effect,) = desk.writes()
    with transaction(desk.engine) as session:
        row = session.get_one(Effect, effect.id)
        row.state, row.attempts, row.reason = "unknown", 1, "in doubt: no answer; not repeated, please look"
    assert "Míralo tú, por favor." in text(mara, desk.page)
    path = f"{desk.page}/effects/{effect.id}/done"
    wish = form_of(mara, path)
    assert [mara.post(path, data=wish).status_code for _ in range(2)] == [303, 409]
    desk.work()
    assert (desk.writes()[0].state, peer.books.paid) == ("done", [])
    assert [action for _, action in desk.said()] == ["refund.plan", "ledger.settle"]
    assert mara.get(f"{desk.page}/effects/999/done").status_code == 404


def test_an_answer_that_is_lost_pays_once_and_the_page_says_that_it_looks(desk: Desk, peer: WooCommercePeer, mara: FlaskClient) -> None:
    peer.faults.append(Fault("POST", CUT, after=True))
    refund(mara, desk, amount="5")
    desk.house.run()
    assert "lo comprobamos solos" in text(mara, desk.page)
    desk.work()
    assert (desk.writes()[0].state, peer.books.paid) == ("done", [Decimal("5.00")])


def test_of_an_erased_order_money_is_still_given_and_what_was_typed_is_forgotten(desk: Desk, peer: WooCommercePeer, mara: FlaskClient) -> None:
    refund(mara, desk, amount="5", reason="Ana lloraba al teléfono")
    with transaction(desk.engine) as session:
        erase_customer(session, desk.house.shops["woocommerce"], Person(email="ana@cliente.example"), Lock(b"", 0))
    refund(mara, desk, amount="6")
    desk.work()
    assert peer.books.paid == [Decimal("5.00"), Decimal("6.00")]
    assert [effect.data["wanted"]["reason"] for effect in desk.writes()] == ["", ""]  # type: ignore[index]


@pytest.mark.parametrize(("deed", "field"), TYPED.items())
def test_what_was_typed_for_any_deed_is_forgotten_with_the_customer(desk: Desk, mara: FlaskClient, deed: str, field: str) -> None:
    refund(mara, desk, amount="5")
    with transaction(desk.engine) as session:
        session.execute(update(Effect).where(Effect.kind == "write").values(followup=deed, data={"wanted": {field: "Ana lloraba", "amount": "5"}}))
        erase_customer(session, desk.house.shops["woocommerce"], Person(email="ana@cliente.example"), Lock(b"", 0))
    assert [effect.data["wanted"] for effect in desk.writes()] == [{field: "", "amount": "5"}]


@pytest.fixture
def shoes(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> Iterator[tuple[Desk, ShopifyPeer]]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer(scopes=("read_orders", "write_orders"))
    with peer.open():
        desk = town.shopify(sqlite_engine, clock, tmp_path, peer.url)
        peer.orders["gid://shopify/Order/5001"] = order_document(desk.story.body)
        yield desk, peer
        desk.close()


def test_shopify_pays_the_same_sum_and_keeps_credit(shoes: tuple[Desk, ShopifyPeer], clock: TestClock) -> None:
    desk, peer = shoes
    mara = desk.sit_down(desk.employ())
    refund(mara, desk, line_11="1", restock="1", reason="No le queda bien")
    desk.work()
    clock.advance(minutes=1)
    page = refund(mara, desk, line_12="1", withheld="5,00", as_credit="1")
    assert ("¿Devolver 20,00 €?" in page, "saldo" in page) == (True, True)
    desk.work()
    first, second = peer.books.inputs
    assert (first["transactions"][0]["amount"], first["refundLineItems"][0]["restockType"]) == ("25.00", "RETURN")
    assert second["refundMethods"][0]["storeCreditRefund"]["amount"]["amount"] == "20.00"
    assert [effect.state for effect in desk.writes()] == ["done", "done"], [effect.reason for effect in desk.writes()]
    status, said, _ = fill(mara, f"{desk.page}/refund", amount="5,01")
    assert (status, "se pueden devolver 5,00 €" in said) == (422, True)


def test_a_coupon_is_made_once_and_its_code_is_shown_at_once(desk: Desk, peer: WooCommercePeer, mara: FlaskClient) -> None:
    status, page, wish = fill(mara, f"{desk.page}/coupon", percent="15", days="30", title="Perdona", prefix="lo-siento")
    assert status == 422
    status, page, wish = fill(mara, f"{desk.page}/coupon", percent="15", days="30", title="Perdona", prefix="losiento")
    assert ("¿Crear un cupón de 15 %?" in page, "LOSIENTO" in page) == (True, True)
    assert [mara.post(f"{desk.page}/coupon/confirm", data=wish).status_code for _ in range(3)] == [303, 303, 303]
    shown = text(mara, desk.page)
    desk.work()
    (coupon,) = peer.books.coupons
    assert f"<code>{coupon['code'].upper()}</code>" in shown
    assert (coupon["amount"], coupon["discount_type"], coupon["email_restrictions"]) == ("15.00", "percent", ["ana@cliente.example"])
    assert coupon["date_expires_gmt"][:10] == f"{desk.house.clock.now() + timedelta(days=30):%Y-%m-%d}"
    assert [action for _, action in desk.said()] == ["coupon.plan"]


def test_a_note_stands_in_the_shop_once_with_who_wrote_it(desk: Desk, peer: WooCommercePeer, jon: FlaskClient) -> None:
    csrf = form_of(jon, desk.page)["csrf"]
    page = jon.post(f"{desk.page}/note", data={"csrf": csrf, "note": "Llamó enfadada.\nQuiere que la llamen."}).get_data(as_text=True)
    wish = hidden(page)
    assert [jon.post(f"{desk.page}/note/confirm", data=wish).status_code for _ in range(2)] == [303, 303]
    desk.work()
    assert [note["note"] for note in peer.books.notes[ORDER]] == ["Llamó enfadada.\nQuiere que la llamen.\n(Jon, Postventa)"]
