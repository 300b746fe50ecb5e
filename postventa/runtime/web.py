"""The web server: granian's ASGI worker, run in a process of our own supervisor on a socket that the supervisor holds.

The listening socket outlives a killed web process: connections wait in its queue for the few hundred milliseconds until the next one
accepts them, instead of being refused.
"""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

from postventa.config import ConfigError, Settings

Application = Callable[[dict[str, Any], Callable[[], Awaitable[dict[str, Any]]], Callable[[dict[str, Any]], Awaitable[None]]], Awaitable[None]]
"""ASGI."""

BACKLOG = 2048
HEADERS = 16 * 1024
"""Bytes of request headers that are read, at most."""


def listen(settings: Settings, wait: float = 0) -> socket.socket:
    """The listening socket. Raises `ConfigError` when the address cannot be had within `wait` seconds."""
    family = socket.AF_INET6 if ":" in settings.server.host else socket.AF_INET
    deadline = time.monotonic() + wait
    while True:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((settings.server.host, settings.server.port))
            sock.listen(BACKLOG)
        except OSError as error:
            sock.close()
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise ConfigError(_why_not(settings, error)) from None
        return sock


def _why_not(settings: Settings, error: OSError) -> str:
    where, port = settings.server.bind, settings.server.port
    if error.errno == errno.EADDRINUSE:
        return (
            f"{settings.source}: server.bind: port {port} is taken by another program. Stop that program, or choose another port, "
            f'such as bind = "{settings.server.host}:{port + 1}".'
        )
    if error.errno == errno.EACCES:
        return f"{settings.source}: server.bind: only root may listen on port {port}; choose one above 1023."
    return f'{settings.source}: server.bind: cannot listen on "{where}": {error.strerror or error}'


def serve(listening: socket.socket, application: Callable[[], Application]) -> None:
    """Answer requests on `listening` with what `application()` makes, until SIGTERM; then finish those in hand."""
    from granian._granian import SocketHolder
    from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    os.set_blocking(listening.fileno(), False)
    server: Any = MPServer(
        "postventa.app:create_app",
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,  # guessing the version has no time limit, and drops a connection that has said nothing yet when the server ends
        runtime_mode=RuntimeModes.mt,
        loop=Loops.asyncio,
        backlog=BACKLOG,
        backpressure=BACKLOG // 2,
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=HEADERS, header_read_timeout=30_000),
        log_level=LogLevels.warning,
        log_dictconfig={"formatters": {}, "handlers": {}, "loggers": {}},
    )
    # MPServer would bind, fork and watch; our supervisor has done all three, so its worker runs right here.
    holder: Any = SocketHolder
    server._ssp, server._shd, server._sso, server._ipc = None, holder(listening.fileno(), False, BACKLOG), None, {0: (None, None)}
    server._spawn_worker(0, server._spawn_asgi_worker, application).inner.run()
