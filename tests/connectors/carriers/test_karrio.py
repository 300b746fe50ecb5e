"""What we make of karrio's answers, and of words that it does not have; no process is asked."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest

from connectors.carriers import CARRIERS
from connectors.carriers.base import Account, NeedsAccount, Status
from connectors.carriers.karrio import asking, told, verdict, wanted
from connectors.carriers.karrio.kinds import KINDS
from connectors.carriers.karrio.statuses import OWN, STATUSES, meaning
from connectors.errors import ConnectorError, InDoubt, Refused
from connectors.reading import Part
from connectors.whom import speaks_for_all, whom
from postventa.cli.tracking import account as command
from postventa.config import Carriers, KarrioAccount
from postventa.config.shop import ACCOUNTS
from tests.connectors.carriers.requests import request_of
from tests.peers.contracts import KEYS

REQUEST = request_of()
MADRID = ZoneInfo("Europe/Madrid")


def test_settings_and_the_command_know_every_carrier() -> None:
    assert set(ACCOUNTS) == {"sendcloud", *KINDS}
    (argument,) = [param for param in command.params if param.name == "carrier"]
    assert isinstance(argument.type, click.Choice)
    assert list(argument.type.choices) == list(ACCOUNTS)


@pytest.mark.parametrize("name", KINDS)
def test_settings_and_carriers_name_the_same_keys(name: str) -> None:
    account = Carriers().account(name)
    assert isinstance(account, KarrioAccount)
    kind = KINDS[name]
    assert kind.keys == account.NEEDED
    assert set(kind.label_keys) | set(kind.besides) <= set(type(account).model_fields)
    assert hasattr(account, "weight_g") == kind.makes_labels


@pytest.mark.parametrize("name", KINDS)
def test_without_keys_it_says_what_is_missing(name: str) -> None:
    carrier = CARRIERS[name]
    assert isinstance(carrier, NeedsAccount)
    with pytest.raises(ValueError, match=f"{KINDS[name].keys[-1]} in "):
        carrier.bound(Account(dict.fromkeys(KINDS[name].keys[:-1], "x")))
    with pytest.raises(ValueError, match="a shop's own account"):
        CARRIERS[name].track("1")


def test_every_word_that_karrio_has_stands_in_the_table() -> None:
    code = "import importlib\n" + "\n".join(
        f"print(*importlib.import_module('karrio.providers.{kind.library}.units').TrackingStatus.__members__)" for kind in KINDS.values()
    )
    said = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=200, check=True).stdout
    assert set(said.split()) <= set(STATUSES)


@pytest.mark.parametrize(
    ("carrier", "own", "karrios", "means"),
    [
        ("ups", "FS", "delivered", Status.DELIVERED),
        ("ups", "X1", "on_hold", Status.UNKNOWN),
        ("ups", "", "teleported", Status.UNKNOWN),
        ("dhl_parcel_de", "PO", "in_transit", Status.OUT_FOR_DELIVERY),
        ("dhl_parcel_de", "QQ", "delivery_delayed", Status.UNKNOWN),
        ("dhl_express", "DM", "delivery_failed", Status.UNKNOWN),
        ("dhl_express", "NH", "delivery_failed", Status.ATTEMPTED_DELIVERY),
        ("gls_group", "FINAL", "delivered", Status.UNKNOWN),
        ("dpd", "PickedUp", "", Status.UNKNOWN),
    ],
)
def test_the_carriers_own_word_counts_more_than_karrios_and_nothing_is_guessed(carrier: str, own: str, karrios: str, means: Status) -> None:
    assert meaning(carrier, own, karrios) is means
    assert set(OWN) <= set(KINDS)


@pytest.mark.parametrize(
    ("event", "at"),
    [
        ({"code": "A", "timestamp": "2026-07-01T10:00:00.000Z"}, datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ({"code": "A", "date": "2026-07-01", "time": "13:55 PM"}, datetime(2026, 7, 1, 11, 55, tzinfo=UTC)),
        ({"code": "A", "date": "2026-07-01"}, datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ({"code": "A", "date": "soon"}, None),
        ({"code": "", "timestamp": "2026-07-01T10:00:00"}, None),
    ],
)
def test_times_are_read_as_the_clock_shows_them_there(event: dict[str, str], at: datetime | None) -> None:
    found = told.read(KINDS["ups"], Part({"events": [event]}), MADRID).scans
    assert [scan.at for scan in found] == ([at] if at else [])


def answer(**said: Any) -> Part:
    return Part({"result": {}, "messages": [], "status": 200, "written": False, "trouble": None, **said})


CRASHED = {"code": "SHIPPING_SDK_INTERNAL_ERROR", "message": "list index out of range"}
VERDICTS: dict[str, tuple[str, Part, type[ConnectorError], bool]] = {
    "nothing went out": ("ups", answer(trouble={"words": "cannot be reached", "permanent": False}), ConnectorError, False),
    "it went out and the line broke": ("ups", answer(written=True, trouble={"words": "cannot be reached", "permanent": False}), InDoubt, False),
    "a refusal": ("ups", answer(written=True, status=400), ConnectorError, True),
    "trouble of its own": ("ups", answer(written=True, status=503), InDoubt, False),
    "no token": ("ups", answer(status=401), Refused, True),
    "karrio could not read the answer": ("ups", answer(written=True, messages=[CRASHED]), InDoubt, False),
    "nor of one that says no with 200": ("dhl_express", answer(written=True, messages=[CRASHED]), InDoubt, False),
    "which says no with 200": ("dhl_express", answer(written=True, messages=[{"code": "SV011a", "message": "no"}]), ConnectorError, True),
    "karrio could not ask": ("gls_group", answer(status=0, messages=[CRASHED]), ConnectorError, True),
    "no paper": ("gls_group", answer(written=True, result={"tracking_number": "1", "docs": {"label": "bm8="}}), InDoubt, False),
    "no number": ("gls_group", answer(written=True, result={"tracking_number": "", "docs": {"label": "JVBERi0x"}}), InDoubt, False),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_a_label_is_made_or_not_or_nobody_knows(case: str) -> None:
    name, said, kind, permanent = VERDICTS[case]
    with pytest.raises(ConnectorError) as error:
        verdict.labelled(KINDS[name], said, REQUEST)
    assert (type(error.value), error.value.permanent) == (kind, permanent)


def test_without_karrio_it_says_which_command_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "installed", lambda: False)
    with pytest.raises(Refused, match="make setup-karrio"):
        asking.ask("/nowhere/karrio.sock", {})


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.makes_labels])
def test_a_label_needs_its_keys_a_way_without_customs_and_a_street_that_fits(name: str) -> None:
    kind = KINDS[name]
    for key in kind.label_keys:
        with pytest.raises(ValueError, match=f"needs {key}"):
            wanted.shipment(kind, REQUEST, KEYS[name] | {key: ""})
    with pytest.raises(ValueError, match="customs papers"):
        wanted.shipment(kind, request_of(sender=vary(postcode="35001")), KEYS[name])
    fits = wanted.shipment(kind, request_of(sender=vary(street="C" * kind.street, street2="")), KEYS[name])
    assert "C" * kind.street in str(fits)
    with pytest.raises(ValueError, match="is longer"):
        wanted.shipment(kind, request_of(sender=vary(street="C" * (kind.street + 1))), KEYS[name])


def vary(**changes: str) -> Any:
    return type(REQUEST.sender)(**{**vars(REQUEST.sender), **changes})


@pytest.mark.parametrize(
    ("asked", "said", "who"),
    [
        (["sendcloud"], "", "sendcloud"),
        (["sendcloud", "ups"], "UPS", "ups"),
        (["sendcloud", "ups"], "SEUR", "sendcloud"),
        (["ups"], "SEUR", ""),
        (["ups"], "", "ups"),
        (["ups", "dpd"], "", ""),
        (["dhl_parcel_de", "dhl_express"], "DHL Express", "dhl_express"),
        (["dhl_parcel_de", "dhl_express"], "dhl", "dhl_parcel_de"),
        (["dhl_express"], "dhl", "dhl_express"),
        (["gls_group"], "gls-spain", "gls_group"),
        ([], "UPS", ""),
    ],
)
def test_the_carrier_that_has_a_parcel_is_asked_about_it(asked: list[str], said: str, who: str) -> None:
    assert whom(asked, said) == who
    assert speaks_for_all(asked) == ("sendcloud" in asked)


@pytest.mark.parametrize(
    ("said", "kind"), [(b"", ConnectorError), (b"writing\n", InDoubt), (b'writing\n{"resu', InDoubt), (b'{"result', ConnectorError)]
)
def test_a_process_that_falls_silent_leaves_a_doubt_only_if_it_had_begun_to_write(
    said: bytes, kind: type[ConnectorError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER", 0.2)
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(f"{folder}/s")
        listening.listen()
        heard: list[socket.socket] = []

        def answer() -> None:
            heard.append(listening.accept()[0])
            heard[0].sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ConnectorError) as silent:
            asking.ask(f"{folder}/s", {"carrier": "ups"})
        thread.join()
        heard[0].close()
    assert (type(silent.value), silent.value.permanent) == (kind, False)
