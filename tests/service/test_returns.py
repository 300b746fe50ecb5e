"""Returns from outside: opened at the command line or through the API, the label made by a job and mailed, and nobody sees another shop's."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.peers.smtp import Mail, Sink
from tests.pipeline.stories import HOUR, MINUTE, ShopifyOrder, WooOrder
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, HOME, LOLA, OTTO, ask


def lately() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - 2 * HOUR


def had(running: Service, sink: Sink, ref: int, ana: str) -> str:
    """An order that Ana has received."""
    running.play(ALBA, WooOrder(ref, lately(), ana).tell("order.created").tell(after=HOUR, status="entregado").sent)
    sink.wait(ana, 2)
    return str(ref)


def labels(mails: list[Mail]) -> list[bytes]:
    return [content for mail in mails for kind, content in mail.attachments if kind == "application/pdf"]


def words(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def label_mail(sink: Sink, ana: str, number: int = 3) -> Mail:
    """The one that brings the label: it has no place in the journey, so it may come before or after the others."""
    (mail,) = [mail for mail in sink.wait(ana, number) if mail.followup == "return_label"]
    return mail


def test_a_return_opened_at_the_command_line_ends_in_a_mail_with_its_label(
    lasting: Service, sink: Sink, order_ref: int, ana: str, tmp_path: Path
) -> None:
    order = had(lasting, sink, order_ref, ana)
    opened = lasting.json("return", "create", "--order", order, "--item", "SKU-1=1", "--reason", "no me gusta el color", "--shop", ALBA.key)
    assert (opened["order"], opened["state"]) == (order, "approved")
    mail = label_mail(sink, ana)
    (pdf,) = labels([mail])
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 2
    said = words(pdf)
    assert all(word in said for word in (opened["number"], HOME["street"], "Ana Peña", "Taza")), said
    assert "Cuenco" not in said, "only one of the two goes back"
    assert opened["number"] in mail.text
    assert lasting.cli("return", "label", opened["number"], "--shop", ALBA.key, "--out", str(tmp_path / "label.pdf")).returncode == 0
    assert (tmp_path / "label.pdf").read_bytes() == pdf
    lasting.rest(order)
    effects = {(e["followup"], e["kind"]): e["state"] for e in lasting.json("ledger", "--order", order)["effects"]}
    assert effects["return_label", "label"] == effects["return_label", "mail"] == "done"
    listed = [row for row in lasting.json("return", "list", "--shop", ALBA.key)["returns"] if row["number"] == opened["number"]]
    assert [(row["label"], row["source"]) for row in listed] == [("mailed", "cli")]


def test_the_same_reference_at_the_command_line_is_the_same_return(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    order = had(lasting, sink, order_ref, ana)
    create = ("return", "create", "--order", order, "--reference", f"caso-{order}", "--shop", ALBA.key)
    assert lasting.json(*create)["number"] == lasting.json(*create)["number"]
    label_mail(sink, ana)
    lasting.rest(order)
    assert sink.followups(ana).count("return_label") == 1


@scenario("S21", budget=60)
@pytest.mark.parametrize(
    ("arguments", "word"),
    [(("--order", "999999999"), "999999999"), (("--item", "SKU-9=1"), "SKU-9"), (("--item", "SKU-1=7"), "7"), (("--shop", "nadie"), "nadie")],
)
def test_a_return_that_cannot_be_is_refused_in_plain_words(lasting: Service, sink: Sink, arguments: tuple[str, str], word: str) -> None:
    given = {"--order": str(had_once(lasting, sink)), "--shop": ALBA.key, **dict([arguments])}
    said = lasting.cli("return", "create", *[part for pair in given.items() for part in pair])
    assert (said.returncode in (1, 2), said.stdout, word in said.stderr, "Traceback" in said.stderr) == (True, "", True, False), said.stderr


def test_the_api_opens_a_return_once_and_gives_its_label(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    order = had(lasting, sink, order_ref, ana)
    wanted = {"order": order, "items": [{"item": "SKU-2", "quantity": 1}], "reason": "llegó rota", "reference": f"rma:{order}"}
    status, opened = lasting.api(ALBA, "POST", "/returns", wanted)
    assert (status, opened["order"], opened["reference"]) == (201, order, f"rma:{order}")
    again, same = lasting.api(ALBA, "POST", "/returns", wanted)
    assert (again, same["number"]) == (200, opened["number"])
    (pdf,) = labels([label_mail(sink, ana)])
    assert lasting.api(ALBA, "GET", f"/returns/{opened['number']}/label.pdf") == (200, pdf)
    lasting.rest(order)
    status, shown = lasting.api(ALBA, "GET", f"/returns/{opened['number']}")
    assert (status, shown["label"]["state"], shown["items"][0]["quantity"]) == (200, "mailed", 1)
    assert sink.followups(ana).count("return_label") == 1


def test_a_return_called_off_through_the_api_has_no_label_any_more(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    order = had(lasting, sink, order_ref, ana)
    number = lasting.api(ALBA, "POST", "/returns", {"order": order})[1]["number"]
    label_mail(sink, ana)
    status, gone = lasting.api(ALBA, "DELETE", f"/returns/{number}")
    assert (status, gone["state"], gone["label"]) == (200, "cancelled", None)
    assert lasting.api(ALBA, "GET", f"/returns/{number}/label.pdf")[0] == 404
    assert lasting.api(ALBA, "DELETE", f"/returns/{number}")[0] in (200, 409), "a second time does no harm"
    listed = [row for row in lasting.json("return", "list", "--shop", ALBA.key)["returns"] if row["number"] == number]
    assert [(row["state"], row["label"]) for row in listed] == [("cancelled", "voided")]


@scenario("S17", budget=60)
def test_a_key_opens_its_own_shop_only(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    order = had(lasting, sink, order_ref, ana)
    number = lasting.api(ALBA, "POST", "/returns", {"order": order})[1]["number"]
    label_mail(sink, ana)
    for key in ("", "wrong", ALBA.api_key[:-1], ALBA.api_key.upper(), ALBA.secret, f"{ALBA.api_key} {ALBA.api_key}"):
        for method, path in (
            ("POST", "/returns"),
            ("GET", f"/returns/{number}"),
            ("GET", f"/returns/{number}/label.pdf"),
            ("DELETE", f"/returns/{number}"),
        ):
            status, problem = lasting.api(ALBA, method, path, {"order": order} if method == "POST" else None, key)
            assert (status, problem["status"]) == (401, 401), (key, method, path)
    assert ask(lasting.port, "GET", f"/api/v1/returns/{number}").status == 401, "without any key"
    for stranger in (OTTO, LOLA):
        assert lasting.api(stranger, "POST", "/returns", {"order": order})[0] == 404
        assert lasting.api(stranger, "GET", f"/returns/{number}")[0] == 404
        assert lasting.api(stranger, "GET", f"/returns/{number}/label.pdf")[0] == 404
        assert lasting.api(stranger, "DELETE", f"/returns/{number}")[0] == 404
    assert lasting.api(ALBA, "GET", f"/returns/{number}/label.pdf")[0] == 200


@scenario("S21", budget=60)
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"order": "999999999"}, 404),
        ({"order": ""}, 422),
        ({"order": 7}, 422),
        ({"items": [{"item": "SKU-9", "quantity": 1}]}, 422),
        ({"items": [{"item": "SKU-1", "quantity": 2}]}, 422),
        ({"items": [{"item": "SKU-1", "quantity": 0}]}, 422),
        ({"items": [{"item": "SKU-1", "quantity": -1}]}, 422),
        ({"items": [{"item": "SKU-1", "quantity": "one"}]}, 422),
        ({"items": "all"}, 422),
        ({"reference": "no spaces, please"}, 422),
        ({"reason": "x" * 1001}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_a_wrong_request_is_answered_with_what_is_wrong(lasting: Service, sink: Sink, changes: dict[str, Any], status: int) -> None:
    order = str(had_once(lasting, sink))
    answer, problem = lasting.api(ALBA, "POST", "/returns", {"order": order, **changes})
    assert (answer, problem["status"]) == (status, status)
    assert len(problem["detail"]) > 10
    assert "Traceback" not in problem["detail"]


_had: dict[int, int] = {}


def had_once(running: Service, sink: Sink) -> int:
    """One order for all wrong requests: none of them changes it."""
    if running.port not in _had:
        _had[running.port] = int(had(running, sink, 6999, "ana.6999@cliente.example"))
    return _had[running.port]


def test_what_is_no_json_is_answered_with_what_is_wrong(lasting: Service) -> None:
    bearer = [("Authorization", f"Bearer {ALBA.api_key}"), ("Content-Type", "application/json")]
    for body in (b"", b"{", b"[]", b"\xff", b"null", b"[" * 30_000):
        answer = ask(lasting.port, "POST", "/api/v1/returns", body, bearer)
        assert (answer.status, json.loads(answer.body)["status"]) == (422, 422), body[:10]
    assert ask(lasting.port, "POST", "/api/v1/returns", b"x" * 70_000, bearer).status == 413


def test_all_that_goes_back_is_not_asked_about_any_more(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    order = had(lasting, sink, order_ref, ana)
    lasting.api(ALBA, "POST", "/returns", {"order": order})
    label_mail(sink, ana)
    lasting.rest(order)
    (asked,) = lasting.effects(order, followup="review_request")
    assert asked["state"] == "suppressed"
    assert asked["reason"]


def test_a_status_of_the_shop_and_a_return_of_shopify_make_labels_too(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    woo = WooOrder(order_ref, lately(), ana).tell("order.created").tell(after=HOUR, status="entregado").tell(after=MINUTE, status="devolucion")
    lasting.play(ALBA, woo.sent)
    assert len(labels([label_mail(sink, ana)])) == 1
    jon = f"jon.{order_ref}@cliente.example"
    shopify = ShopifyOrder(order_ref, lately(), jon).tell("orders/create").fulfil(order_ref * 10, 11, after=MINUTE)
    lasting.play(LOLA, shopify.scan(order_ref * 10, "delivered", after=HOUR).sent)
    back = {
        "id": order_ref,
        "admin_graphql_api_id": f"gid://shopify/Return/{order_ref}",
        "status": "open",
        "order": {"id": order_ref, "admin_graphql_api_id": f"gid://shopify/Order/{order_ref}"},
        "name": f"#{order_ref}-R1",
        "total_return_line_items": 1,
        "return_line_items": [
            {
                "id": 1,
                "quantity": 1,
                "return_reason": "size_too_small",
                "customer_note": "",
                "fulfillment_line_item": {"id": 3, "line_item": {"id": 11}},
            }
        ],
    }
    sent = shopify.sent[0].__class__("returns/approve", json.dumps(back).encode(), datetime.now(UTC), f"return-{order_ref}")
    lasting.play(LOLA, [sent])
    lasting.until(lambda: "return_label" in sink.followups(jon), 15, "a label for Jon")
    assert len(labels(sink.to(jon))) == 1
