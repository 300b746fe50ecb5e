"""Connections that are cut when the greeting takes too long: a server that sends one byte every few seconds outlasts any time-out that counts from
the last byte, in the handshake of TLS as in the headers."""

from __future__ import annotations

import contextlib
import socket
import threading

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse


class _Watch:
    """Cuts a connection when its time is over. It holds a descriptor of its own: TLS takes the socket's away."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self.late = False
        self._sock = sock.dup()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        self._timer.cancel()
        self._sock.close()

    def _cut(self) -> None:
        self.late = True
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)


class InTime(HTTPConnection):
    """`seconds`: from the moment in which the connection stands until all headers are here."""

    seconds = 30.0
    _watch: _Watch | None = None
    _late = False

    def connect(self) -> None:
        try:
            super().connect()
        except OSError:
            self._raise_if_late()
            raise

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own
        try:
            response = super().getresponse()
        except Exception:
            self._raise_if_late()
            raise
        self._end()
        if self._late:  # a cut looks like the end of the headers
            response.close()
            self._raise_if_late()
        return response

    def close(self) -> None:
        self._end()
        super().close()

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        self._watch = _Watch(sock, self.seconds)
        return sock

    def _raise_if_late(self) -> None:
        self._end()
        if self._late:
            raise TimeoutError("the server took too long to say anything whole") from None

    def _end(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.end()
            self._late = watch.late


class InTimeOverTls(InTime, HTTPSConnection):
    """The same over TLS."""
