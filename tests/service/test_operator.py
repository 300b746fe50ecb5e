"""What an operator does by command line beside a running service: each thing does what it says, and stands in the audit log."""

from __future__ import annotations

import getpass
import hashlib
import json
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.peers.smtp import Sink
from tests.pipeline.stories import HOUR, WooOrder
from tests.service.running import Service, service
from tests.service.shops import ALBA

PERSON = ("Ana", "Peña", "Betis", "600 000 000", "cliente.example")
POSTCODE = "41010"
"""Five digits that the microseconds of a moment may have, too: looked for where no moment stands that is not the shop's."""


def lately() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - HOUR


def received(service: Service, sink: Sink, ref: int, email: str) -> dict[str, Any]:
    """The effect of an order's first mail, which has arrived."""
    service.play(ALBA, WooOrder(ref, lately(), email).tell("order.created").sent)
    sink.wait(email)
    service.rest(str(ref))
    (effect,) = service.effects(str(ref), followup="order_received")
    return effect


def newest(service: Service) -> dict[str, Any]:
    entry: dict[str, Any] = service.json("audit", "list", "--limit", "1")["entries"][0]
    return entry


def test_a_delivery_is_shown_without_the_person_and_raw_only_with_a_trace_in_the_log(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    effect = received(lasting, sink, order_ref, ana)
    number = lasting.json("inbox", "list", "--order", str(order_ref))["deliveries"][0]["id"]
    shown = lasting.json("inbox", "show", str(number))
    assert not [word for word in (*PERSON, POSTCODE) if word in shown["body"]]
    assert not [word for word in PERSON if word in json.dumps(shown, ensure_ascii=False)]
    assert "OrderSeen" in [event["event"] for event in shown["events"]]
    assert [(one["id"], one["state"]) for one in shown["effects"] if one["followup"] == "order_received"] == [(effect["id"], "done")]
    raw = lasting.json("inbox", "show", str(number), "--raw", "--reason", f"she called, {ana}")
    assert json.loads(raw["body"])["billing"]["email"] == ana
    entry = newest(lasting)
    assert (entry["action"], entry["subject"], entry["shop"]) == ("inbox.show-raw", f"delivery {number}", "Cerámica Alba")
    assert entry["actor"].startswith(f"cli:{getpass.getuser()}@{socket.gethostname()}")
    assert ana not in json.dumps(entry), "no address stays in the log"


def test_a_mail_goes_out_a_second_time_by_force_and_with_a_reason_only(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    effect = received(lasting, sink, order_ref, ana)
    number = str(effect["id"])
    for arguments, status, word in (
        ((number,), 2, "--reason"),
        ((number, "--reason", "she asked"), 1, "add --force"),
        (("999999", "--reason", "she asked"), 1, "there is no effect 999999"),
    ):
        said = lasting.cli("ledger", "resend", *arguments)
        assert (said.returncode, word in said.stderr, said.stdout) == (status, True, ""), said.stderr
        assert "Traceback" not in said.stderr
    again = lasting.json("ledger", "resend", number, "--reason", "she asked", "--force")
    first, second = sink.wait(ana, 2)
    lasting.rest(str(order_ref))
    assert (first.effect, second.effect) == (effect["id"], again["effect"])
    assert first.message_id != second.message_id
    assert first.text == second.text
    story = lasting.json("ledger", "show", str(again["effect"]))
    assert (story["state"], story["repetition_of"]) == ("done", effect["id"])
    assert [tried["outcome"] for tried in story["tries"]] == ["sending", "sent"]
    (entry,) = lasting.json("ledger", "show", number)["interventions"]
    assert (entry["action"], entry["reason"], entry["after"]["forced"]) == ("ledger.resend", "she asked", True)
    assert "ledger.resend" in lasting.cli("ledger", "show", number).stdout


def test_what_is_planned_is_called_off(lasting: Service, order_ref: int, ana: str) -> None:
    assert lasting.cli("shop", "hold", ALBA.key, "--reason", "holidays").returncode == 0
    try:
        assert (newest(lasting)["action"], newest(lasting)["after"]["hold"], newest(lasting)["reason"]) == ("shop.hold", True, "holidays")
        lasting.play(ALBA, WooOrder(order_ref, lately(), ana).tell("order.created").sent)
        lasting.until(lambda: [e for e in lasting.effects(str(order_ref)) if "on hold" in e["reason"]], 10, "held")
        (effect,) = lasting.effects(str(order_ref))
        assert lasting.json("ledger", "cancel", str(effect["id"]), "--reason", "told by phone") == {"cancelled": [effect["id"]]}
        assert lasting.cli("ledger", "cancel", str(effect["id"]), "--reason", "again").returncode == 1
    finally:
        assert lasting.cli("shop", "release", ALBA.key).returncode == 0
    assert newest(lasting)["action"] == "shop.release"
    lasting.rest(str(order_ref))
    assert [(e["state"], e["reason"]) for e in lasting.effects(str(order_ref))] == [("cancelled", "called off by hand: told by phone")]


def test_dead_letters_are_rehearsed_and_discarded(lasting: Service, order_ref: int) -> None:
    (sent,) = WooOrder(order_ref, lately()).tell("order.created").sent
    lasting.play(ALBA, [replace(sent, topic=f"order.exploded{n}", delivery_id=f"x-{order_ref}-{n}") for n in range(2)])
    lasting.rest()
    first, second = sorted(row["id"] for row in lasting.json("inbox", "list", "--state", "poison", "--since", "1h", "--limit", "2")["deliveries"])
    rehearsal = lasting.json("inbox", "dry-run", f"{first}-{second}")
    assert (rehearsal["would_go_out"], rehearsal["would_fail"]) == (0, [first, second])
    said = lasting.cli("inbox", "discard", str(first), "999999", "--reason", "a plugin's own", "--json")
    assert (said.returncode, json.loads(said.stdout)) == (1, {"discarded": [first], "not_found": [999999], "left_as_they_are": []})
    shown = lasting.json("inbox", "show", str(first))
    assert (shown["state"], shown["reason"]) == ("ignored", "discarded: a plugin's own")


def test_returns_and_keys_are_named_in_the_log_and_secrets_are_not(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    lasting.play(ALBA, WooOrder(order_ref, lately(), ana).tell("order.created").tell(status="entregado").sent)
    lasting.rest(str(order_ref))
    status, case = lasting.api(ALBA, "POST", "/returns", {"order": str(order_ref), "reason": "Me queda pequeño, soy Ana", "reference": "caso-1"})
    assert status == 201
    assert lasting.api(ALBA, "POST", "/returns", {"order": str(order_ref), "reference": "caso-1"})[0] == 200
    assert lasting.api(ALBA, "DELETE", f"/returns/{case['number']}")[0] == 200
    voided, created = lasting.json("audit", "list", "--subject", f"return {case['number']}")["entries"]
    assert (created["action"], voided["action"]) == ("return.create", "return.void"), "the repetition did nothing, so it is no row"
    assert {created["actor"], voided["actor"]} == {f"api:{hashlib.sha256(ALBA.api_key.encode()).hexdigest()[:12]}"}
    assert "Ana" not in json.dumps(created)
    assert lasting.json("audit", "verify")["whole"]
    (check,) = [check for check in json.loads(lasting.cli("doctor", "--json").stdout)["checks"] if check["name"] == "audit log"]
    assert check["state"] == "ok"
    lasting.until(lambda: "the audit log ends with " in lasting.said(), 20, "told to the log")


def test_a_restored_backup_says_where_the_replaced_log_ended(tmp_path: Path) -> None:
    with service(tmp_path / "up") as stopped:
        assert stopped.cli("db", "upgrade").returncode == 0
        stopped.json("shop", "add", "--platform", "woocommerce", "--name", "Uno", "--url", "https://uno.example")
        backup = stopped.json("db", "backup")
        assert backup["audit"] == stopped.json("audit", "verify")["newest"]
        stopped.json("shop", "add", "--platform", "woocommerce", "--name", "Dos", "--url", "https://dos.example")
        lost = stopped.json("audit", "verify")["newest"]
        assert stopped.cli("db", "restore", backup["file"], "--yes").returncode == 0
        restored = newest(stopped)
        assert (restored["action"], restored["before"]) == ("db.restore", {"audit_ended_with": lost})
        assert stopped.cli("audit", "verify", "--anchor", backup["audit"]).returncode == 0
        said = stopped.cli("audit", "verify", "--anchor", lost)
        assert (said.returncode, "row 2 is another one than the anchor tells of" in said.stdout) == (1, True)
