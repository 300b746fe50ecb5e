"""What real shops and customers reach does not start with what is for development, or with a key that can be guessed; anything else does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.peers.smtp import Sink
from tests.pipeline.stories import HOUR, WooOrder
from tests.scenarios import scenario
from tests.service.running import Service, service
from tests.service.shops import ALBA, OTTO, SHOPS, Shop
from tests.service.test_operator import lately

PUBLIC = "https://postventa.example.com"
"""A name that could lead somewhere, unlike those of all other tests; nobody is ever asked for it."""
LATER = {"anchor": 1_760_000_000.0, "ours": 1_760_000_000.0 + 3 * HOUR.total_seconds(), "speed": 60.0}


def open_to_the_world(folder: Path, sink: Sink | None = None, shops: tuple[Shop, ...] = SHOPS) -> Service:
    made = Service(folder, sink, shops)
    made.configure(server={**made.sections["server"], "public_url": PUBLIC}, redis={"url": ""})
    return made


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Service]:
    made = open_to_the_world(tmp_path / "up")
    yield made
    made.end()


def keep_key(service: Service, content: bytes, mode: int = 0o600) -> Path:
    key = service.folder / "var" / "secret.key"
    key.parent.mkdir(exist_ok=True)
    key.write_bytes(content)
    key.chmod(mode)
    return key


def leave_a_shifted_clock(service: Service) -> None:
    (service.folder / "var").mkdir(exist_ok=True)
    (service.folder / "var" / "clock.json").write_text(json.dumps(LATER))


DANGERS: dict[str, tuple[Callable[[Service], object], str]] = {
    "a key of one letter": (lambda s: keep_key(s, b"a" * 64), "repeats the same 1 characters"),
    "a key nobody filled in": (lambda s: keep_key(s, b"CHANGE-ME-to-32-or-more-random-bytes"), "still says CHANGE-ME"),
    "a short key": (lambda s: keep_key(s, b"0123456789abcdef"), "has 16 characters, expected 32 or more"),
    "failpoints": (lambda s: s.with_failpoints(), "POSTVENTA_FAILPOINTS is set"),
    "debug mode": (lambda s: s.variables.update(FLASK_DEBUG="1"), "FLASK_DEBUG is set"),
    "a shifted clock": (lambda s: s.configure(clock={"offset": 3600}), "[clock] shifts or speeds up"),
    "a fast clock": (lambda s: s.configure(clock={"speed": 60}), "[clock] shifts or speeds up"),
    "a clock that was fast": (leave_a_shifted_clock, "clock.json: left behind"),
}


@scenario("S25", budget=60)
@pytest.mark.parametrize("danger", DANGERS)
def test_a_start_in_production_is_refused_with_what_to_do(public: Service, danger: str) -> None:
    arrange, words = DANGERS[danger]
    arrange(public)
    refused = public.cli("up")
    assert (refused.returncode, words in refused.stderr, PUBLIC in refused.stderr) == (2, True, True), refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (public.folder / "var" / "postventa.db").exists(), "nothing was begun"
    (found,) = [c for c in json.loads(public.cli("doctor", "--json").stdout)["checks"] if words in c["message"]]
    assert found["state"] == "fail", "the doctor says the same"


@scenario("S25", budget=60)
@pytest.mark.parametrize("part", ["web", "worker", "clock"])
def test_each_part_by_itself_is_refused_too(public: Service, part: str) -> None:
    keep_key(public, b"ab" * 32)
    refused = public.cli(part)
    assert (refused.returncode, "secret.key: the secret key can be guessed" in refused.stderr) == (2, True), refused.stderr


@scenario("S25", budget=60)
def test_everything_that_is_wrong_is_said_at_once(public: Service) -> None:
    keep_key(public, b"a" * 64)
    public.configure(clock={"speed": 60})
    said = public.cli("up").stderr
    assert ("can be guessed" in said, "[clock]" in said) == (True, True)


@scenario("S25", budget=90)
def test_a_running_service_takes_up_no_danger_and_goes_on(public: Service) -> None:
    public.start()
    public.configure(clock={"speed": 60})
    refused = public.cli("restart")
    assert (refused.returncode, "[clock] shifts or speeds up" in refused.stderr) == (2, True), refused.stderr
    assert public.ready()


@scenario("S25", budget=60)
def test_a_key_that_others_could_read_is_closed_to_them_and_the_log_says_so(public: Service) -> None:
    key = keep_key(public, bytes(range(32)), 0o644)
    public.start()
    assert key.stat().st_mode & 0o777 == 0o600
    assert "could be read or changed by other users of this machine (mode 0644)" in public.said()


@scenario("S25", budget=60)
def test_the_same_is_allowed_where_nobody_comes_from_outside(tmp_path: Path) -> None:
    with service(tmp_path / "up") as running:
        running.variables["FLASK_DEBUG"] = "1"
        keep_key(running, b"a" * 64)
        leave_a_shifted_clock(running)
        running.with_failpoints().start()
        found = {c["name"]: c["state"] for c in json.loads(running.cli("doctor", "--json").stdout)["checks"]}
        assert (found["secret key"], found["failpoints"], found["product clock"], found["debug mode"]) == ("fail", "fail", "warn", "warn")


@scenario("S25", budget=90)
def test_one_shops_weak_secret_is_told_and_keeps_nobodys_deliveries_out(tmp_path: Path, sink: Sink, order_ref: int, ana: str) -> None:
    weak = replace(ALBA, secret="alba", api_key="", settings={**ALBA.settings, "alert_email": f"mara.{order_ref}@ceramica-alba.example"})
    good = replace(OTTO, api_key="")
    made = open_to_the_world(tmp_path / "up", sink, (weak, good))
    made.configure(alerts={"email": f"jon.{order_ref}@posventa.example"}, recovery={**made.sections["recovery"], "watch_every": 0.5})
    try:
        made.start()
        for number, shop in enumerate((weak, good)):
            made.play(shop, WooOrder(order_ref * 10 + number, lately(), ana).tell("order.created").sent)
        assert len(sink.wait(ana, 2)) == 2, "both shops' customers get their mails"
        made.until(lambda: "weak-secret" in made.alarms(), 20, "noticed")
        (told,) = sink.wait(f"mara.{order_ref}@ceramica-alba.example")
        assert told.followup == "weak_secret"
        (alarm,) = sink.wait(f"jon.{order_ref}@posventa.example")
        assert "Cerámica Alba" in str(alarm.message["Subject"])
        assert weak.secret not in alarm.text.replace("Alba", "").replace("alba.example", "")
        (found,) = [c for c in json.loads(made.cli("doctor", "--json").stdout)["checks"] if c["name"] == "Cerámica Alba: secrets"]
        assert found["state"] == "fail"
        made.shops = (replace(weak, secret="un-secreto-largo-de-alba"), good)
        made.configure()
        assert made.cli("restart").returncode == 0
        made.until(lambda: "weak-secret" not in made.alarms(), 20, "over")
    finally:
        made.end()
