"""Listens on a socket, and forks for each question."""

from __future__ import annotations

import json
import logging
import signal
import socket
import sys
from pathlib import Path
from socketserver import BaseRequestHandler, ForkingMixIn, UnixStreamServer
from typing import Any

from connectors.carriers.karrio.asking import WRITING
from connectors.carriers.karrio.helper import library
from connectors.carriers.karrio.helper.bridge import Bridge
from connectors.http import Door

log = logging.getLogger("postventa.carriers.karrio")

AT_ONCE = 4
SECONDS = 100
"""That one question may take; its child is killed then."""
LARGEST = 1024 * 1024
TOKENS = 200
"""That are kept; more means that keys change all the time."""
LOOK = 1.0


class Server(ForkingMixIn, UnixStreamServer):
    """`tokens`: what carriers gave for keys. Children tell of new ones through `told`, a message each."""

    max_children = AT_ONCE
    request_queue_size = 64

    def __init__(self, path: str) -> None:
        self.tokens: library.Tokens = {}
        self.listens, self.told = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        for end in (self.listens, self.told):
            end.setblocking(False)
        super().__init__(path, Handler)

    def service_actions(self) -> None:
        """Between two questions."""
        super().service_actions()
        self._learn()

    def _learn(self) -> None:
        while True:
            try:
                said = self.listens.recv(65536)
            except BlockingIOError:
                return
            if len(self.tokens) >= TOKENS:
                self.tokens.clear()
            self.tokens.update(json.loads(said))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """In a child: whoever asked hears nothing, which says enough."""
        log.error("a question to karrio failed: %s", type(sys.exception()).__name__)


class Handler(BaseRequestHandler):
    """In a child of its own, which ends with it."""

    server: Server

    def handle(self) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        heard = self._heard()
        if not heard:
            return  # somebody only looked whether we are here
        question = json.loads(heard)
        door = Door(question["allowed"], authorities=question["authorities"], tries=1)
        bridge = Bridge(door, question["url"], writing=lambda: self.request.sendall(WRITING))
        known = dict(self.server.tokens)
        tokens = dict(known)
        try:
            said = library.answer(question, bridge, tokens)
        except Exception as error:  # a stranger's library may raise anything: the worker is told, and our log
            log.exception("karrio failed", extra={"carrier": question["carrier"], "operation": question["operation"]})
            said = library.failed(error, bridge)
        self.request.sendall(json.dumps(said, default=str).encode())
        for name, token in tokens.items():
            if known.get(name) != token:
                self._tell({name: token})

    def _heard(self) -> bytes:
        heard = bytearray()
        while len(heard) <= LARGEST:
            piece = self.request.recv(65536)
            if not piece:
                return bytes(heard)
            heard += piece
        raise ValueError("a question of more than a megabyte")

    def _tell(self, token: library.Tokens) -> None:
        try:
            self.server.told.send(json.dumps(token, default=str).encode())
        except OSError:
            log.warning("a carrier's token could not be kept: it is asked for again")


def serve(path: Path) -> None:
    """Load karrio, then listen until the process ends. Raises `ImportError` where karrio is not installed."""
    library.load()
    path.unlink(missing_ok=True)
    with Server(str(path)) as server:
        log.info("karrio is loaded", extra={"socket": path.name})
        server.serve_forever(LOOK)
