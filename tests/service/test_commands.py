"""The commands that operators and scripts rely on, beside a running service: the documents of `--json` and nothing else on standard output."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.peers.smtp import Sink
from tests.pipeline.stories import HOUR, MINUTE, WooOrder
from tests.service.running import Service, moment, service
from tests.service.shops import ALBA, Shop, ask

EFFECT = {"id", "shop", "order", "parcel", "followup", "kind", "recipient", "state", "reason", "due_at", "done_at", "attempts", "message_id"}
DELIVERY = {"id", "shop", "topic", "delivery_id", "received_at", "state", "attempts", "error"}


def lately() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - 2 * HOUR


def test_the_ledger_is_the_document_that_scripts_rely_on(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    for ref in (order_ref, order_ref + 100_000):
        lasting.play(ALBA, WooOrder(ref, lately(), ana).tell("order.created").tell(after=MINUTE, status="enviado").sent)
    lasting.rest()
    whole, one = lasting.json("ledger")["effects"], lasting.json("ledger", "--order", str(order_ref))["effects"]
    assert {effect["order"] for effect in one} == {str(order_ref)}
    assert [effect for effect in whole if effect["order"] == str(order_ref)] == one
    assert lasting.json("ledger", "--order", f"#{order_ref}")["effects"] == one
    assert lasting.json("ledger", "--order", "nothing")["effects"] == []
    for effect in whole:
        assert set(effect) >= EFFECT
        assert isinstance(effect["order"], str)
    mails = {mail.effect: mail for mail in sink.to(ana)}
    for effect in one:
        assert (effect["state"], effect["recipient"], effect["kind"]) == ("done", ana, "mail")
        assert lasting.outcomes(effect["id"]) == ["sending", "sent"]
        assert effect["message_id"] == mails[effect["id"]].message_id
        assert moment(effect["done_at"]) >= moment(effect["due_at"])


def test_the_inbox_is_the_document_that_scripts_rely_on(lasting: Service, order_ref: int) -> None:
    for number in range(3):
        (sent,) = WooOrder(order_ref + 100_000 * number, lately()).tell("order.created").sent
        lasting.play(ALBA, [replace(sent, delivery_id=f"inbox-{order_ref}-{number}")])
    lasting.rest()
    document = lasting.json("inbox", "list")
    newest = document["deliveries"][:3]
    assert [row["delivery_id"] for row in newest] == [f"inbox-{order_ref}-{number}" for number in (2, 1, 0)]
    assert all(set(row) >= DELIVERY and (row["shop"], row["topic"], row["state"]) == ("Cerámica Alba", "order.created", "done") for row in newest)
    assert [row["id"] for row in lasting.json("inbox", "list", "--limit", "1")["deliveries"]] == [newest[0]["id"]]
    everything = lasting.json("inbox", "list", "--limit", "0")
    assert sum(everything["counts"].values()) == len(everything["deliveries"])
    assert everything["counts"] == document["counts"], "of all, however many are shown"


def test_doctor_examines_a_running_service(lasting: Service) -> None:
    said = lasting.cli("doctor", "--json")
    checks = json.loads(said.stdout)["checks"]
    assert all(set(check) >= {"name", "state", "message"} and check["state"] in ("ok", "warn", "fail") for check in checks)
    failing = [check for check in checks if check["state"] == "fail"]
    assert said.returncode == (1 if failing else 0)
    assert failing == []
    assert len(checks) == len({check["name"] for check in checks}) > 8


def test_a_shop_added_beside_the_running_service_is_listened_to_within_seconds(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    added = lasting.json("shop", "add", "--platform", "woocommerce", "--name", f"Tienda {order_ref}", "--url", "https://nueva.example")
    listed = {shop["name"]: shop for shop in lasting.json("shop", "list")["shops"]}
    assert {"Cerámica Alba", "Zapatería Lola", "Ottos Lampen", f"Tienda {order_ref}"} <= set(listed)
    assert listed[f"Tienda {order_ref}"]["webhooks"] == added["webhook_url"]
    assert added["webhook_url"].endswith(f"/webhooks/woocommerce/{added['key']}")
    fresh = Shop("woocommerce", added["key"], added["webhook_secret"], {"url": "https://nueva.example"})
    (sent,) = WooOrder(order_ref, lately(), ana).tell("order.created").sent
    lasting.until(lambda: lasting.deliver(fresh, sent).status == 200, 10, "listening")
    (mail,) = sink.wait(ana)
    assert f"Tienda {order_ref}" in str(mail.message["From"])
    assert added["webhook_secret"] not in (lasting.folder / "var" / "postventa.db").read_bytes().decode("latin-1"), "stored encrypted"


def test_a_held_shop_waits_and_a_released_one_goes_on(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    assert lasting.cli("shop", "hold", ALBA.key).returncode == 0
    try:
        lasting.play(ALBA, WooOrder(order_ref, lately(), ana).tell("order.created").sent)
        lasting.until(lambda: lasting.effects(str(order_ref)) and "on hold" in lasting.effects(str(order_ref))[0]["reason"], 10, "held")
        assert sink.to(ana) == []
    finally:
        assert lasting.cli("shop", "release", ALBA.key).returncode == 0
    sink.wait(ana)


def test_what_operators_look_at_says_that_all_is_well(lasting: Service) -> None:
    assert json.loads(ask(lasting.port, "GET", "/healthz").body) == {"status": "alive"}
    lasting.until(lambda: json.loads(ask(lasting.port, "GET", "/readyz").body)["status"] == "ready", 10, "ready")
    figures = ask(lasting.port, "GET", "/metrics").body.decode()
    assert "postventa_redis_up 1.0" in figures
    assert 'postventa_effects{followup="order_received",state="done"}' in figures


def test_no_name_address_or_secret_is_in_the_log(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    lasting.play(ALBA, WooOrder(order_ref, lately(), ana).tell("order.created").sent)
    sink.wait(ana)
    lasting.rest()
    said = lasting.said()
    assert '"mails sent"' in said
    for word in (ana, "cliente.example", "Peña", "Betis", "600 000 000", ALBA.secret, ALBA.api_key):
        assert word not in said


def test_without_mail_settings_mails_are_kept_and_shown(tmp_path: Path, order_ref: int) -> None:
    """The first start of a fresh machine."""
    with service(tmp_path / "up") as running:
        running.start()
        running.play(ALBA, WooOrder(order_ref, lately(), "ana@cliente.example").tell("order.created").sent)
        running.until(lambda: list((running.folder / "var" / "mailbox").glob("*.eml")), 15, "a mail")
        page = ask(running.port, "GET", "/mailbox/")
        assert (page.status, b"ana@cliente.example" in page.body) == (200, True)
        running.stop()
