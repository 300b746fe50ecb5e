"""Luz scans what came back, says what it is, and the money follows by the rules, once."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from PIL import Image

from postventa.clock import now
from postventa.models import LabelRow, ReturnPhoto
from postventa.models.db import reading, transaction
from postventa.returns.wish import Wish, WishLine
from postventa.reviews.photos import MAX_BYTES
from postventa.web.returns_desk.outlook import Said, came_with, grades_of, outlook
from postventa.web.returns_desk.photos import MOST
from postventa.web.staff.guard import MAX_FORM
from tests.accounts.visits import form_of
from tests.peers.woocommerce import WooCommercePeer
from tests.web.returns_desk.bench import ASKED, Bench, done, page, proposed, said

SCAN = "/returns-desk/scan"
AT_ARRIVAL = {"default": {**ASKED["default"], "decision": "approve", "refund_when": "at_arrival"}}


def test_whatever_is_read_off_the_parcel_opens_the_return(bench: Bench, luz: FlaskClient) -> None:
    case = bench.a_return()
    with transaction(bench.engine) as session:
        own = {"shop_id": case.shop_id, "return_case_id": case.id, "carrier": "sendcloud", "state": "mailed", "created_at": now()}
        session.add(LabelRow(**own, reference=f"{case.number}-2", tracking_number="PQ4F6M0712345678"))
    bare = case.number.replace("-", "")
    for code in (
        case.number, bare.lower(), f"https://alba.example/returns?n={case.number}", f"]C1{bare}", f"{case.number}-2", "pq4f 6m07 1234 5678",
        "]C0PQ4F6M0712345678", f"HTTPS://POSTVENTA.EXAMPLE/returns-desk/scan?code={case.number}",
    ):  # fmt: skip
        answer = luz.get(SCAN, query_string={"code": code})
        assert (answer.status_code, answer.headers.get("Location")) == (303, page(case, "/goods")), code
    for code in ("R-0000-0000", "4001", "%", "PQ4F", "' or 1=1 --", "x" * 500):
        answer = luz.get(SCAN, query_string={"code": code})
        assert (answer.status_code, "No encontramos" in answer.get_data(as_text=True)) == (404, True), code
    field = luz.get(SCAN)
    assert "autofocus" in field.get_data(as_text=True)
    assert "camera=(self)" in field.headers["Permissions-Policy"]
    assert "camera=()" in luz.get(page(case)).headers["Permissions-Policy"]


def test_a_parcel_in_two_parts_is_looked_at_piece_by_piece_and_paid_with_the_last(bench: Bench, luz: FlaskClient, peer: WooCommercePeer) -> None:
    case = bench.a_return()
    assert "Marca al menos una unidad" in proposed(luz, page(case, "/goods"), status=422)[0]
    words = done(luz, page(case, "/goods"), {"grade-0-1": "stock", "note-0-1": "Caja abierta"})
    assert ("Como nuevo, a existencias · Caja abierta" in words, "Faltan unidades por llegar" in words) == (True, True)
    halfway = bench.again(case)
    assert (halfway.state, halfway.inspection[0]["note"], halfway.inspection[0]["restock"]) == ("approved", "Caja abierta", True)
    words = done(luz, page(case, "/goods"), {"grade-0-1": "stock", "grade-1-1": "here"})
    assert "Faltan unidades por revisar" in words
    assert (bench.again(case).state, bench.again(case).settled_at) == ("received", None)
    words, wish = proposed(luz, page(case, "/goods"), {"grade-0-1": "as_new"})
    assert ("Reembolso: 40,00 €" in words, "Ya no se podrá deshacer" in words) == (True, True)
    answers = [luz.post(page(case, "/goods/confirm"), data=wish).status_code for _ in range(3)]
    assert answers == [303, 409, 409]
    bench.work()
    assert (sorted(peer.books.paid), bench.again(case).state) == ([Decimal("20.00"), Decimal("20.00")], "closed")
    assert "Está todo revisado" in said(luz, page(case, "/goods"))
    assert f"{case.number}: Guardado." in said(luz, f"{SCAN}?done={case.id}")


def test_what_is_damaged_wrong_or_missing_waits_for_a_person(bench: Bench, luz: FlaskClient, peer: WooCommercePeer) -> None:
    case = bench.a_return()
    words = done(luz, page(case, "/goods"), {"grade-0-1": "wrong_item", "grade-0-2": "missing", "grade-1-1": "stock"})
    assert "una persona decide el dinero" in words
    bench.work()
    held = bench.again(case)
    assert (held.state, held.settled_at, peer.books.paid, held.inspected_at is not None) == ("received", None, [], True)
    shown = said(luz, page(case))
    assert ("hay que decidir cuánto se devuelve" in shown, "1 × No venía en el paquete" in shown, "Resolver y pagar" in shown) == (True, True, False)
    assert case.number in said(luz, "/returns-desk?show=refund")


def test_a_mistake_is_taken_back_while_no_money_hangs_on_it(bench: Bench, luz: FlaskClient, peer: WooCommercePeer) -> None:
    case = bench.a_return()
    done(luz, page(case, "/goods"), {"grade-0-1": "damaged", "grade-0-2": "stock", "grade-1-1": "stock"})
    assert "Borrar lo revisado" in said(luz, page(case, "/goods"))
    csrf = {"csrf": _token(luz, page(case, "/goods"))}
    assert luz.post(page(case, "/goods/again"), data=csrf).status_code == 303
    assert (bench.again(case).inspection, bench.again(case).inspected_at) == ([], None)
    done(luz, page(case, "/goods"), {"grade-0-1": "stock", "grade-0-2": "stock", "grade-1-1": "stock"})
    bench.work()
    assert peer.books.paid == [Decimal("40.00")]
    luz.post(page(case, "/goods/again"), data=csrf)
    assert len(bench.again(case).inspection) == 2, "what money hangs on stays"


def _token(browser: FlaskClient, path: str) -> str:
    return form_of(browser, path)["csrf"]


def test_money_at_arrival_is_said_before_and_paid_by_the_warehouse_s_word(bench: Bench, luz: FlaskClient, peer: WooCommercePeer) -> None:
    case = bench.a_return(AT_ARRIVAL, Wish((WishLine("1", 1, "unwanted"),), method="drop_off"))
    assert "Reembolso: 10,00 €" in done(luz, page(case, "/goods"), {"grade-0-1": "here"})
    bench.work()
    assert peer.books.paid == [Decimal("10.00")]


def test_photos_of_the_warehouse_are_kept_and_other_files_are_not(bench: Bench, luz: FlaskClient, jon: FlaskClient) -> None:
    case = bench.a_return()
    picture, csrf = io.BytesIO(), _token(luz, page(case, "/goods"))
    Image.effect_noise((400, 300), 90).convert("RGB").save(picture, "JPEG", quality=95)

    def send(browser: FlaskClient, content: bytes, token: str = csrf, line: str = "1") -> int:
        told = {"csrf": token, "line": line, "photo": (io.BytesIO(content), "x.jpg")}
        return browser.post(page(case, "/photos"), data=told, content_type="multipart/form-data").status_code

    assert len(picture.getvalue()) > 64 * 1024, "more than other forms may be"
    assert [send(luz, picture.getvalue()), send(luz, b"<svg/>"), send(luz, b""), send(luz, picture.getvalue(), line="99")] == [303, 422, 422, 400]
    heavy = b"x" * (MAX_BYTES + 2 * MAX_FORM)
    assert luz.post(page(case, "/photos"), data=heavy, content_type="multipart/form-data; boundary=x").status_code == 413
    assert (send(luz, picture.getvalue(), "x"), send(bench.browser(), picture.getvalue()), send(jon, picture.getvalue())) == (403, 413, 403)
    with reading(bench.engine) as session:
        (row,) = session.query(ReturnPhoto).all()
        assert (row.taken_by, row.line_ref, row.jpeg[:3]) == ("warehouse", "1", b"\xff\xd8\xff")
    assert "Fotos del almacén" in said(jon, page(case))
    with transaction(bench.engine) as session:
        session.add_all(
            ReturnPhoto(
                shop_id=case.shop_id, return_case_id=case.id, taken_by="warehouse", name=f"n{number}", jpeg=b"", width=1, height=1, created_at=now()
            )
            for number in range(MOST)
        )
    assert send(luz, picture.getvalue()) == 409


def test_of_a_return_that_nobody_agreed_to_nothing_is_expected(bench: Bench, luz: FlaskClient) -> None:
    case = bench.a_return(ASKED)
    assert "no se espera nada" in said(luz, page(case, "/goods"))


class Case:
    """A return of two cups and a bowl."""

    def __init__(self, **changes: object) -> None:
        self.arrivals: list[dict[str, object]] = []
        self.inspection: list[dict[str, object]] = []
        self.decision: list[dict[str, object]] = []
        self.resolution, self.refund_when, self.settled_at = "refund", "after_inspection", None
        self.__dict__.update(changes)


ALL = [Said("1", "stock"), Said("1", "stock"), Said("2", "as_new")]
PIECES = (("1", 2), ("2", 1))


@pytest.mark.parametrize(
    ("changes", "words", "expected"),
    [
        ({}, ALL, "now"),
        ({}, ALL[:2], "coming"),
        ({}, [*ALL[:2], Said("2", "here")], "unseen"),
        ({"refund_when": "at_arrival"}, [Said("1", "here"), Said("1", "here"), Said("2", "here")], "now"),
        ({}, [*ALL[:2], Said("2", "missing")], "person"),
        ({}, [*ALL[:2], Said("2", "damaged")], "person"),
        ({"decision": [{"line": "2", "fault": True}]}, [*ALL[:2], Said("2", "damaged")], "now"),
        ({"resolution": "repair"}, ALL, "person"),
        ({"resolution": ""}, ALL, "elsewhere"),
        ({"settled_at": now()}, ALL, "settled"),
    ],
)
def test_what_the_money_will_do_is_said_before(changes: dict[str, object], words: list[Said], expected: str) -> None:
    assert outlook(Case(**changes), PIECES, words) == expected


def test_pieces_that_were_here_before_do_not_come_again() -> None:
    case = Case(arrivals=[{"lines": [["1", 1]]}])
    assert came_with(case, PIECES, ALL) == [("1", 1), ("2", 1)]
    assert came_with(case, PIECES, [Said("1", "stock")]) == []
    assert came_with(Case(), PIECES, [Said("1", "missing")]) == []
    assert [(one.quantity, one.grade, one.restock) for one in grades_of([*ALL, Said("1", "here")])] == [(2, "as_new", True), (1, "as_new", False)]
