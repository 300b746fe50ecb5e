"""On a return's own page a customer changes it by the pages on which she opened it, and shows that she has sent it."""

from __future__ import annotations

from io import BytesIO

from flask.testing import FlaskClient
from sqlalchemy import select

from jobs import proof_of_dispatch, return_goods
from postventa.models import DispatchProof
from postventa.models.db import reading
from tests.returns.scene import rules, staff
from tests.returns.test_proof import PDF
from tests.scenarios import scenario
from tests.web.forms import read
from tests.web.returns.counter import BOWL, CUPS, Counter, checked, step


def opened(counter: Counter, ana: FlaskClient, **chosen: str) -> str:
    """A return of one cup; the path of its page."""
    return step(ana, checked(ana, counter.link(), **chosen), note="Para otra cocina").request.path


def test_it_is_changed_page_by_page_with_what_she_said_filled_in(counter: Counter, ana: FlaskClient) -> None:
    page = opened(counter, ana)
    number = page.rpartition("/")[2]
    assert f"{page}/change" in ana.get(page).text
    what = ana.get(f"{page}/change", follow_redirects=True)
    assert f"Cambias la devolución {number}" in what.text
    assert read(what).fields["item"] == CUPS
    why = step(ana, what, q_1="2")
    assert read(why).fields["why-1"] == "unwanted"
    how = step(ana, why)
    assert read(how).fields["as"] == "refund"
    way = step(ana, how)
    check = step(ana, way)
    for words in ("Antes: 10,00", "Con este cambio: 20,00", "Confirmar el cambio", "Para otra cocina"):
        assert words in check.text, words
    form = read(check)
    done = [ana.post(form.action, data=form.fields, content_type="multipart/form-data") for _ in range(2)]
    assert [(one.status_code, one.headers["Location"]) for one in done] == [(303, page)] * 2, "sent twice is done once"
    (case,) = counter.house.returns()
    assert (case.lines, case.quoted["refund"], len(case.changes)) == ([["1", 2]], "20.00", 1)
    late = ana.post(form.action, data={**form.fields, "q-1": "3"}, content_type="multipart/form-data")
    assert (late.status_code, "Algo ha cambiado" in late.text) == (409, True), "a page of before is shown again"


@scenario("S18", budget=60)
def test_only_its_own_sealed_form_changes_it_and_only_as_it_was_shown(counter: Counter, ana: FlaskClient) -> None:
    page = opened(counter, ana)
    told = {"item": CUPS, "q-1": "2", "why-1": "unwanted", "as": "refund", "by": "drop_off", "step": "way"}
    form = read(ana.get(f"{page}/change", query_string=told))
    new = read(checked(ana, counter.link(), q_1="1", line=BOWL))
    for fields in ({**form.fields, "seal": "x"}, {**form.fields, "key": "0" * 32}, {**form.fields, "key": ""}, {**form.fields, **new.fields}):
        assert ana.post(form.action, data=fields).status_code == 403
    assert ana.post(form.action, data={**form.fields, "by": "own_carrier"}).status_code == 409
    assert ana.get(f"{counter.link()}/R-0000-0000/change").status_code == 404
    (case,) = counter.house.returns()
    assert case.changes == []
    staff(counter.house, return_goods.receive, case)
    assert ana.post(form.action, data=form.fields).status_code == 409
    assert "Ya no puedes cambiarla desde aquí" in ana.get(f"{page}/change").text


def test_what_is_closed_by_now_is_still_hers_to_change(counter: Counter, ana: FlaskClient) -> None:
    page = opened(counter, ana)
    rules(counter.house, {"default": {"window": 14}})
    counter.house.clock.advance(days=40)
    told = {"item": CUPS, "q-1": "2", "why-1": "unwanted", "as": "store_credit", "by": "drop_off", "step": "way"}
    check = ana.get(f"{page}/change", query_string=told)
    assert "Con este cambio: 22,00" in check.text
    step(ana, check)
    assert counter.house.returns()[0].resolution == "store_credit"


def test_she_shows_that_she_sent_it_by_a_file_or_a_number(counter: Counter, ana: FlaskClient) -> None:
    page = opened(counter, ana, by="own_carrier")
    assert "¿Ya lo has enviado?" in ana.get(page).text
    form = read(ana.get(f"{page}/sent"))
    assert ana.post(form.action, data={**form.fields, "seal": "x"}).status_code == 403
    assert "Añade una foto o un PDF" in ana.post(form.action, data=form.fields).text
    wrong = ana.post(form.action, data={**form.fields, "file": (BytesIO(b"<svg/>"), "x.svg")}, content_type="multipart/form-data")
    assert (wrong.status_code, "ni un PDF" in wrong.text) == (422, True)
    told = {**form.fields, "carrier": "Correos\r\nX", "tracking": " PK 1 "}
    for _ in range(2):
        answer = ana.post(form.action, data={**told, "file": (BytesIO(PDF), "r.pdf")}, content_type="multipart/form-data", follow_redirects=True)
        assert (answer.request.path, "Tenemos tu justificante" in answer.text) == (page, True)
    with reading(counter.house.engine) as session:
        row = session.scalars(select(DispatchProof)).one()
    assert (row.kind, row.carrier, row.tracking_number) == ("pdf", "Correos X", "PK 1")
    shown = ana.get(page).text
    assert f"{page}/change" not in shown, "it is on its way, she says"
    assert ("Nos has dicho que ya lo has enviado" in shown, "Ya puedes hacérnoslo llegar" in shown) == (True, False)
    (case,) = counter.house.returns()
    staff(counter.house, proof_of_dispatch.accept, case, row.id)
    shown = ana.get(page).text
    assert ("Tu paquete viene de camino" in shown, "está aceptado" in shown) == (True, True)
    assert ana.get(f"{page}/sent").status_code == 409


def test_a_proof_that_nobody_looked_at_is_not_spoken_of_once_the_parcel_is_there(counter: Counter, ana: FlaskClient) -> None:
    page = opened(counter, ana, by="own_carrier")
    form = read(ana.get(f"{page}/sent"))
    ana.post(form.action, data={**form.fields, "tracking": "PK1"}, content_type="multipart/form-data")
    (case,) = counter.house.returns()
    staff(counter.house, return_goods.receive, case)
    shown = ana.get(page).text
    assert ("Lo mira una persona" in shown, "justificante" in shown.lower()) == (False, False)


def test_no_file_is_opened_once_a_return_has_proofs_enough(counter: Counter, ana: FlaskClient) -> None:
    page = opened(counter, ana, by="own_carrier")
    last = form = read(ana.get(f"{page}/sent"))
    for number in range(proof_of_dispatch.MOST):
        form = read(ana.get(f"{page}/sent"))
        assert ana.post(form.action, data={**form.fields, "tracking": f"PK{number}"}).status_code == 303
    answer = ana.post(last.action, data={**last.fields, "file": (BytesIO(b"<svg/>"), "x.svg")}, content_type="multipart/form-data")
    assert (answer.status_code, "ni un PDF" in answer.text) == (409, False)
    assert ana.get(f"{page}/sent").status_code == 409
    assert f"{page}/sent" not in ana.get(page).text
    assert ana.post(form.action, data={**form.fields, "tracking": "PK5"}).status_code == 303, "what was kept is kept, however often it is sent"
