"""Who asks for their data gets all of it; who asks to be forgotten is, but for what the law has the merchant keep locked away until its day."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from jobs import answer_privacy
from jobs.privacy import erase
from postventa import alarms, audit
from postventa.clock import now
from postventa.models import AuditEntry, Base, BlockedData, Customer, Effect, EventRow, Inbound, Order, PrivacyCase, Suppression
from postventa.models.db import reading, transaction
from postventa.privacy import blocked, cases, gather
from postventa.privacy.people import Person
from postventa.shops import find
from tests.conftest import TestClock
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import HOUR, NOON, Sent, ShopifyOrder, WooOrder
from tests.scenarios import scenario

ANA = "ana@cliente.example"


def request(topic: str, **told: Any) -> Sent:
    body = {"shop_domain": "zapateria-lola.myshopify.com", "customer": {"id": 777, "email": ANA, "phone": "+34 600 000 000"}, **told}
    return Sent(topic, json.dumps(body).encode(), NOON, f"{topic}-{len(told)}")


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    """Ana bought shoes in Catalan; Otto's customer bought elsewhere."""
    clock.set(NOON)
    made = House(engine, clock, tmp_path, lola(alert_email="lola@zapateria-lola.example", reply_to="hola@zapateria-lola.example"), alba())
    order = ShopifyOrder().tell("orders/create", customer_locale="ca-ES", note="<b>Deixeu-ho al veí</b>").fulfil(901, 11, after=HOUR)
    for sent in order.sent:
        made.deliver("shopify", sent)
    made.deliver("woocommerce", WooOrder(4001, email="otra@cliente.example").tell("order.created").sent[0])
    made.until(NOON + 3 * HOUR)
    return made


def all_cases(house: House) -> list[PrivacyCase]:
    with reading(house.engine) as session:
        return list(session.scalars(select(PrivacyCase).order_by(PrivacyCase.id)))


def opened(house: House) -> set[str]:
    with reading(house.engine) as session:
        return {alarm.name for alarm in alarms.open_alarms(session)}


def unpacked(house: House, case_id: int) -> zipfile.ZipFile:
    with transaction(house.engine) as session:
        return zipfile.ZipFile(io.BytesIO(cases.export_of(session.get_one(PrivacyCase, case_id), house.world.secret)))


def made(house: House) -> PrivacyCase:
    """Ana asks for her data, and the job makes the export."""
    house.deliver("shopify", request("customers/data_request", orders_requested=[5001]))
    (case,) = all_cases(house)
    assert (case.state, case.kind, case.due_at) == ("open", "export", case.asked_at + timedelta(days=30))
    answer_privacy.answer_privacy(case.id)
    (case,) = all_cases(house)
    return case


def test_an_export_holds_everything_in_the_customers_language(house: House) -> None:
    case = made(house)
    assert (case.state, case.trouble) == ("ready", "")
    packed = unpacked(house, case.id)
    document = json.loads(packed.read("data.json"))
    assert [row["email"] for row in document["customer"]] == [ANA]
    assert [(row["number"], row["total"], row["note"]) for row in document["orders"]] == [("#5001", "50", "<b>Deixeu-ho al veí</b>")]
    assert len(document["order_line"]) == 2
    assert [row["tracking_number"] for row in document["parcel"]] == ["PK901"]
    assert {row["followup"] for row in document["effect"] if row["state"] == "done"} == {"shipped"}
    assert {row["topic"] for row in document["inbound"]} >= {"orders/create", "fulfillments/create"}
    assert any(name.startswith("deliveries/") for name in packed.namelist())
    page = packed.read("index.html").decode()
    assert '<html lang="ca">' in page
    assert "Les teves dades a Zapatería Lola" in page
    assert "&lt;b&gt;Deixeu-ho" in page
    assert "<b>" not in page
    assert "hola@zapateria-lola.example" in page


def test_an_export_holds_nothing_of_anybody_else(house: House) -> None:
    packed = unpacked(house, made(house).id)
    everything = b"".join(packed.read(name) for name in packed.namelist())
    assert b"otra@cliente.example" not in everything
    assert b"lola@zapateria-lola.example" not in packed.read("data.json")


def test_every_table_is_in_the_export_or_holds_no_customer() -> None:
    tables = {table.name for table in Base.metadata.sorted_tables}
    exported = {table.__tablename__ for table in gather.TABLES}
    assert exported | gather.NOTHING == tables
    assert not exported & gather.NOTHING


