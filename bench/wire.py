"""Just enough of HTTP/1.1 to send a request over a raw socket and to know when its answer is whole."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass


def answered(buffer: bytes, at_end: bool) -> tuple[int, bool] | None:
    """(status, whether the connection stays open) once the answer is whole, else None. `at_end`: the server has hung up."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head, have, status = buffer[:end].lower(), len(buffer) - end - 4, int(buffer[9:12])
    stays = not at_end and b"\r\nconnection: close" not in head and head.startswith(b"http/1.1")
    if status in (204, 304):
        return status, stays
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        line_end = head.find(b"\r\n", at + 2)
        length = int(head[at + 17 : line_end if line_end >= 0 else len(head)])
        return (status, stays) if have >= length else None
    if b"\r\ntransfer-encoding: chunked" in head:
        return (status, stays) if buffer.endswith(b"0\r\n\r\n") else None
    return (status, False) if at_end else None


@dataclass(eq=False)
class Connection:
    """One connection and what is on its way over it."""

    address: tuple[str, int]
    sock: socket.socket | None = None
    job: int = -1
    """Which request it carries; -1: none."""
    unsent: bytes = b""
    received: bytes = b""
    fresh: bool = True
    """Nothing has been answered on this socket yet."""
    writing: bool = False
    """We wait until more can be written."""
    resent: bool = False

    def open(self) -> int:
        """Begin to connect; the file descriptor. Raises `OSError` when that fails at once."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.fresh, self.writing = sock, True, True
        code = sock.connect_ex(self.address)
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, os.strerror(code))
        return sock.fileno()

    def push(self) -> bool:
        """Write what can be written; whether all is out. Raises `OSError`."""
        assert self.sock is not None
        try:
            sent = self.sock.send(self.unsent)
        except BlockingIOError:
            sent = 0
        self.unsent = self.unsent[sent:]
        return not self.unsent

    def pull(self) -> bytes | None:
        """What has come; empty when the other side hung up, None when nothing is there yet. Raises `OSError`."""
        assert self.sock is not None
        try:
            return self.sock.recv(65536)
        except BlockingIOError:
            return None
