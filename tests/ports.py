"""A port of this machine that is free, and stays so for us until our server listens there: others look for one at the same moment."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

_kept: deque[socket.socket] = deque(maxlen=200)
"""The oldest are given back: their tests are over."""


@contextmanager
def kept_port() -> Iterator[int]:
    """While the block runs nobody else is given it. Whoever connects is refused until a server of ours listens there."""
    with _keeper() as keeper:
        yield _port(keeper)


def free_port() -> int:
    """The same for the rest of a test, and the next ones."""
    _kept.append(_keeper())
    return _port(_kept[-1])


def _keeper() -> socket.socket:
    """A socket that is bound, may be shared (SO_REUSEADDR) and does not listen keeps everybody out but those who ask for this very port, and share it
    too, as servers do (socket(7)).
    """
    keeper = socket.socket()
    keeper.bind(("127.0.0.1", 0))
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return keeper


def _port(keeper: socket.socket) -> int:
    return int(keeper.getsockname()[1])
