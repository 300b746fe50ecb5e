"""Deliveries that cannot be read: they end as dead letters, nobody else waits, and once the cause is mended each mail goes out once."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from postventa.clock import real_now
from postventa.config import load
from postventa.effects import BACKOFF
from postventa.models import Inbound, Lease
from postventa.models.db import connect, transaction
from tests.faults.conftest import Stand
from tests.pipeline.stories import MINUTE, WooOrder, woo_line
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA

MARK = "esta rompe el lector"
CUSTOMER = ("Peña", "Betis", "600 000 000", "cliente.example")


def placed(ref: int, email: str, **changes: Any) -> WooOrder:
    return WooOrder(ref, datetime.now(UTC).replace(microsecond=0) - MINUTE, email).tell("order.created", **changes)


def write(service: Service, *statements: Any) -> None:
    engine = connect(load(service.config, {}).database_url)
    try:
        with transaction(engine) as session:
            for statement in statements:
                session.execute(statement)
    finally:
        engine.dispose()


def no_more_waiting(service: Service) -> None:
    """As if the pause between two tries were over."""
    past = real_now() - timedelta(seconds=3)
    write(service, update(Inbound).where(Inbound.state == "new").values(not_before=past, stored_at=past))


def the(service: Service, number: int) -> dict[str, Any]:
    return next(row for row in service.deliveries() if row["id"] == number)


@pytest.mark.long
@scenario("F25", budget=240)
def test_an_order_that_always_fails_is_a_dead_letter_in_the_end_and_replayed_it_sends_once(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    service.arm("read.body", f"raise_on={MARK}")
    poisoned = placed(order_ref, ana, customer_note=MARK)
    service.play(ALBA, [*poisoned.sent, *placed(order_ref + 1_000_000, f"b.{ana}").sent])
    stand.sink.wait(f"b.{ana}")
    number = service.deliveries(topic="order.created")[-1]["id"]
    for tries in range(1, len(BACKOFF) + 1):
        service.until(lambda tries=tries: the(service, number)["attempts"] == tries, 20, f"tried {tries} times")  # type: ignore[misc]
        assert the(service, number)["state"] == "new"
        no_more_waiting(service)
    service.until(lambda: the(service, number)["state"] == "dead", 20, "dead")
    assert service.went_off("read.body")
    assert the(service, number)["attempts"] == len(BACKOFF) + 1
    service.play(ALBA, placed(order_ref + 2_000_000, f"c.{ana}").sent)
    stand.sink.wait(f"c.{ana}")
    _seen_by_command(service, number)

    (rehearsed,) = service.json("inbox", "dry-run", "--dead")["deliveries"]
    assert "still fails: FailpointReached" in rehearsed["error"]
    (service.failpoints / "read.body").unlink()  # the cause is mended
    before = (service.deliveries(), service.effects())
    rehearsal = service.json("inbox", "dry-run", str(number))
    assert (rehearsal["would_go_out"], rehearsal["would_fail"]) == (1, [])
    (mail,) = [effect for effect in rehearsal["deliveries"][0]["effects"] if effect["would"] == "send"]
    assert (mail["followup"], mail["recipient"]) == ("order_received", "a***@***.example")
    assert (service.deliveries(), service.effects()) == before, "a rehearsal writes nothing"

    for times in (1, 2):
        assert service.json("inbox", "replay", str(number), "--reason", f"mended, {times}")["replayed"] == [number]
        service.until(lambda: the(service, number)["state"] in ("done", "superseded"), 20, "read")
        service.rest()
    assert stand.sink.followups(ana) == ["order_received"]
    _audited(service, [("inbox.replay", "mended, 2"), ("inbox.replay", "mended, 1")])


def _seen_by_command(service: Service, number: int) -> None:
    (listed,) = service.json("inbox", "list", "--dead", "--error", "failpointreached", "--since", "1h")["deliveries"]
    assert (listed["id"], listed["state"]) == (number, "dead")
    assert service.json("inbox", "list", "--dead", "--shop", "Zapatería Lola")["deliveries"] == []
    shown = service.json("inbox", "show", str(number))
    assert "jobs/process_inbound.py" in shown["trace"]
    assert "FailpointReached" in shown["failure"]
    for text in (shown["body"], service.cli("inbox", "show", str(number)).stdout):
        assert not [word for word in (*CUSTOMER, MARK) if word in text]
        assert "50.00" in text, "what the order is about is shown"


def _audited(service: Service, expected: list[tuple[str, str]]) -> None:
    entries = service.json("audit", "list")["entries"]
    assert [(entry["action"], entry["reason"]) for entry in entries] == expected
    assert all(entry["actor"].startswith("cli:") and "@" in entry["actor"] for entry in entries)
    newest = f"{len(expected)}:{entries[0]['hash']}"
    assert service.json("audit", "verify") == {"whole": True, "problems": [], "entries": len(expected), "newest": newest}


@scenario("F25", budget=60)
def test_odd_orders_stop_nothing_and_send_no_nonsense(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    names = {"first_name": "\u202eAna\u0000 🌸", "last_name": "شهرزاد"}
    odd = {
        "not-an-address": placed(order_ref, "ana@@cliente"),
        f"negative.{ana}": placed(order_ref + 1_000_000, f"negative.{ana}", line_items=[woo_line(1, "Taza", quantity=-2), woo_line(2, "Cuenco")]),
        f"emoji.{ana}": placed(order_ref + 2_000_000, f"emoji.{ana}"),
        f"currency.{ana}": placed(order_ref + 3_000_000, f"currency.{ana}", currency="QQQ"),
        ana: placed(order_ref + 4_000_000, ana),
    }
    emoji = odd[f"emoji.{ana}"]
    emoji.tell(billing={**emoji.body["billing"], **names}, shipping={**emoji.body["shipping"], **names})
    service.play(ALBA, [sent for order in odd.values() for sent in order.sent])
    service.rest()
    assert {row["state"] for row in service.deliveries()} <= {"done", "superseded"}
    (invalid,) = service.effects(str(order_ref))
    assert (invalid["state"], "e-mail address is not valid" in invalid["reason"] or "no e-mail address" in invalid["reason"]) == ("suppressed", True)
    for address in (f"negative.{ana}", f"emoji.{ana}", f"currency.{ana}", ana):
        (mail,) = stand.sink.to(address)
        text = mail.text + mail.html + str(mail.message["Subject"])
        words = re.sub(r"https?://\S+", "", mail.text)  # a link's token may hold any two letters
        assert not [sign for sign in ("\u202e", "\u0000", "-2", "None", "nan") if sign in words], mail.text
        assert "\u202e" not in text
    (mail,) = stand.sink.to(f"currency.{ana}")
    assert "€" not in mail.text


@pytest.mark.long
@scenario("F25", budget=120)
def test_a_fault_of_the_handler_pauses_it_burns_no_tries_and_goes_on_by_itself(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    service.arm("read.body", f"raise_on={MARK}")
    failing = [placed(order_ref + number * 100_000, f"{number}.{ana}", customer_note=MARK) for number in range(30)]
    service.play(ALBA, [order.sent[0] for order in failing])
    service.until(lambda: [a for a in _alarms(service) if a["name"] == "handler-paused"], 30, "paused")
    (alarm,) = _alarms(service)
    assert "order.created is not read" in alarm["message"]
    other = placed(order_ref + 9_000_000, f"other.{ana}").tell(status="enviado", after=MINUTE).sent[1]
    service.play(ALBA, [other])  # another topic of the same shop
    stand.sink.wait(f"other.{ana}")
    no_more_waiting(service)
    tries = sorted(row["attempts"] for row in service.deliveries(state="new"))
    assert tries[-1] <= 1
    _let_the_pause_end(service)
    service.until(lambda: _pause(service)[0] > real_now(), 20, "paused again, as the one that was let through failed")
    assert sum(row["attempts"] for row in service.deliveries()) <= 30, "a pause burns no tries"
    assert len(service.deliveries(state="new")) == 30
    (service.failpoints / "read.body").unlink()
    _let_the_pause_end(service)
    service.until(lambda: not _alarms(service), 20, "over")
    service.rest(seconds=60)
    for number in range(30):
        assert stand.sink.followups(f"{number}.{ana}") == ["order_received"]


def _alarms(service: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(service.cli("alarms", "--json").stdout)["alarms"]
    return [alarm for alarm in found if alarm["name"] == "handler-paused"]


def _pause(service: Service) -> tuple[datetime, int]:
    engine = connect(load(service.config, {}).database_url)
    try:
        with transaction(engine) as session:
            row = session.scalars(select(Lease).where(Lease.name.startswith("breaker:"))).one()
            return row.expires_at, row.fence
    finally:
        engine.dispose()


def _let_the_pause_end(service: Service) -> None:
    write(service, update(Lease).where(Lease.name.startswith("breaker:")).values(expires_at=real_now() - timedelta(seconds=1)))
