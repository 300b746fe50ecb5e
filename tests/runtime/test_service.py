"""`postventa up` as an operator meets it: the whole service, in real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from tests import programs
from tests.conftest import fresh_postgres
from tests.ports import free_port
from tests.runtime.processes import PATIENCE, alive, children, eventually, memory, slay, threads

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
]

PARTS = {"valkey-server", "pv-web-1", "pv-worker-now-1", "pv-worker-now-2", "pv-worker-later", "pv-clock"}


@dataclass
class Service:
    process: subprocess.Popen[bytes] | programs.Program
    folder: Path
    port: int
    errors: Path

    @property
    def children(self) -> dict[str, int]:
        return children(self.process.pid)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def ready(self, parts: set[str] = PARTS) -> bool:
        try:
            return json.loads(self.get("/readyz")[1])["status"] == "ready" and set(self.children) == parts
        except OSError:
            return False

    def end(self) -> tuple[int, str]:
        self.process.terminate()
        return self.over()

    def over(self) -> tuple[int, str]:
        """Once it has ended: its status and what it said."""
        return self.process.wait(PATIENCE), self.errors.read_text(encoding="utf-8")


def postventa(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return programs.run(programs.CLI, ["--config", str(folder / "config.toml"), *arguments])


def start(folder: Path, port: int, command: str = "up", more: str = "", *, anew: bool = False) -> Service:
    """`anew`: by a Python of its own, as `postventa` does it; else forked (`tests/nursery.py`)."""
    (folder / "config.toml").write_text(f'[server]\nbind = "127.0.0.1:{port}"\n{more}')
    arguments, errors = ["--config", str(folder / "config.toml"), command], folder.with_name(f"{folder.name}.said")
    process: subprocess.Popen[bytes] | programs.Program
    with errors.open("wb") as said:
        if anew:
            process = subprocess.Popen([sys.executable, "-m", programs.CLI, *arguments], stderr=said)
        else:
            process = programs.start(programs.CLI, arguments, programs.DEVNULL, said.fileno())
    return Service(process, folder, port, errors)


def started(folder: Path, *, anew: bool = False) -> Service:
    service = start(folder, free_port(), anew=anew)
    try:
        eventually(lambda: service.ready() or service.process.poll() is not None)
    except AssertionError:
        ended(service)
        raise
    if service.process.poll() is not None:
        pytest.fail(f"it ended by itself: {service.over()[1]}")
    return service


def ended(service: Service) -> None:
    everyone = [service.process.pid, *service.children.values()]
    service.process.kill()
    service.process.wait(PATIENCE)
    eventually(lambda: not any(alive(pid) for pid in everyone))


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Service]:
    """A service for one test."""
    service = started(tmp_path)
    yield service
    ended(service)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that several tests use, each leaving it as it was."""
    service = started(tmp_path_factory.mktemp("lasting"), anew=True)
    yield service
    ended(service)


def test_one_command_starts_everything_and_one_signal_ends_it(up: Service) -> None:
    everyone = list(up.children.values())
    status, said = up.end()
    assert status == 0
    assert not any(alive(pid) for pid in everyone)
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["event"] for line in lines] == ["running", "stopping; a second signal stops at once", "stopped"], "and nothing went wrong"
    assert lines[0]["url"] == f"http://127.0.0.1:{up.port}"
    assert "postventa account link" in lines[0]["accounts"], "the link itself is a key and stands in no log"
    assert "/account/welcome/" not in said


def test_what_it_writes_is_beside_its_configuration_and_for_its_owner_only(lasting: Service) -> None:
    written = {file.name for file in (lasting.folder / "var").iterdir()}
    assert {"postventa.db", "secret.key", "redis"} <= written
    assert {file.name for file in lasting.folder.iterdir()} == {"config.toml", "var"}
    assert (lasting.folder / "var").stat().st_mode & 0o077 == 0
    assert (lasting.folder / "var" / "postventa.db").stat().st_mode & 0o077 == 0


def test_it_costs_little_while_it_waits(lasting: Service) -> None:
    assert threads(lasting.process.pid) == 1
    assert sum(memory(pid) for pid in (lasting.process.pid, *lasting.children.values())) < 250_000


def test_a_second_start_on_the_same_folder_is_refused(lasting: Service) -> None:
    refused = postventa(lasting.folder, "up")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert f"running already on {lasting.folder / 'var'} (process {lasting.process.pid})" in refused.stderr
    assert lasting.ready()


def test_a_taken_port_is_named(lasting: Service, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "config.toml").write_text(f'[server]\nbind = "127.0.0.1:{lasting.port}"\n')
    took = []
    for _ in range(2):
        began = time.monotonic()
        refused = postventa(elsewhere, "up")
        took.append(time.monotonic() - began)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert f"server.bind: port {lasting.port} is taken" in refused.stderr
    assert took[1] < took[0] + 8, "also the second time nobody waits the ten seconds of one that a killed service left behind"


