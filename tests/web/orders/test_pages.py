"""An order is found by what a customer says, and its page tells all of it, and nothing of who asked to be forgotten."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from jobs.erase_customer import Lock, erase_customer
from postventa.accounts.roles import Role
from postventa.clock import now
from postventa.models import Effect, EventRow, LabelRow, LabelTracking, Order, OrderLine, RecoveryCase, ReturnCase, Review, Suppression
from postventa.models.db import reading, transaction
from postventa.orders.search import PAGE
from postventa.privacy.people import Person
from postventa.returns.numbers import return_number
from tests.accounts.visits import form_of
from tests.pipeline.stories import HOUR, tracked
from tests.scenarios import scenario
from tests.web.orders.desk import LINES, Desk, text

NUMBER = return_number("alba", "4001", "r1")


def send_off(desk: Desk) -> None:
    """A parcel leaves, and arrives."""
    desk.story.tell(after=HOUR, status="enviado", line_items=LINES, meta_data=tracked(("PK123456", desk.story.at + HOUR)))  # type: ignore[call-arg]
    desk.house.clock.set(desk.story.at)
    desk.house.deliver("woocommerce", desk.story.sent[-1])
    desk.house.until(desk.story.at + HOUR)


def take_back(desk: Desk) -> None:
    """A return with its label, a bad review, and a case for it."""
    with transaction(desk.engine) as session:
        order = session.scalars(select(Order)).one()
        own = {"shop_id": order.shop_id}
        case = ReturnCase(**own, order_id=order.id, ref="r1", number=NUMBER, source="cli", state="approved", created_at=now())
        session.add(case)
        session.flush()
        label = {"carrier": "own", "reference": case.number, "state": "made", "pdf": b"%PDF-1"}
        session.add(LabelRow(**own, return_case_id=case.id, created_at=now(), **label))
        times = {"created_at": now(), "updated_at": now()}
        session.add(Review(**own, order_id=order.id, line_ref="1", rating=2, body="Llegó rota", product_title="Taza", **times))
        due = now() + timedelta(days=1)
        session.add(RecoveryCase(**own, order_id=order.id, rating=2, opened_at=now(), answer_due_at=due))


def test_its_page_says_until_when_the_shop_promised_it(desk: Desk, jon: FlaskClient) -> None:
    with transaction(desk.engine) as session:
        order = session.scalars(select(Order)).one()
        said = {"kind": "DeliveryPromised", "key": "DeliveryPromised:4001", "data": {"by": "2026-12-01"}, "at": now(), "learned_at": now()}
        session.add(EventRow(shop_id=order.shop_id, order_ref=order.ref, **said))
    assert "La tienda prometió la entrega, como muy tarde: 1 de diciembre de 2026" in text(jon, desk.page)


def test_it_is_found_by_what_the_customer_says_and_by_nothing_else(desk: Desk, jon: FlaskClient) -> None:
    send_off(desk)
    take_back(desk)
    own, number = f'href="{desk.page}"', NUMBER.replace("-", "").lower()
    for typed in (
        "4001",
        "#4001",
        "40",
        "ana@cliente.example",
        "ANA@cliente",
        "peña",
        "nunez ana",
        "PK123456",
        "pk 1234",
        NUMBER[:5],
        number,
        "\x004001\n",
    ):
        assert own in text(jon, f"/orders?q={quote(typed)}"), typed
    for typed in ("5", "otto", "%", "_", "' or 1=1 --", "ana otto", "R-0000-0000", "x" * 300):
        assert own not in text(jon, f"/orders?q={quote(typed)}"), typed


def test_many_orders_have_pages_and_each_stands_on_one(desk: Desk, jon: FlaskClient) -> None:
    with transaction(desk.engine) as session:
        shop = session.scalars(select(Order.shop_id)).one()
        for number in range(5000, 5000 + 2 * PAGE):
            session.add(Order(shop_id=shop, ref=str(number), number=str(number), first_name="Luz", currency="EUR", seen_at=now()))
    for query in ("", "&q=luz"):
        seen, before = list[str](), ""
        while True:
            page = text(jon, f"/orders?{before}{query}")
            seen += [part.split('"')[0] for part in page.split('<h2><a href="/orders/')[1:]]
            if "Más antiguos" not in page:
                break
            before = f"before={seen[-1]}"
        assert len(seen) == len(set(seen)) == 2 * PAGE + (0 if query else 1)


@scenario("S12", budget=60)
def test_the_page_tells_everything(desk: Desk, jon: FlaskClient) -> None:
    send_off(desk)
    take_back(desk)
    with transaction(desk.engine) as session:
        session.execute(update(Order).values(note='"><script>alert(1)</script>', last_name="O'Peña <img src=x>"))
        session.execute(update(OrderLine).where(OrderLine.ref == "1").values(image_url="https://cdn.example/taza.jpg?v=1"))
        session.execute(update(OrderLine).where(OrderLine.ref == "2").values(image_url="http://plain.example/a.jpg"))
        session.execute(update(OrderLine).where(OrderLine.ref == "3").values(image_url="https://evil.example;script-src *//a.jpg"))
    answer = jon.get(desk.page)
    policy, shown = answer.headers["Content-Security-Policy"], text(jon, desk.page)
    assert "img-src 'self' data: https://cdn.example;" in policy
    raw = answer.get_data(as_text=True)
    assert ("<script>alert" in raw, "<img src=x" in raw, "O&#39;Peña &lt;img" in raw) == (False, False, True)
    assert ("evil" in policy, "plain.example" in shown) == (False, False)
    for words in (
        "Pedido 4001", "Devolución en curso", "ana@cliente.example", "C/ Betis, 12", "Taza «Alba»", "29,99 €", "4,95 €", "56,65 €",
        "https://cdn.example/taza.jpg?v=1", "Correos", "PK123456", "Seguir el paquete", NUMBER, "Etiqueta (PDF)", "Hizo el pedido",
        "Salió un paquete", "Correo: Pedido enviado", "Llegó rota", "Puso 2 de 5 y espera", "Horas de Europe/Madrid", "12:00",
    ):  # fmt: skip
        assert words in shown, words
    label = jon.get(f"{desk.page}/labels/1")
    assert (label.data, label.headers["Content-Type"]) == (b"%PDF-1", "application/pdf")
    assert jon.get(f"{desk.page}/labels/2").status_code == 404
    assert jon.get("/orders/99999999999999999999999").status_code == 404


def test_a_return_shows_what_its_carrier_told_until_somebody_takes_it_in(desk: Desk, jon: FlaskClient) -> None:
    send_off(desk)
    take_back(desk)
    assert "el transportista la tiene" not in text(jon, desk.page)
    with transaction(desk.engine) as session:
        case, label = session.scalars(select(ReturnCase)).one(), session.scalars(select(LabelRow)).one()
        case.scanned_at = now()
        of = {"shop_id": case.shop_id, "order_id": case.order_id, "label_id": label.id, "carrier": "sendcloud", "next_at": now()}
        session.add(LabelTracking(**of))
    assert "De camino: el transportista la tiene desde el" in text(jon, desk.page)
    with transaction(desk.engine) as session:
        session.execute(update(LabelTracking).values(delivered_at=now()))
    assert "Entregada en tu almacén el" in text(jon, desk.page)
    with transaction(desk.engine) as session:
        session.execute(update(ReturnCase).values(received_at=now(), state="received"))
    assert "Entregada en tu almacén" not in text(jon, desk.page)


def test_of_who_asked_to_be_forgotten_nothing_is_shown_or_found(desk: Desk, jon: FlaskClient) -> None:
    send_off(desk)
    take_back(desk)
    with transaction(desk.engine) as session:
        erase_customer(session, desk.house.shops["woocommerce"], Person(email="ana@cliente.example"), Lock(desk.secret, 5))
    shown = text(jon, desk.page)
    assert "Sus datos se borraron el" in shown
    for page in (shown, text(jon, "/orders"), text(jon, "/orders?q=ana@cliente.example"), text(jon, "/orders?q=peña")):
        for secret in ("Peña", "Betis", "600 000 000"):
            assert secret not in page.replace('value="peña"', "").replace("«peña»", "")
    assert f'href="{desk.page}"' not in text(jon, "/orders?q=ana@cliente.example")
    assert jon.get(f"{desk.page}/labels/1").status_code == 404


def mail_of(desk: Desk, followup: str) -> Effect:
    with reading(desk.engine) as session:
        return session.scalars(select(Effect).where(Effect.followup == followup).order_by(Effect.id)).first() or pytest.fail(followup)


def test_a_mail_is_sent_again_once_for_each_page(desk: Desk, jon: FlaskClient) -> None:
    send_off(desk)
    mail, before = mail_of(desk, "shipped"), len(desk.house.postman.mails)
    path = f"{desk.page}/effects/{mail.id}/resend"
    assert "lo recibe dos veces" in text(jon, path)
    wish = form_of(jon, path)
    assert [jon.post(path, data=wish).status_code for _ in range(3)] == [303, 409, 409]
    desk.house.run()
    assert len(desk.house.postman.mails) == before + 1
    again = f"{desk.page}/effects/{desk.house.effects(followup='shipped')[-1].id}/resend"
    wish = form_of(jon, again)
    assert [jon.post(again, data=wish).status_code for _ in range(2)] == [303, 409]
    assert [action for _, action in desk.said()] == ["ledger.resend"] * 2


def test_a_planned_mail_is_called_off_and_rules_still_hold(desk: Desk, jon: FlaskClient) -> None:
    mail = mail_of(desk, "order_received")
    path = f"{desk.page}/effects/{mail.id}/cancel"
    wish = form_of(jon, path)
    assert jon.post(path, data={**wish, "wish": "x" * 60}).status_code == 409
    assert [jon.post(path, data=wish).status_code for _ in range(2)] == [303, 409]
    assert "Lo anuló una persona." in text(jon, desk.page)
    desk.house.run()
    assert desk.house.postman.mails == []
    with transaction(desk.engine) as session:
        session.add(Suppression(shop_id=mail.shop_id, email="ana@cliente.example", category="all", reason="550 unknown", at=now()))
    path = f"{desk.page}/effects/{mail.id}/resend"
    wish = form_of(jon, path)
    refused = jon.post(path, data=wish)
    assert (refused.status_code, "está bloqueada" in refused.get_data(as_text=True)) == (409, True)
    assert jon.post(path, data={**wish, "unblock": "1"}).status_code == 303
    desk.house.run()
    assert len(desk.house.postman.mails) == 1
    assert jon.get(f"/orders/{desk.order + 1}/effects/{mail.id}/resend").status_code == 404


def test_the_warehouse_looks_and_touches_nothing(desk: Desk) -> None:
    luz = desk.sit_down(desk.employ(Role.WAREHOUSE, "luz@zapateriamara.example", "Luz"))
    send_off(desk)
    shown = text(luz, desk.page)
    for words in ("Devolver dinero", "cupón", "Nota para tu equipo", "Enviar otra vez", "Anular"):
        assert words not in shown