def test_the_merchant_is_told_and_it_stands_in_the_audit_log(house: House) -> None:
    case = made(house)
    house.run()
    mail = house.postman.mails[-1]
    assert (mail["X-Postventa-Followup"], mail["To"]) == ("privacy_waiting", "lola@zapateria-lola.example")
    assert ANA not in mail.as_string()
    with reading(house.engine) as session:
        entries = session.scalars(select(AuditEntry)).all()
        assert [entry.action for entry in entries] == ["customers/data_request", "privacy.export"]
        assert entries[-1].subject == f"case {case.id}"
        assert entries[-1].after["orders"] == 1
        assert ANA not in json.dumps([entry.after for entry in entries])
        assert audit.verify(session) == []


def test_an_export_is_sealed_and_forgotten_after_its_time(house: House, clock: TestClock) -> None:
    case = made(house)
    assert case.export is not None
    assert not zipfile.is_zipfile(io.BytesIO(case.export))
    assert ANA.encode() not in case.export + (case.subject or b"")
    answer_privacy.forget(house.world)
    assert all_cases(house)[0].export is not None
    clock.advance(days=31)
    answer_privacy.forget(house.world)
    assert all_cases(house)[0].export is None
    with pytest.raises(LookupError, match="limited time"):
        unpacked(house, case.id)


def test_a_request_told_twice_is_one_case(house: House) -> None:
    row_id = house.deliver("shopify", request("customers/data_request"))
    assert house.deliver("shopify", request("customers/data_request")) is None
    assert len(all_cases(house)) == 1
    assert row_id is not None


def test_of_whom_nothing_is_known_gets_an_answer_too(house: House) -> None:
    house.deliver("shopify", request("customers/data_request", customer={"id": 1, "email": "nadie@cliente.example"}))
    (case,) = all_cases(house)
    answer_privacy.answer_privacy(case.id)
    assert "No guardamos ningún dato sobre ti." in unpacked(house, case.id).read("index.html").decode()


def test_a_deadline_that_is_near_is_an_alarm_until_the_case_is_closed(house: House, clock: TestClock) -> None:
    case = made(house)
    answer_privacy.look_all(house.world)
    assert "privacy-deadline" not in opened(house)
    clock.advance(days=24)
    answer_privacy.look_all(house.world)
    answer_privacy.look_all(house.world)
    assert "privacy-deadline" in opened(house)
    house.run()
    assert sum(str(mail["X-Postventa-Followup"]) == "privacy_waiting" for mail in house.postman.mails) == 2, (
        "one for the export, one for the deadline"
    )
    with transaction(house.engine) as session:
        cases.close(session.get_one(PrivacyCase, case.id))
    answer_privacy.look_all(house.world)
    assert "privacy-deadline" not in opened(house)
    assert all_cases(house)[0].subject is None


def test_an_export_that_fails_says_why_and_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.deliver("shopify", request("customers/data_request"))
    (case,) = all_cases(house)
    with monkeypatch.context() as broken:
        broken.setattr(answer_privacy, "archive", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            answer_privacy.answer_privacy(case.id)
    (case,) = all_cases(house)
    assert (case.state, case.trouble) == ("open", "ZeroDivisionError: division by zero")
    answer_privacy.answer_privacy(case.id)
    assert all_cases(house)[0].state == "ready"


@scenario("S24", budget=60)
def test_an_erasure_leaves_no_trace_but_what_is_locked_away(house: House) -> None:
    house.deliver("shopify", request("customers/redact", orders_to_redact=[5001]))
    (case,) = all_cases(house)
    assert (case.state, case.kind, case.subject) == ("closed", "erase", None)
    assert case.result == {"customers": 1, "orders": 1, "blocked": 1, "labels": 0, "doubts": 0, "named": 0}
    with reading(house.engine) as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table).where(table.c.shop_id == house.shops["shopify"]) if "shop_id" in table.c else select(table)):
                text = " ".join(map(str, row))
                assert ANA not in text, table.name
                assert "Peña" not in text, table.name
                assert "Betis" not in text, table.name
        others = session.scalars(select(Order.email).where(Order.shop_id == house.shops["woocommerce"])).all()
    assert others == ["otra@cliente.example"]


def test_what_is_locked_away_opens_for_an_authority_and_is_destroyed_on_its_day(house: House, clock: TestClock) -> None:
    house.deliver("shopify", request("customers/redact", orders_to_redact=[5001]))
    with reading(house.engine) as session:
        row = session.scalars(select(BlockedData)).one()
        told = blocked.opened(session, house.world.secret, row.shop_id, row.order_id)
        assert (told["email"], told["last_name"], told["number"]) == (ANA, "Peña", "#5001")
        assert abs(row.until - (NOON + timedelta(days=5 * 365.25))) < timedelta(days=1)
    clock.set(row.until - timedelta(days=1))
    answer_privacy.forget(house.world)
    clock.set(row.until)
    answer_privacy.forget(house.world)
    with reading(house.engine) as session:
        assert session.scalars(select(BlockedData)).all() == []
        assert session.scalars(select(AuditEntry.action)).all()[-1] == "privacy.destroy"
        with pytest.raises(LookupError):
            blocked.opened(session, house.world.secret, row.shop_id, row.order_id)


