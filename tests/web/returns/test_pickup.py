"""Ana has her parcel fetched: she chooses when, sees it wherever the return is spoken of, moves it, calls it off, until that is too late."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from postventa.models import Order, ReturnCase
from postventa.models.db import transaction
from postventa.returns import appointment
from postventa.returns.appointment import Stage
from tests.jobs.carrier_house import alarm_names
from tests.returns.scene import case_of
from tests.scenarios import scenario
from tests.web.forms import read
from tests.web.returns import gate
from tests.web.returns.counter import Counter, checked, step

FRIDAY, MONDAY = "2026-11-06T09:00-14:00", "2026-11-09T15:00-19:00"
SAID = "El viernes, 6 de noviembre, entre las 9 y las 14 h"


def at_the_end(ana: FlaskClient, counter: Counter, slot: str = FRIDAY) -> TestResponse:
    """The page after the one on which the day is chosen."""
    told = {"item": "1", "q-1": "1", "why-1": "unwanted", "as": "refund", "by": "pickup", "slot": slot, "step": "when"}
    return ana.get(f"{counter.link()}/new", query_string=told)


def confirmed(ana: FlaskClient, counter: Counter) -> TestResponse:
    return step(ana, at_the_end(ana, counter))


def the_case(counter: Counter) -> ReturnCase:
    (case,) = counter.house.returns()
    return case


def stands(counter: Counter) -> appointment.Appointment:
    found = appointment.of(the_case(counter))
    assert found is not None
    return found


def test_the_day_is_chosen_shown_before_it_counts_and_kept(counter: Counter, ana: FlaskClient) -> None:
    when = checked(ana, counter.link(), by="pickup")
    assert "¿Cuándo pasamos a buscarlo?" in when.text
    assert ("viernes, 6 de noviembre" in when.text, "De 15 a 19 h" in when.text, "sábado" in when.text) == (True, True, False)
    assert "41••• Sevilla" in when.text
    assert "Betis" not in when.text, "whoever has the link learns no address"
    check = step(ana, when, slot=FRIDAY)
    assert SAID in check.text
    assert "que acaba en 00" in check.text
    assert "600 000 000" not in check.text
    done = step(ana, check)
    assert SAID in done.text
    assert "Ten el paquete cerrado" in done.text
    assert (stands(counter).stage, stands(counter).by, stands(counter).phone) == (Stage.ORDERED, "hand", "+34600000000")
    counter.work()
    assert SAID in str(counter.house.postman.mails[-1].get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_without_javascript_or_a_day_nobody_gets_any_further(counter: Counter, ana: FlaskClient) -> None:
    for slot in ("", "2026-11-07T09:00-14:00", "2026-11-05T09:00-14:00", "2026-11-06T10:00-11:00", "nonsense"):
        page = at_the_end(ana, counter, slot)
        assert (page.status_code, "Elige de la lista el día" in page.text) == (422, True), slot
    form = read(at_the_end(ana, counter))
    moved = ana.post(form.action, data={**form.fields, "slot": MONDAY}, content_type="multipart/form-data")
    assert (moved.status_code, counter.house.returns()) == (409, []), "another day than the page showed"


def test_a_telephone_number_is_asked_for_where_the_order_has_none(counter: Counter, ana: FlaskClient) -> None:
    with transaction(counter.house.engine) as session:
        for order in session.query(Order):
            order.phone, order.shipping_address = "", {**order.shipping_address, "phone": ""}
    check = at_the_end(ana, counter)
    form = read(check)
    for phone, said in (("", "puede necesitar llamarte"), ("123", "no parece completo")):
        answer = ana.post(form.action, data={**form.fields, "phone": phone}, content_type="multipart/form-data")
        assert (answer.status_code, said in answer.text) == (422, True), phone
    assert step(ana, check, phone="600 111 222").status_code == 200
    assert stands(counter).phone == "+34600111222"


def test_it_is_moved_and_called_off_once_until_that_is_too_late(counter: Counter, ana: FlaskClient) -> None:
    done = confirmed(ana, counter)
    pickup = f"{done.request.path}/pickup"
    hers = gate.passed(counter, pickup)
    form = read(ana.get(pickup, headers=hers))
    seal = form.fields["seal"]

    def post(**told: str) -> TestResponse:
        return counter.browser().post(form.action, data={"seal": seal, **told}, headers=hers)

    with ThreadPoolExecutor(5) as hands:
        answers = list(hands.map(lambda _: post(slot=MONDAY).status_code, range(5)))
    assert (answers, stands(counter).turn, stands(counter).slot.code) == ([303] * 5, 2, MONDAY)
    counter.work()
    assert [str(mail["X-Postventa-Followup"]) for mail in counter.house.postman.mails].count("return_pickup") == 1
    assert post(seal="x", slot=FRIDAY).status_code == 403
    assert post(slot="2026-11-08T09:00-14:00").status_code == 422
    assert post(off="1").status_code == 303
    assert "La recogida está anulada" in ana.get(done.request.path).text
    assert (stands(counter).stage, the_case(counter).state) == (Stage.OFF, "approved")
    post(slot=FRIDAY)
    counter.house.clock.advance(hours=3)
    hers = gate.passed(counter, pickup)
    late = post(slot=MONDAY)
    assert (late.status_code, "la ruta de ese día está hecha" in late.text) == (409, True)
    assert "Cambiar o anular la recogida" not in ana.get(done.request.path).text
    counter.house.clock.advance(hours=30)
    assert "¿No ha pasado nadie?" in ana.get(done.request.path).text


@scenario("S7", budget=60)
def test_who_has_only_the_link_moves_nobody_and_gives_no_number(counter: Counter, ana: FlaskClient) -> None:
    page = confirmed(ana, counter).request.path
    assert "Para cambiarla te pedimos un código" in ana.get(page).text
    before, hers = stands(counter), gate.passed(counter, f"{page}/pickup")
    form = read(ana.get(f"{page}/pickup", headers=hers))
    asked = [ana.get(f"{page}/pickup")]
    asked += [ana.post(form.action, data={**form.fields, **told}) for told in ({"slot": MONDAY}, {"phone": "600 111 222"}, {"off": "1"})]
    told = {"item": "1", "q-1": "1", "why-1": "unwanted", "as": "refund", "by": "pickup", "slot": MONDAY, "step": "when"}
    asked += [ana.get(f"{page}/change", query_string={**told, **more}) for more in ({}, {"by": "drop_off"})]
    assert [(one.status_code, "/code/pickup/" in one.headers["Location"]) for one in asked] == [(303, True)] * 6
    assert stands(counter) == before
    shown = ana.get(f"{page}/change", query_string={**told, "slot": FRIDAY, "q-1": "2"})
    assert (shown.status_code, 'name="phone"' in shown.text) == (200, False), "what moves nobody asks for nothing, and no number either"
    sealed = read(shown)
    forged = ana.post(sealed.action, data={**sealed.fields, "phone": "600 111 222"}, content_type="multipart/form-data")
    assert ("/code/pickup/" in forged.headers["Location"], stands(counter)) == (True, before)


def test_after_the_code_she_goes_on_where_she_was_with_all_that_she_chose(counter: Counter, ana: FlaskClient) -> None:
    page, phone = confirmed(ana, counter).request.path, counter.browser(cookies=True)
    told = {"item": "1", "q-1": "2", "why-1": "look", "as": "store_credit", "by": "pickup", "slot": MONDAY, "step": "when"}
    way = phone.get(f"{page}/change", query_string=told).headers["Location"]
    assert ana.get(way.replace("store_credit", "refund")).status_code == 404, "what she chose is sealed"
    check = gate.enter(phone, gate.send(phone, way), gate.code(counter))
    assert (check.request.path, "El lunes, 9 de noviembre" in check.text, "Cantidad: 2" in check.text) == (f"{page}/change", True, True)
    step(phone, check, phone="600 111 222")
    case = the_case(counter)
    assert (case.lines, case.resolution, stands(counter).slot.code, stands(counter).phone) == ([["1", 2]], "store_credit", MONDAY, "+34600111222")


def test_another_number_for_the_same_hours_is_kept_and_once_the_round_is_made_the_shop_tells(counter: Counter, ana: FlaskClient) -> None:
    page = confirmed(ana, counter).request.path
    hers = gate.passed(counter, f"{page}/pickup")
    form = read(ana.get(f"{page}/pickup", headers=hers))
    ana.post(form.action, data={"seal": form.fields["seal"], "slot": FRIDAY, "phone": "600 111 222"}, headers=hers)
    assert (stands(counter).phone, stands(counter).turn, alarm_names(counter.house)) == ("+34600111222", 1, []), "the list of the day shows it"
    counter.house.clock.advance(hours=4)
    late = ana.get(page)
    assert ("Cambiar o anular la recogida" in late.text, "Cambiar el teléfono" in late.text) == (False, True)
    hers = gate.passed(counter, f"{page}/pickup")
    form = read(ana.get(f"{page}/pickup", headers=hers))
    ana.post(form.action, data={**form.fields, "phone": "600 333 444"}, headers=hers)
    assert (stands(counter).phone, [name for name, _ in alarm_names(counter.house)]) == ("+34600333444", ["pickup-trouble"])


def test_the_mail_about_a_change_says_when_somebody_comes_now(counter: Counter, ana: FlaskClient) -> None:
    page = confirmed(ana, counter).request.path
    counter.work()
    told = {"item": "1", "q-1": "2", "why-1": "unwanted", "as": "refund", "by": "pickup", "slot": FRIDAY, "step": "when"}
    step(ana, ana.get(f"{page}/change", query_string=told))
    counter.work()
    mail = counter.house.postman.mails[-1]
    assert mail["X-Postventa-Followup"] == "return_changed"
    assert SAID in str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_whose_parcel_is_fetched_is_asked_for_a_receipt_only_after_that(counter: Counter, ana: FlaskClient) -> None:
    """The page never says that somebody comes and asks in the same breath whether it is sent."""
    page = confirmed(ana, counter).request.path
    shown = ana.get(page).text
    assert ("Pasamos a buscarlo por tu casa" in shown, "Ya puedes hacérnoslo llegar" in shown, "¿Ya lo has enviado?" in shown) == (True, False, False)
    assert "Enviar un justificante" not in shown
    counter.house.clock.advance(days=2)
    after = ana.get(page).text
    assert ("¿No ha pasado nadie?" in after, "¿Ya se lo han llevado?" in after, "Enviar un justificante" in after) == (True, True, True)
    form = read(ana.get(f"{page}/sent"))
    ana.post(form.action, data={**form.fields, "tracking": "PK1"}, content_type="multipart/form-data")
    proven = ana.get(page).text
    assert ("Tenemos tu justificante" in proven, "¿No ha pasado nadie?" in proven) == (True, False), "one or the other"


def test_reading_changes_nothing_and_other_returns_have_no_such_page(counter: Counter, ana: FlaskClient) -> None:
    done = confirmed(ana, counter)
    before = the_case(counter).pickup
    ana.get(f"{done.request.path}/pickup?slot={MONDAY}&off=1")
    assert case_of(counter.house, the_case(counter).number).pickup == before
    with transaction(counter.house.engine) as session:
        session.execute(update(ReturnCase).values(method="drop_off"))
    assert [ana.get(f"{done.request.path}/pickup").status_code, ana.post(f"{done.request.path}/pickup").status_code] == [404, 404]


def test_where_nobody_fetches_it_is_no_way(counter: Counter, ana: FlaskClient) -> None:
    counter.settings.shops[0].__dict__["pickup"] = counter.settings.shops[0].pickup.model_copy(update={"by_hand": False})
    way = checked(ana, counter.link(), by="")
    assert re.findall(r'name="by" value="(\w+)"', way.text) == ["printed_label", "drop_off", "own_carrier"]
