"""A request's body, from a sender who may be slow, or send more than anybody wants (ASGI, https://asgi.readthedocs.io/en/latest/specs/www.html)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from connectors.signing import Lowered
from webhooks.reception import announced


@dataclass(frozen=True)
class Pace:
    """Seconds for a body of any size, and the bytes a second that are expected beyond that."""

    patience: float
    slowest: float


OF_SHOPS = Pace(2.0, 64 * 1024)
"""Whoever needs longer is no shop, or gave up long ago."""
OF_PEOPLE = Pace(20.0, 4 * 1024)
"""A photograph from a telephone on a train takes a while."""
REFUSED, REFUSED_WITHIN = 64 * 1024 * 1024, 2.0
"""Bytes and seconds for which a refused body is listened to before the answer."""

Receive = Callable[[], Awaitable[dict[str, Any]]]


class TooBig(Exception):
    """The body has more bytes than are wanted."""


async def read(receive: Receive, headers: Lowered, most: int, pace: Pace) -> bytes:
    """The body. Raises `TooBig` when it is over, `TimeoutError`, and `EOFError` when the sender hung up."""
    if announced(headers) > most:
        await throw_away(receive)
        raise TooBig
    pieces, size, began = list[bytes](), 0, asyncio.get_running_loop().time()
    async with asyncio.timeout(pace.patience) as deadline:
        while size <= most:
            piece, more = await _piece(receive)
            pieces.append(piece)
            size += len(piece)
            if not more:
                break
            deadline.reschedule(began + pace.patience + size / pace.slowest)  # for what came, not for what was announced
    if size > most:
        await throw_away(receive)
        raise TooBig
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def throw_away(receive: Receive) -> None:
    """Most senders look for an answer only when all of theirs is out; one that is cut off sees a broken connection and no 413."""
    left, more = REFUSED, True
    try:
        async with asyncio.timeout(REFUSED_WITHIN):
            while left > 0 and more:
                piece, more = await _piece(receive)
                left -= len(piece)
    except (TimeoutError, EOFError):
        return


async def _piece(receive: Receive) -> tuple[bytes, bool]:
    said = await receive()
    if said["type"] != "http.request":
        raise EOFError("the sender hung up")
    return said.get("body", b""), said.get("more_body", False)
