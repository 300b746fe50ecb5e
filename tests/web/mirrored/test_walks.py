"""Whole returns of a Shopify shop, by the pages' own forms: what Shopify received of each, in which order, and how it stands there in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from postventa.accounts.roles import Role
from tests.accounts.visits import hidden
from tests.conftest import TestClock
from tests.jobs.shopify_desk import with_questions
from tests.web.forms import read
from tests.web.mirrored.street import ANA, RED_38, Street, lolas
from tests.web.returns.counter import step
from tests.web.returns_desk.bench import done
from tests.withdrawal.counter import hidden_all

pytest.importorskip("graphql", reason="graphql-core is not installed")

Build = Callable[..., Street]


@pytest.fixture
def street(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    with_questions(monkeypatch)
    made: list[Street] = []
    with (peer := lolas()).open():

        def build(**rules: Any) -> Street:
            made.append(Street(sqlite_engine, clock, tmp_path, peer, **rules))
            return made[0]

        yield build
    made[0].close()


def wanted(it: Street, phone: FlaskClient, by: str, **how: str) -> TestResponse:
    """From the mail's link to the page that is confirmed: Ana sends the shoe back."""
    why = step(phone, phone.get(it.mailed("Devolver o cambiar algo"), follow_redirects=True), item="11")
    page = step(phone, step(phone, why, why_11="unwanted"), **how)
    if how["as"] == "exchange":
        it.work()
        page = step(phone, phone.get(page.request.full_path), swap_11="1100")
    return step(phone, page, by=by)


def test_from_the_mails_link_to_the_refund_and_the_end_in_shopify(street: Build) -> None:
    it = street(decision="ask")
    phone, mara = it.phone(), it.sit_down(it.employ())
    luz = it.sit_down(it.employ(Role.WAREHOUSE, "luz@zapateria-lola.example", "Luz"))
    page = step(phone, wanted(it, phone, "printed_label", **{"as": "refund"}))
    it.work()
    case = it.desk.case()
    assert case.number in page.text
    assert (it.there()["status"], it.there()["returnLineItems"]["nodes"][0]["customerNote"][: len(case.number)]) == ("REQUESTED", case.number)
    done(mara, f"/returns-desk/{case.id}/approve", {"line-11": "1"})
    it.work()
    (parcel,) = it.there()["reverseFulfillmentOrders"]["nodes"][0]["reverseDeliveries"]["nodes"]
    assert (it.there()["status"], parcel["deliverable"]["tracking"]["number"]) == ("OPEN", case.number)
    it.unpack(luz)
    it.work()
    assert it.there()["status"] == "CLOSED"
    (refund,) = it.peer.books.inputs
    assert [(line["lineItemId"], line["quantity"]) for line in refund["refundLineItems"]] == [("gid://shopify/LineItem/11", 1)]
    assert ([pay["amount"] for pay in refund["transactions"]], refund["note"].startswith(case.number)) == (["25.00"], True)
    assert it.story() == ["returnRequest", "returnApproveRequest", "reverseDeliveryCreateWithShipping", "refundCreate", "returnClose"]
    assert (it.desk.case().state, it.desk.case().source, it.desk.unread()) == ("closed", "portal", 0)
    assert "Te hemos devuelto 25,00" in phone.get(it.mailed("Ver mi devolución")).text


def test_a_no_at_the_desk_is_a_no_in_shopify_in_the_same_words(street: Build) -> None:
    it = street(decision="ask")
    phone, mara = it.phone(), it.sit_down(it.employ())
    step(phone, wanted(it, phone, "drop_off", **{"as": "refund"}))
    it.work()
    done(mara, f"/returns-desk/{it.desk.case().id}/decline", reason="Venía sin precinto", ground="sealed_hygiene")
    it.work()
    assert (it.there()["status"], it.there()["declineNote"], it.story()) == (
        "DECLINED", "Venía sin precinto", ["returnRequest", "returnDeclineRequest"],
    )  # fmt: skip
    assert "Venía sin precinto" in phone.get(it.mailed("Ver mi devolución")).text
    assert it.peer.books.inputs == []


