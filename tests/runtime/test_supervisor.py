"""Real processes, really killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from postventa.redis_address import socket_path
from postventa.runtime.supervisor import PAUSES
from tests.ports import free_port
from tests.runtime.processes import PATIENCE, alive, children, eventually, slay, threads

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
]

NAMES = {"pv-web", "pv-worker", "valkey-server"}


@dataclass
class Tree:
    process: subprocess.Popen[str]
    folder: Path
    port: int

    @property
    def children(self) -> dict[str, int]:
        return children(self.process.pid)

    @property
    def redis(self) -> Redis:
        return Redis(unix_socket_path=str(socket_path(self.folder / "var")))

    def up(self) -> bool:
        try:
            self.get("/")
            return set(self.children) >= NAMES and self.answers()
        except OSError:
            return False

    def answers(self) -> bool:
        try:
            with self.redis as client:
                return bool(client.ping())
        except RedisError:
            return False

    def get(self, path: str, body: bytes | None = None) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", body, timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, list[dict[str, object]]]:
        """The exit status and what was logged."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, [json.loads(line) for line in said.splitlines()]


def start(folder: Path, *flags: str) -> Tree:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.runtime.tree", str(folder), str(port), *flags], stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    tree = Tree(process, folder, port)
    try:
        eventually(tree.up)
    except AssertionError:
        process.kill()
        _, said = process.communicate()
        pytest.fail(f"the tree does not start:\n{said}")
    return tree


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    tree = start(tmp_path)
    yield tree
    everyone = [tree.process.pid, *tree.children.values()]
    tree.process.kill()
    if tree.process.stderr and not tree.process.stderr.closed:
        tree.process.communicate()
    eventually(lambda: not any(alive(pid) for pid in everyone))


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_killed_process_comes_back_by_itself(tree: Tree, name: str) -> None:
    victim = tree.children[name]
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: tree.children.get(name, victim) != victim)
    eventually(tree.up)
    _, lines = tree.end()
    assert any(line["event"] == "a process ended and is started again" and line["how"] == "SIGKILL" for line in lines)


def test_no_request_is_refused_while_the_web_process_is_killed(tree: Tree) -> None:
    first = tree.get("/")
    os.kill(tree.children["pv-web"], signal.SIGKILL)
    assert tree.get("/") != first


def test_redis_keeps_what_it_had_when_it_is_killed(tree: Tree) -> None:
    with tree.redis as client:
        client.set("left", "behind")
    os.kill(tree.children["valkey-server"], signal.SIGKILL)
    eventually(tree.answers)
    with tree.redis as client:
        assert client.get("left") == b"behind"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything_cleanly(tree: Tree, number: signal.Signals) -> None:
    everyone = list(tree.children.values())
    assert tree.end(number)[0] == 0
    assert not any(alive(pid) for pid in everyone)


def test_no_child_outlives_a_killed_supervisor(tree: Tree) -> None:
    everyone = list(tree.children.values())
    tree.process.kill()
    eventually(lambda: not any(alive(pid) for pid in everyone))


def test_a_start_after_everything_was_killed_finds_everything_where_it_was(tree: Tree) -> None:
    with tree.redis as client:
        client.set("left", "behind")
    slay((tree.process.pid, *tree.children.values()))
    tree.process.communicate()
    again = start(tree.folder)
    with again.redis as client:
        assert client.get("left") == b"behind"
    assert again.end()[0] == 0


def test_work_in_hand_is_finished_before_the_end(tmp_path: Path) -> None:
    tree = start(tmp_path, "--slow")
    answers: list[str] = []
    asker = threading.Thread(target=lambda: answers.append(tree.get("/slow")))
    asker.start()
    eventually((tmp_path / "asked").exists)
    redis_pid = tree.children["valkey-server"]
    status, _ = tree.end()
    asker.join()
    assert (status, (tmp_path / "ended").read_text(), len(answers)) == (0, "worker\n", 1)
    assert not alive(redis_pid)


def test_a_second_signal_ends_everything_at_once(tmp_path: Path) -> None:
    tree = start(tmp_path, "--stuck")
    everyone = list(tree.children.values())
    tree.process.send_signal(signal.SIGTERM)
    eventually(lambda: "pv-web" not in tree.children)
    status, _ = tree.end()
    assert status == 1
    assert not (tmp_path / "ended").exists()
    assert not any(alive(pid) for pid in everyone)


def test_what_keeps_dying_is_tried_ever_more_slowly(tmp_path: Path) -> None:
    tree = start(tmp_path, "--crash")
    eventually(lambda: (tmp_path / "born").exists() and len(births(tmp_path)) > 3)
    _, lines = tree.end()
    first, second, third, fourth = births(tmp_path)[:4]
    assert (second - first >= PAUSES[0], third - second >= PAUSES[1], fourth - third >= PAUSES[2]) == (True, True, True)
    deaths = [line for line in lines if line.get("process") == "crash"]
    assert deaths[0]["how"] == "exit status 3"


def births(folder: Path) -> list[float]:
    """When the one that keeps dying was started (monotonic)."""
    return [float(line) for line in (folder / "born").read_text().split()]


def test_the_supervisor_has_one_thread_and_no_connection(tree: Tree) -> None:
    assert threads(tree.process.pid) == 1
    opened = [str(entry.readlink()) for entry in Path(f"/proc/{tree.process.pid}/fd").iterdir()]
    assert sum(name.startswith("socket:") for name in opened) == 1, "the listening socket, and nothing else"


def test_large_bodies_arrive_and_large_headers_do_not(tree: Tree) -> None:
    assert tree.get("/echo", b"x" * 3_000_000).endswith(" 3000000")
    request = urllib.request.Request(f"http://127.0.0.1:{tree.port}/", headers={"X-Long": "x" * 40_000})
    with pytest.raises(urllib.error.HTTPError, match="431"):
        urllib.request.urlopen(request, timeout=PATIENCE)
