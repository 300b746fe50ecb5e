"""A server on this machine that answers as it is told."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Peer:
    """A server on this machine that answers as it is told and remembers what it was asked."""

    server: ThreadingHTTPServer
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    write: Callable[[Any], object] | None = None

    def answer(self, document: Any, status: int = 200, **headers: str) -> None:
        """The next answer: `document` as JSON."""
        self.answers.append((status, headers, json.dumps(document).encode()))

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


class Handler(BaseHTTPRequestHandler):
    peer: Peer

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.peer.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        if self.peer.write is not None:
            self.peer.write(self)
            return
        status, headers, body = self.peer.answers.pop(0) if self.peer.answers else (200, {}, b'{"ok":true}')
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - http.server looks for this name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gave it
        """Say nothing."""


def serve(context: ssl.SSLContext | None) -> Iterator[Peer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {}))
    peer = Peer(server)
    server.RequestHandlerClass.peer = peer  # type: ignore[attr-defined]
    if context is not None:
        context.sni_callback = lambda sock, name, ctx: peer.names.append(name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield peer
    server.shutdown()
    server.server_close()
    thread.join()
