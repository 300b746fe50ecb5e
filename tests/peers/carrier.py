"""Somebody else's carrier: a REST service that makes return labels, remembers what it was asked, and can be made to misbehave.

| request | answers |
|---|---|
| `POST /v1/return-labels` with `Idempotency-Key` | 201 with the label; 200 with the same one for a key that it knows |
| `GET /v1/return-labels?reference=` | `{"labels": [...]}`: what it made under our reference |
| `DELETE /v1/return-labels/<id>` | 204: given back |
| `GET /v1/tracking/<number>` | `{"scans": [...]}`, oldest first |

Each wants `Authorization: Bearer <KEY>`. `idempotent=False` makes it one of those that ignore the key and sell a second label.
"""

from __future__ import annotations

import base64
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pypdf import PdfWriter

KEY = "k-rapido-0001"
LABELS = "/v1/return-labels"


@dataclass(eq=False)
class Fault:
    """What happens to one kind of request instead of the usual."""

    method: str
    status: int = 0
    """Answered instead; 0: the usual answer."""
    after: bool = False
    """It did what it was asked before it misbehaves."""
    cut: bool = False
    """The line breaks instead of an answer."""
    html: bool = False
    """The answer is a page for people."""
    delay: float = 0.0
    """Seconds before the answer."""
    retry_after: str = ""
    times: int = 1_000_000
    met: int = 0


@dataclass
class Rapido:
    """What the carrier knows."""

    port: int = 0
    idempotent: bool = True
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """(method, path, idempotency key or empty)."""
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Its id -> label; given back ones stay, with `void`."""
    scans: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def made(self, reference: str) -> list[dict[str, Any]]:
        return [label for label in tuple(self.labels.values()) if label["reference"] == reference]

    @contextmanager
    def having(self, *faults: Fault) -> Iterator[Fault]:
        """Misbehave so while the block runs; yields the first, which counts how often it was met."""
        self.faults += faults
        try:
            yield faults[0]
        finally:
            for fault in faults:
                self.faults.remove(fault)

    def met(self, method: str) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self.faults if fault.method == method and fault.met < fault.times), None)
            if fault is not None:
                fault.met += 1
            return fault

    def make(self, key: str, wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            known = next((label for label in self.labels.values() if label["key"] == key), None) if key and self.idempotent else None
            if known is not None:
                return 200, known
            number = f"RP{len(self.labels) + 1:09d}ES"
            label = {"id": f"lbl_{len(self.labels) + 1}", "key": key, "reference": wanted["reference"], "tracking_number": number}
            label |= {"price": "4.35", "currency": "EUR", "void": False, "pdf": base64.b64encode(paper(wanted["reference"])).decode()}
            self.labels[str(label["id"])] = label
            return 201, label

    def void(self, label_id: str) -> tuple[int, dict[str, Any]]:
        if label_id not in self.labels:
            return 404, {"error": "no such label"}
        self.labels[label_id]["void"] = True
        return 204, {}


def paper(reference: str) -> bytes:
    """A PDF that says whose label it is."""
    writer, buffer = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=298, height=420)
    writer.add_metadata({"/Title": reference})
    writer.write(buffer)
    return buffer.getvalue()


class _Handler(BaseHTTPRequestHandler):
    carrier: Rapido
    timeout = 60

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.carrier.asked.append((self.command, self.path, self.headers.get("Idempotency-Key") or ""))
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self._say(401, {"error": "who are you?"})
            return
        fault = self.carrier.met(self.command)
        if fault is None:
            self._say(*self._answer(body))
        else:
            self._misbehave(fault, body)

    do_POST = do_DELETE = do_GET  # noqa: N815 - http.server looks for these names

    def _misbehave(self, fault: Fault, body: bytes) -> None:
        status, document = self._answer(body) if fault.after or not (fault.status or fault.cut or fault.html) else (0, {})
        time.sleep(fault.delay)
        if fault.cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault.html:
            self._send(fault.status or 200, "text/html", b"<!doctype html><title>Mantenimiento</title><p>Volvemos enseguida.")
        else:
            self._say(fault.status or status, document if not fault.status else {"error": "no"}, fault.retry_after)

    def _answer(self, body: bytes) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(self.path)
        if (self.command, parts.path) == ("POST", LABELS):
            return self.carrier.make(self.headers.get("Idempotency-Key") or "", json.loads(body))
        if (self.command, parts.path) == ("GET", LABELS):
            return 200, {"labels": self.carrier.made(parse_qs(parts.query).get("reference", [""])[0])}
        if self.command == "DELETE" and parts.path.startswith(f"{LABELS}/"):
            return self.carrier.void(parts.path.rpartition("/")[2])
        if self.command == "GET" and parts.path.startswith("/v1/tracking/"):
            return 200, {"scans": self.carrier.scans.get(parts.path.rpartition("/")[2], [])}
        return 404, {"error": "no such thing"}

    def _say(self, status: int, document: dict[str, Any], retry_after: str = "") -> None:
        self._send(status, "application/json", json.dumps(document).encode() if status != 204 else b"", retry_after)

    def _send(self, status: int, kind: str, body: bytes, retry_after: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gave it
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever is killed while it asks hangs up in mid-sentence: that is what this is for."""


@contextmanager
def rapido(**options: Any) -> Iterator[Rapido]:
    """Run one on a free port."""
    carrier = Rapido(**options)
    server = _Server(("127.0.0.1", 0), type("Bound", (_Handler,), {"carrier": carrier}))
    carrier.port = int(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield carrier
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
