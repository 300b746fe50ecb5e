"""What is wrong is named within seconds, a start with it is refused, and a service that runs goes on storing deliveries."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.faults.conftest import Stand
from tests.faults.rush import Rush
from tests.ports import free_port
from tests.scenarios import scenario
from tests.service.running import Service

NAMED_WITHIN = 5.0


@contextmanager
def strict_mail_server() -> Iterator[int]:
    """Whatever the password, it is the wrong one."""
    port = free_port()

    def refuse(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    controller = Controller(object(), hostname="127.0.0.1", port=port, authenticator=refuse, auth_require_tls=False, ready_timeout=60)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def silence() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def doctor(service: Service) -> tuple[str, float]:
    """All that must be mended, and the seconds that it took beyond a start that finds nothing wrong."""
    began = time.monotonic()
    said = service.cli("doctor", "--json")
    took = time.monotonic() - began
    assert said.returncode == 1, said.stderr
    return "\n".join(f"{c['name']}: {c['message']}" for c in json.loads(said.stdout)["checks"] if c["state"] == "fail"), took


def usually(service: Service) -> float:
    """The seconds that the doctor takes on this machine at this moment when nobody lets it wait; other tests run beside."""
    began = time.monotonic()
    service.cli("doctor")
    return time.monotonic() - began


@pytest.mark.long
@scenario("F21", budget=90)
def test_the_doctor_names_each_fault_within_five_seconds(stand: Stand) -> None:
    stand.judged = False
    service = stand.service()
    assert service.cli("db", "upgrade").returncode == 0
    usual = usually(service)
    good = service.sections
    with strict_mail_server() as strict, silence() as silent:
        mail = {**good["mail"], "username": "mara", "password": "wrong"}
        cases: list[tuple[dict[str, dict[str, Any]], str]] = [
            ({"mail": {**mail, "port": strict}}, "mail server"),
            ({"mail": {**mail, "port": silent}}, "mail server"),
            ({"database": {"url": f"postgresql+psycopg://nobody@127.0.0.1:{silent}/nothing"}}, "database"),
            ({"database": {"url": f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing"}}, "database"),
            ({"redis": {"url": f"redis://127.0.0.1:{silent}/0"}}, "redis"),
            ({"journey": {**good["journey"], "setle": 3}}, "journey.setle"),
        ]
        for sections, named in cases:
            service.configure(**{**good, "database": stand.settings.get("database", {}), "redis": {}, **sections})
            said, took = doctor(service)
            assert named in said.lower(), (sections, said)
            assert took < NAMED_WITHIN + 2 * usual, (sections, took, usual)


@scenario("F21", budget=60)
def test_a_wrong_mail_password_delays_mails_and_no_delivery(stand: Stand, order_ref: int) -> None:
    stand.judged = False
    with strict_mail_server() as strict:
        service = stand.service()
        mail = dict(service.sections["mail"])
        service.start(mail={**mail, "port": strict, "username": "mara", "password": "wrong"})
        rush = Rush(service)
        assert rush.one(5 * order_ref)
        service.until(lambda: any("password" in effect["reason"] for effect in service.effects(state="planned")), 20, "refused")
        assert service.stop() == 0
    assert service.effects()[0]["state"] == "planned", "it waits"


@pytest.mark.long
@scenario("F21", budget=60)
def test_a_start_without_the_key_of_what_is_stored_is_refused(stand: Stand) -> None:
    stand.judged = False
    service = stand.service()
    said = service.cli("shop", "add", "--platform", "woocommerce", "--name", "Mara", "--url", "https://mara.example")
    assert said.returncode in (0, 2), said.stderr
    if said.returncode:
        assert service.cli("db", "upgrade").returncode == 0
        assert service.cli("shop", "add", "--platform", "woocommerce", "--name", "Mara", "--url", "https://mara.example").returncode == 0
    (service.folder / "var" / "secret.key").unlink()
    refused = service.cli("up")
    assert (refused.returncode, "secret_key_file" in refused.stderr) == (2, True), refused.stderr
    assert "another secret key" in doctor(service)[0]
