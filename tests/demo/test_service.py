"""The demonstration's own service, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import Path

import pytest

from postventa.demo import data, sender, service
from postventa.demo.folder import Folder, NotOurs, make
from tests.ports import kept_port


class SaysYes(BaseHTTPRequestHandler):
    """Somebody else's service that is ready, and knows no key of ours."""

    answers: Iterator[int] = repeat(401)

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(next(self.answers))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def somebody_else(handler: type[SaysYes] = SaysYes) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.mark.processes
def test_a_port_that_is_taken_in_the_last_moment_is_given_up_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[Folder] = []
    with somebody_else() as taken, kept_port() as free:
        monkeypatch.setattr("postventa.demo.folder.free_port", lambda wanted: wanted or free)  # at first sight
        with service.running(tmp_path / "demo", taken, prepared.append) as (folder, process):
            assert process.poll() is None
            assert folder.port != taken
    assert [folder.port == taken for folder in prepared] == [True, False]
    assert process.returncode == 0


def test_a_shop_that_hears_of_a_busy_disk_sends_its_delivery_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "PAUSE", 0.0)
    folder, delivery = make(tmp_path / "demo"), next(one for one in data.deliveries() if one.sender == "shop")
    for busy, status in ((2, 200), (sender.TRIES, 503)):
        answers = iter([503] * busy + [200])
        with somebody_else(type("Busy", (SaysYes,), {"answers": answers})) as port:
            assert sender.send(replace(folder, port=port), delivery).status == status
        assert len(list(answers)) == (0 if status == 200 else 1), "it comes again, and not for ever"


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
