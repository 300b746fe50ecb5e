"""The demonstration's own service, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from postventa.demo import service
from postventa.demo.folder import Folder, NotOurs, make


class SaysYes(BaseHTTPRequestHandler):
    """Somebody else's service that is ready, and knows no key of ours."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def somebody_else() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), SaysYes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.mark.processes
def test_a_port_that_is_taken_in_the_last_moment_is_given_up_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[Folder] = []
    with somebody_else() as taken:
        monkeypatch.setattr("postventa.demo.folder.free_port", _free_at_first_sight())
        with service.running(tmp_path / "demo", taken, prepared.append) as (folder, process):
            assert process.poll() is None
            assert folder.port != taken
    assert [folder.port == taken for folder in prepared] == [True, False]
    assert process.returncode == 0


def _free_at_first_sight() -> Callable[[int], int]:
    from postventa.demo.folder import free_port

    return lambda wanted: wanted or free_port(0)


@pytest.mark.processes
def test_a_service_that_cannot_start_says_why(tmp_path: Path) -> None:
    def spoil(folder: Folder) -> None:
        folder.config.write_text("[server]\nbindd = 1\n", encoding="utf-8")

    with pytest.raises(service.NotRunning, match="unknown setting"), service.running(tmp_path / "demo", 0, spoil):
        pass


def test_a_folder_in_use_is_refused_before_anything_starts(tmp_path: Path) -> None:
    make(tmp_path / "demo")
    (tmp_path / "demo" / ".postventa-demo").unlink()
    with pytest.raises(NotOurs), service.running(tmp_path / "demo", 0, lambda folder: None):
        pass
