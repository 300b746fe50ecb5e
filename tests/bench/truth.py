"""A web server that knows what it was sent: it checks signatures its own way and remembers every delivery."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

SECRET = "the-truth"


class Server(ThreadingMixIn, TCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 256


@dataclass
class Truth:
    """What came. `stall_at`: at that delivery it sleeps for half a second; `closes`: it hangs up after each answer."""

    stall_at: int = 0
    closes: bool = False
    orders: list[tuple[int, str]] = field(default_factory=list)
    forged: int = 0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: bytes, given: str) -> int:
        """The status for one delivery."""
        mine = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
        with self.lock:
            if mine != given:
                self.forged += 1
                return 401
            order: dict[str, Any] = json.loads(body)
            self.orders.append((order["id"], order["email"]))
            stalls = len(self.orders) == self.stall_at
        if stalls:
            time.sleep(0.5)
        return 200


@contextmanager
def server(**options: Any) -> Iterator[Truth]:
    """It runs while the block does."""
    truth = Truth(**options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

        def setup(self) -> None:
            super().setup()
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(truth.take(body, self.headers["X-Shopify-Hmac-Sha256"]))
            if truth.closes:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    with Server(("127.0.0.1", 0), Handler) as made:
        truth.port = made.server_address[1]
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield truth
        made.shutdown()
        thread.join()
