"""A shop's API as a scriptable peer: it answers from what it holds, records every call with its time, and can be made to misbehave."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Call:
    """What was asked, and when (`time.monotonic`)."""

    at: float
    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    """By their names in small letters."""


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int = 200
    document: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    html: str = ""
    pdf: bytes = b""
    silent: bool = False
    """Never answered: the connection stands open until the peer ends."""
    cut: bool = False
    """The line breaks instead of an answer."""

    @property
    def kind(self) -> str:
        return (
            ("image/png" if self.pdf.startswith(b"\x89PNG") else "application/pdf") if self.pdf else "text/html" if self.html else "application/json"
        )

    @property
    def body(self) -> bytes:
        return self.pdf or (self.html.encode() if self.html else json.dumps(self.document).encode())


@dataclass(eq=False)
class Fault:
    """What happens to one kind of call instead of the usual. `holds`: what stands in its path or body; `after`: it did what it was asked before."""

    method: str
    reply: Reply
    holds: str = ""
    after: bool = False
    times: int = 1
    met: int = 0

    def fits(self, call: Call) -> bool:
        return self.met < self.times and call.method == self.method and (self.holds in call.path or self.holds.encode() in call.body)


SLOW_DOWN = Reply(429, {"code": "too_many", "message": "slow down"}, (("Retry-After", "2"),))
BROKEN = Reply(503, {"code": "maintenance"})
LOGIN_PAGE = Reply(200, html="<!doctype html><title>Log in</title>")
REVOKED = Reply(401, {"code": "woocommerce_rest_authentication_error", "message": "Consumer key is invalid."})
SILENCE = Reply(silent=True)
CUT = Reply(cut=True)


@dataclass
class ShopPeer:
    """`answer` is what its platform says; `trouble`, while set, is said instead."""

    trouble: Reply | None = None
    slowness: float = 0.0
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    port: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, call: Call) -> Reply:
        """By the platform's own rules."""
        raise NotImplementedError

    def heard(self, call: Call) -> Reply:
        self.calls.append(call)
        time.sleep(self.slowness)
        reply = self.trouble or self._at_fault(call) or self.answer(call)
        if reply.silent:
            self._over.wait(60)
        return reply

    def _at_fault(self, call: Call) -> Reply | None:
        fault = next((fault for fault in self.faults if fault.fits(call)), None)
        if fault is None:
            return None
        fault.met += 1
        if fault.after:
            self.answer(call)
        return fault.reply

    @contextmanager
    def open(self) -> Iterator[ShopPeer]:
        """Listen on a free port until the block ends."""
        server = _Server(("127.0.0.1", 0), type("Bound", (_Handler,), {"peer": self}))
        self.port = int(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            server.shutdown()
            server.server_close()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    """Whoever comes while this process has no turn waits in the queue; one that is full makes the kernel try again after a second, and three."""


class _Handler(BaseHTTPRequestHandler):
    peer: ShopPeer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = self.peer.heard(
            Call(time.monotonic(), self.command, parts.path, query, body, {name.lower(): value for name, value in self.headers.items()})
        )
        if reply.silent or reply.cut:
            return
        self.send_response(reply.status)
        for name, value in (("Content-Type", reply.kind), *reply.headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server looks for these names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gave it
        """Say nothing."""
