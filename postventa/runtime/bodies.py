"""A request's body, from a sender who may be slow, or send more than anybody wants (ASGI, https://asgi.readthedocs.io/en/latest/specs/www.html)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from connectors.signing import Lowered
from webhooks.reception import announced

PATIENCE, SLOWEST = 2.0, 64 * 1024
"""Seconds for a body of any size, and the bytes a second that are expected beyond that: whoever needs longer is no shop, or gave up long ago."""
REFUSED, REFUSED_WITHIN = 64 * 1024 * 1024, 2.0
"""Bytes and seconds for which a refused body is listened to before the answer."""

Receive = Callable[[], Awaitable[dict[str, Any]]]


class TooBig(Exception):
    """The body has more bytes than are wanted."""


async def read(receive: Receive, headers: Lowered, most: int) -> bytes:
    """The body. Raises `TooBig` when it is over, `TimeoutError`, and `EOFError` when the sender hung up."""
    length = announced(headers)
    if length > most:
        await throw_away(receive)
        raise TooBig
    pieces, size, loop = list[bytes](), 0, asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(PATIENCE + length / SLOWEST) as deadline:
        while size <= most:
            piece, more = await _piece(receive)
            pieces.append(piece)
            size += len(piece)
            if not more:
                break
            if size > length:
                deadline.reschedule(began + PATIENCE + size / SLOWEST)
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