def test_an_exchange_is_a_new_order_there_and_the_return_is_closed(street: Build) -> None:
    it = street()
    phone, luz = it.phone(), it.sit_down(it.employ(Role.WAREHOUSE, "luz@zapateria-lola.example", "Luz"))
    step(phone, wanted(it, phone, "drop_off", **{"as": "exchange"}))
    it.work()
    assert it.there()["status"] == "OPEN"
    it.unpack(luz)
    it.work()
    (order,) = [made for made in it.peer.orders.values() if "asked" in made]
    assert [(line["variantId"], line["quantity"]) for line in order["asked"]["lineItems"]] == [(RED_38, 1)]
    assert (order["totalPriceSet"]["presentmentMoney"]["amount"], it.peer.books.inputs) == ("0.00", [])
    assert it.there()["status"] == "CLOSED"
    assert it.story() == ["returnCreate", "draftOrderCreate", "draftOrderComplete", "returnClose"]


def test_store_credit_goes_into_her_account_there_and_the_return_is_closed(street: Build) -> None:
    it = street()
    phone, luz = it.phone(), it.sit_down(it.employ(Role.WAREHOUSE, "luz@zapateria-lola.example", "Luz"))
    step(phone, wanted(it, phone, "drop_off", **{"as": "store_credit"}))
    it.work()
    it.unpack(luz)
    it.work()
    (credit,) = it.peer.books.swaps.accounts[ANA]
    assert (credit["amount"]["amount"], it.peer.books.inputs[0]["transactions"]) == ("25.00", [])
    assert (it.there()["status"], it.story()) == ("CLOSED", ["returnCreate", "refundCreate", "returnClose"])


def test_what_she_calls_off_on_her_page_is_called_off_there(street: Build) -> None:
    it = street()
    phone = it.phone()
    page = step(phone, wanted(it, phone, "drop_off", **{"as": "refund"}))
    it.work()
    where = page.request.path
    assert phone.post(where, data=read(phone.get(where)).fields).status_code == 303
    it.work()
    assert (it.desk.case().state, it.there()["status"], it.story()) == ("cancelled", "CANCELED", ["returnCreate", "returnCancel"])


def test_a_withdrawal_is_a_return_there_which_ends_with_its_refund(street: Build) -> None:
    it = street()
    phone, mara = it.phone(), it.sit_down(it.employ())
    form = phone.get(it.mailed("Desistir del contrato aquí"), headers={"Accept-Language": "es"})
    action = form.request.path
    typed = {"name": "Ana Peña", "contract": "5001", "email": "ana@cliente.example"}
    review = phone.post(action, data={**hidden(form.text), **typed, "step": "review", "scope": "some", "item": "11", "quantity-11": "1"})
    assert review.status_code == 200, review.text
    sealed = review.text.split("<form", 2)[1]
    assert phone.post(action, data={**hidden_all(sealed), "item": ["11"]}).status_code == 303
    it.withdrawn()
    assert (it.desk.case().source, it.there()["status"]) == ("withdrawal", "OPEN")
    it.unpack(mara)
    it.minute()
    csrf = hidden(mara.get(f"/withdrawals/{it.statement().ref}").text)["csrf"]
    assert mara.post(f"/withdrawals/{it.statement().ref}", data={"csrf": csrf, "do": "pay", "amount": "25,00"}).status_code == 303
    it.work()
    assert (it.there()["status"], it.statement().state) == ("OPEN", "open"), "nobody has told yet that it was paid"
    it.refunded()
    it.minute()
    assert (it.statement().state, it.desk.case().state, it.there()["status"]) == ("refunded", "closed", "CLOSED")
    assert it.story()[-2:] == ["refundCreate", "returnClose"]
    assert [pay["amount"] for pay in it.peer.books.inputs[0]["transactions"]] == ["25.00"]
