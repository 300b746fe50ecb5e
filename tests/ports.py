"""A port of this machine that is free, and stays so for us until our server listens there: others look for one at the same moment."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_port() -> Iterator[int]:
    """While the block runs nobody else is given it. Whoever connects is refused until a server of ours listens, which all of them may: they set
    SO_REUSEADDR.
    """
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        yield int(keeper.getsockname()[1])