def test_orders_without_a_customer_are_erased_by_their_number(house: House) -> None:
    with transaction(house.engine) as session:
        order = session.scalars(select(Order).where(Order.ref == "5001")).one()
        order.customer_id, order.email = None, ""
        session.delete(session.scalars(select(Customer).where(Customer.shop_id == house.shops["shopify"])).one())
    house.deliver("shopify", request("customers/redact", customer={"id": 777}, orders_to_redact=[5001]))
    with reading(house.engine) as session:
        assert session.scalars(select(Order.first_name).where(Order.ref == "5001")).one() == ""


def test_orders_that_are_somebody_elses_are_neither_erased_nor_shown(house: House) -> None:
    house.deliver("shopify", request("customers/redact", customer={"id": 9, "email": "eva@cliente.example"}, orders_to_redact=[5001]))
    house.deliver("shopify", request("customers/data_request", customer={"id": 9, "email": "eva@cliente.example"}, orders_requested=[5001]))
    answer_privacy.answer_privacy(all_cases(house)[-1].id)
    packed = unpacked(house, all_cases(house)[-1].id)
    assert json.loads(packed.read("data.json"))["orders"] == []
    with reading(house.engine) as session:
        assert session.scalars(select(Order.email).where(Order.ref == "5001")).one() == ANA


def test_a_shop_that_is_erased_takes_with_it_what_was_locked_away(house: House) -> None:
    house.deliver("shopify", request("customers/redact", orders_to_redact=[5001]))
    house.deliver("shopify", ShopifyOrder(5002, NOON, "eva@cliente.example").tell("orders/create").sent[0])
    house.deliver(
        "shopify", Sent("shop/redact", json.dumps({"shop_id": 1, "shop_domain": "zapateria-lola.myshopify.com"}).encode(), NOON, "shop-redact")
    )
    with reading(house.engine) as session:
        mine = Order.shop_id == house.shops["shopify"]
        assert set(session.scalars(select(Order.email).where(mine))) == {""}
        assert session.scalars(select(BlockedData)).all() == []
        assert session.scalars(select(Order.email).where(~mine)).all() == ["otra@cliente.example"]
    assert [case.kind for case in all_cases(house)] == ["erase", "erase_shop"]


def test_the_settings_decide_whether_anything_is_kept(house: House) -> None:
    house.world.settings = house.settings.model_copy(update={"privacy": house.settings.privacy.model_copy(update={"block_years": 0})})
    house.deliver("shopify", request("customers/redact", orders_to_redact=[5001]))
    with reading(house.engine) as session:
        assert session.scalars(select(BlockedData)).all() == []


def test_a_woocommerce_customer_is_erased_by_command_and_gets_nothing_more(house: House) -> None:
    with transaction(house.engine) as session:
        shop = find(session, house.shops["woocommerce"], house.world.settings, house.world.secret)
        person = Person(email="Otra@Cliente.example ")
        case = cases.open_case(session, house.world.secret, shop.id, "erase", "cli", "cli-1", person, now())
        done = erase(session, house.world, shop, case, person)
    assert (done.customers, done.orders, done.blocked) == (1, 1, 1)
    with reading(house.engine) as session:
        assert session.scalars(select(Effect).where(Effect.state == "planned", Effect.shop_id == shop.id)).all() == []
        bodies = session.scalars(select(Inbound.body).where(Inbound.shop_id == shop.id)).all()
    assert bodies == [None]


def test_an_export_tells_what_somebody_does_not_want_to_get(house: House) -> None:
    with transaction(house.engine) as session:
        values = {"shop_id": house.shops["shopify"], "email": ANA, "category": "reviews", "reason": "unsubscribed", "at": now()}
        session.add(Suppression(**values))
    packed = unpacked(house, made(house).id)
    assert [row["category"] for row in json.loads(packed.read("data.json"))["suppression"]] == ["reviews"]


def test_the_event_log_does_not_say_who_asked(house: House) -> None:
    house.deliver("shopify", request("customers/data_request"))
    with reading(house.engine) as session:
        (event,) = session.scalars(select(EventRow).where(EventRow.kind == "PrivacyRequested"))
    assert event.data == {"detail": "customers/data_request"}
    assert "777" not in event.key
    assert ANA not in event.key