@pytest.mark.parametrize("part", sorted(PARTS))
def test_any_killed_process_comes_back_by_itself(lasting: Service, part: str) -> None:
    victim = lasting.children[part]
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: lasting.children.get(part, victim) != victim)
    eventually(lasting.ready)


def test_deliveries_could_be_taken_while_redis_is_away(lasting: Service) -> None:
    redis = lasting.children["valkey-server"]
    os.kill(redis, signal.SIGSTOP)
    try:
        status, said = lasting.get("/readyz")
        document = json.loads(said)
        assert (status, document["status"], document["checks"]["redis"]["state"]) == (200, "degraded", "warn")
    finally:
        os.kill(redis, signal.SIGCONT)
    eventually(lasting.ready)


def test_it_starts_again_after_everything_was_killed_at_once(up: Service) -> None:
    slay((up.process.pid, *up.children.values()))
    up.process.wait(PATIENCE)
    again = start(up.folder, up.port)
    eventually(again.ready)
    assert again.end()[0] == 0


def test_it_starts_again_at_once_when_only_its_head_was_killed(up: Service) -> None:
    up.process.kill()
    again = start(up.folder, up.port)
    up.process.wait(PATIENCE)
    eventually(again.ready)
    assert again.end()[0] == 0


def test_an_unreadable_redis_file_does_not_keep_the_service_down(up: Service) -> None:
    up.end()
    (file,) = (up.folder / "var" / "redis" / "appendonlydir").glob("*.incr.aof")
    file.write_bytes(b"*nonsense\r\n" * 100)
    again = start(up.folder, up.port)
    eventually(again.ready)
    assert list((up.folder / "var" / "redis").glob("appendonlydir.unreadable-*"))
    assert again.end()[0] == 0


def test_a_restore_waits_until_the_service_stands_still(up: Service) -> None:
    made = postventa(up.folder, "db", "backup", "--json")
    file = json.loads(made.stdout)["file"]
    refused = postventa(up.folder, "db", "restore", "--yes", file)
    assert (refused.returncode, "stop it first" in refused.stderr) == (2, True)
    up.end()
    assert postventa(up.folder, "db", "restore", "--yes", file).returncode == 0


def test_two_settings_lead_to_postgresql_and_to_the_merchants_redis(postgres_uri: str, redis_url: str, tmp_path: Path) -> None:
    with fresh_postgres(postgres_uri) as url:
        service = start(tmp_path, free_port(), more=f'[database]\nurl = "{url}"\n[redis]\nurl = "{redis_url}"\n')
        eventually(lambda: service.ready(PARTS - {"valkey-server"}))
        os.kill(service.children["pv-web-1"], signal.SIGKILL)
        eventually(lambda: service.ready(PARTS - {"valkey-server"}))
        assert not (tmp_path / "var" / "redis").exists()
        assert service.end()[0] == 0


def test_a_redis_that_deletes_jobs_keeps_the_service_from_starting(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'[server]\nbind = "127.0.0.1:{free_port()}"\n[redis]\nurl = "{redis_url}"\n')
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        refused = postventa(tmp_path, "up")
    finally:
        redis.config_set("maxmemory-policy", "noeviction")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1), "one clear line"
    assert 'maxmemory-policy "allkeys-lru"' in refused.stderr


def test_a_database_that_is_away_keeps_the_service_from_starting(tmp_path: Path) -> None:
    more = '[database]\nurl = "postgresql+psycopg://mara:s3cret@127.0.0.1:1/none"\n'
    (tmp_path / "config.toml").write_text(f'[server]\nbind = "127.0.0.1:{free_port()}"\n{more}')
    refused = postventa(tmp_path, "up")
    assert refused.returncode == 2
    assert "postventa: the database does not answer: " in refused.stderr
    assert "s3cret" not in refused.stderr


def test_a_part_alone_wants_a_migrated_database(tmp_path: Path) -> None:
    service = start(tmp_path, free_port(), "web")
    status, said = service.over()
    assert status == 2
    assert "postventa db upgrade" in said


def test_the_web_part_alone_serves_without_redis(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "config.toml").write_text("")
    assert postventa(tmp_path, "db", "upgrade").returncode == 0
    service = start(tmp_path, port, "web")

    def answers() -> bool:
        try:
            return service.get("/healthz")[0] == 200
        except OSError:
            return False

    eventually(answers)
    assert set(service.children) == {"pv-web-1"}
    assert json.loads(service.get("/readyz")[1])["status"] == "degraded"
    assert service.end()[0] == 0
