"""What customers do on the page, and what comes of it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine, update

from postventa.effects import plan
from postventa.models import Order, Shop
from postventa.models.db import transaction
from postventa.runtime.pages import THREADS
from tests.accounts.visits import hidden
from tests.cases import another
from tests.conftest import TestClock
from tests.pipeline.stories import NOON
from tests.scenarios import scenario
from tests.withdrawal.counter import ANA, Counter, text_of


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_number_that_a_link_in_the_shop_knows_is_filled_in_unless_a_mails_link_knows_better(counter: Counter) -> None:
    phone, link = counter.phone(), counter.link(counter.order())
    page = phone.get(counter.page, query_string={"number": "Z-4711"}).get_data(as_text=True)
    assert 'name="contract" value="Z-4711"' in page
    assert f'href="{counter.page}?number=Z-4711&amp;lang=de"' in page
    assert "Z-4711" not in phone.get(f"{link}&number=Z-4711").get_data(as_text=True).partition("<nav")[0]


def test_a_wrong_number_is_taken_acknowledged_and_is_a_case_for_staff(counter: Counter) -> None:
    counter.order()
    phone = counter.phone()
    status, where = counter.withdraw(phone, contract="no sé, unas tazas azules", name="  Ana\tRuiz ")
    assert status == 303
    page = phone.get(where).get_data(as_text=True)
    row = counter.one()
    assert row.ref in page
    assert "no sé, unas tazas azules" in page
    counter.work()
    (mail,) = counter.mails("withdrawal_receipt")
    assert mail["To"] == ANA
    said = " ".join(text_of(mail).split())
    for fact in (row.ref, "no sé, unas tazas azules", "Nombre: Ana Ruiz", "(Europe/Madrid)", "UTC"):
        assert fact in said, fact
    (pdf,) = [part.get_content() for part in mail.iter_attachments()]
    document = PdfReader(BytesIO(pdf))
    printed = " ".join(" ".join(page.extract_text() for page in document.pages).split())
    assert row.ref in printed
    assert "unas tazas azules" in printed
    assert "/Marked" in str(document.root_object["/MarkInfo"]), "it is tagged"
    row = counter.one()
    assert (row.order_id, row.trouble, row.receipt_how) == (None, "no-order", "mail")
    (told,) = counter.mails("withdrawal_arrived")
    assert row.ref in str(told["Subject"])
    counter.look()
    assert [alarm.name for alarm in counter.alarms()] == ["withdrawal-unmatched"]


def test_the_page_answers_the_same_whether_there_is_such_an_order_or_not(counter: Counter) -> None:
    counter.order()
    phone, told = counter.phone(), []
    for number in ("1042", "9999"):
        status, where = counter.withdraw(phone, contract=number)
        page = phone.get(where).get_data(as_text=True)
        told.append((status, re.sub(r"W-\w{4}-\w{4}", "REF", words(page)).replace(number, "N")))
    assert told[0] == told[1]
    assert "Cuenco" not in told[0][1]


def test_number_and_address_together_find_the_order_and_open_its_return(counter: Counter) -> None:
    order = counter.order()
    counter.withdraw(counter.phone(), contract="pedido #1042", email="ANA@correo.example")
    counter.work()
    row, (case,) = counter.one(), counter.returns()
    assert (row.order_id, row.matched_how, row.trouble, row.return_case_id) == (order, "number", "", case.id)
    assert (case.source, case.state, case.ref) == ("withdrawal", "approved", row.ref)
    counter.clock.advance(minutes=1)
    counter.run()
    assert [e.state for e in counter.effects(followup="return_label", kind="mail")] == ["done"]


def test_somebody_elses_address_finds_nothing(counter: Counter) -> None:
    counter.order()
    counter.withdraw(counter.phone(), email="otto@correo.example")
    counter.work()
    assert (counter.one().order_id, counter.returns()) == (None, [])
    assert counter.mails("withdrawal_receipt")[0]["To"] == "otto@correo.example"


def test_what_has_not_left_gets_no_label_but_a_word_to_stop_it(counter: Counter) -> None:
    counter.order(delivered=None)
    counter.withdraw(counter.phone())
    counter.work()
    row = counter.one()
    assert (row.trouble, row.released_how, counter.returns()) == ("not-sent", "not_sent", [])


def test_a_mails_link_fills_the_form_in_and_offers_the_items(counter: Counter) -> None:
    link = counter.link(counter.order(email="ana.nueva@correo.example"))
    phone = counter.phone()
    page = phone.get(link).get_data(as_text=True)
    assert all(f'value="{value}"' in page for value in ("Ana Ruiz", "1042", "ana.nueva@correo.example"))
    assert "Taza de gres" in page
    status, _ = counter.withdraw(phone, link, email=ANA, scope="some", item="l2", **{"quantity-l2": "1"})
    assert status == 303
    counter.work()
    row, (case,) = counter.one(), counter.returns()
    assert (row.channel, row.matched_how, case.lines) == ("link", "link", [["l2", 1]])
    assert "– 1 × Taza de gres" in " ".join(text_of(counter.mails("withdrawal_receipt")[0]).split())


@pytest.mark.parametrize("change", [{"erased_at": NOON}, {"email": "otra@correo.example"}, {"test": True}])
def test_a_link_that_ended_leaves_the_form_open_and_says_nothing(counter: Counter, change: dict[str, Any]) -> None:
    order = counter.order()
    link = counter.link(order)
    with transaction(counter.engine) as session:
        session.execute(update(Order).where(Order.id == order).values(**change))
    answer = counter.phone().get(link)
    assert answer.status_code == 200
    assert "Ruiz" not in answer.get_data(as_text=True)
    assert "Cuenco" not in answer.get_data(as_text=True)


def test_a_link_of_one_order_opens_no_other(counter: Counter) -> None:
    first, second = counter.order("1042"), counter.order("1043", first_name="Bea")
    forged = counter.link(first).replace(f"o={first}.", f"o={second}.")
    assert "Bea" not in counter.phone().get(forged).get_data(as_text=True)


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(counter: Counter) -> None:
    phone = counter.phone()
    status, page = counter.withdraw(phone, email="ana@", contract="")
    assert (status, counter.statements()) == (422, [])
    assert "Escribe una dirección de correo completa" in page
    assert 'value="Ana Ruiz"' in page
    status, page = counter.withdraw(phone, counter.link(counter.order()), scope="some")
    assert (status, "Elige al menos un artículo" in page) == (422, True)


def test_the_second_page_shows_what_is_sent_and_can_be_gone_back_from(counter: Counter) -> None:
    phone = counter.phone()
    first = hidden(phone.get(counter.page).get_data(as_text=True))
    typed = {"name": "Ana Ruiz", "contract": "1042", "email": ANA}
    review = phone.post(counter.page, data={**first, **typed}).get_data(as_text=True)
    assert "Confirmar desistimiento" in review
    assert "desisto de mi contrato de compra. Pedido o contrato: 1042." in words(review)
    assert counter.statements() == []
    again = hidden(review.split("<form", 3)[2])
    assert 'value="1042"' in phone.post(counter.page, data=again).get_data(as_text=True)
    changed = hidden(review.split("<form", 3)[1]) | {"contract": "9999"}
    assert phone.post(counter.page, data=changed).status_code == 403, "what was not shown is not sent"
    assert counter.statements() == []


def test_a_form_of_another_site_sends_nothing(counter: Counter) -> None:
    phone = counter.phone()
    first = hidden(phone.get(counter.page).get_data(as_text=True)) | {"name": "Ana", "contract": "1", "email": ANA}
    assert phone.post(counter.page, data=first, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert phone.post(counter.page, data=first | {"seal": "0" * 64}).status_code == 403


def test_no_address_leads_to_a_shop_that_is_not_there_or_to_a_receipt_without_its_key(counter: Counter) -> None:
    phone = counter.phone()
    assert phone.get(another(counter.page)).status_code == 404
    assert phone.get("/withdraw/1").status_code == 404
    counter.withdraw(phone)
    assert phone.get(f"{counter.page}/{counter.one().ref}/{'0' * 64}").status_code == 404


def test_every_language_has_the_laws_words(counter: Counter) -> None:
    phone = counter.phone()
    for language, said in {"es": "Desistir del contrato aquí", "de": "Vertrag widerrufen", "it": "Recedere dal contratto qui"}.items():
        page = phone.get(counter.page, query_string={"lang": language}).get_data(as_text=True)
        assert f'<html lang="{language}">' in page
        assert f"<h1>{said}</h1>" in page


@scenario("S20", budget=60)
def test_fifty_clicks_at_once_are_one_statement_with_one_receipt(engine: Engine, clock: TestClock, tmp_path: Any) -> None:
    clock.set(NOON)
    counter = Counter(engine, clock, tmp_path)
    phone = counter.phone()
    first = hidden(phone.get(counter.page).get_data(as_text=True)) | {"name": "Ana", "contract": "1042", "email": ANA}
    review = phone.post(counter.page, data=first).get_data(as_text=True)
    with ThreadPoolExecutor(THREADS) as door:  # as many at once as the service answers
        answers = list(door.map(lambda _: counter.confirm(counter.phone(), review), range(50)))
    assert len(set(answers)) == 1
    assert (len(answers), answers[0][0]) == (50, 303)
    assert (len(counter.statements()), len(counter.receipts())) == (1, 1)
    counter.app.extensions["postventa"].engine.dispose()


def test_neither_a_hold_nor_a_shop_that_left_keeps_a_receipt_back(counter: Counter) -> None:
    counter.order()
    with transaction(counter.engine) as session:
        session.execute(update(Shop).values(hold=True, disconnected_at=NOON))
    assert counter.withdraw(counter.phone())[0] == 303
    counter.work()
    assert len(counter.mails("withdrawal_receipt")) == 1
    assert counter.one().trouble == "shop-gone"


def test_many_statements_of_one_network_are_all_kept_and_their_mails_are_put_off(counter: Counter) -> None:
    phone = counter.phone()
    for number in range(12):
        assert counter.withdraw(phone, contract=str(number), email=f"c{number}@correo.example")[0] == 303
    due = [effect.due_at - NOON for effect in counter.receipts()]
    assert due[:10] == [timedelta(0)] * 10
    assert due[11] > due[10] >= timedelta(0)
    assert due[11] > timedelta(0)


def test_what_is_planned_twice_is_one_effect(counter: Counter) -> None:
    counter.withdraw(counter.phone())
    (effect,) = counter.receipts()
    same = {name: getattr(effect, name) for name in ("key", "shop_id", "kind", "followup", "recipient", "legal_basis", "at", "due_at")}
    with transaction(counter.engine) as session:
        assert plan(session, order_id=None, **same) is None
