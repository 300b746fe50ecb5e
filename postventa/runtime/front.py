"""The front door, an ASGI application (https://asgi.readthedocs.io/en/latest/specs/www.html).

Deliveries are taken right here, on the event loop: no thread waits for the disk, none for a slow sender, and no framework looks at them. Everything
else is a page of the web application and goes to a thread (`pages.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, cast

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from connectors.signing import Lowered
from postventa.directory import Directory, Shops
from postventa.runtime.bodies import OF_SHOPS, Receive, TooBig, read, throw_away
from postventa.runtime.pages import Pages, headers_of
from postventa.web.portal.hosts import name_of
from webhooks.inbox import Inbox, Overloaded, Raw
from webhooks.reception import LATER, PREFIX, TAKEN, Answer, Reception, is_address

log = logging.getLogger("postventa.webhooks")

Send = Callable[[dict[str, Any]], Awaitable[None]]
GONE = Answer(400)
"""The sender hung up; nobody will read it."""
ELSEWHERE = Answer(404)
"""Under a shop's own name there are pages for its customers and nothing else, under the name for photos photos alone."""
SLOW = Answer(408, {"connection": "close"})


class Front:
    """One process's door."""

    def __init__(self, app: Flask) -> None:
        self._directory = cast(Directory, app.extensions["postventa.directory"])
        self._inbox = cast(Inbox, app.extensions["postventa.inbox"])
        self._reception = replace(cast(Reception, app.extensions["postventa.reception"]), shops=lambda: self._directory.known or Shops())
        server = app.extensions["postventa"].settings.server
        self._hops, self._photos = server.trusted_proxies, server.photos_host
        self._pages = Pages(app)
        self._reader = ThreadPoolExecutor(1, "directory")
        self._reading: asyncio.Future[Shops] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """One request."""
        path: str = scope["path"]
        if scope["method"] != "POST" or not path.startswith(PREFIX) or not is_address(path[len(PREFIX) :]):
            await self._pages.answer(scope, receive, send)
            return
        answer = await self._delivery(scope, receive)
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body"})

    async def _delivery(self, scope: dict[str, Any], receive: Receive) -> Answer:
        headers = headers_of(scope)
        refusal = self._reception.unread(headers)
        if refusal is not None:
            await throw_away(receive)
            return refusal
        try:
            body = await read(receive, headers, self._reception.max_body, OF_SHOPS)
            await self._know_shops()
            asked = name_of(host(headers, self._hops))
            if (asked and asked == self._photos) or self._reception.shops().by_pages_host(asked) is not None:
                return ELSEWHERE
            verdict = self._reception.judge(scope["path"][len(PREFIX) :], headers, body, sender(scope, headers, self._hops))
            if not isinstance(verdict, Raw):
                return verdict
            await self._inbox.store_soon(verdict)
        except TooBig:
            return Answer(413)
        except TimeoutError:
            return SLOW
        except EOFError:
            return GONE
        except (Overloaded, SQLAlchemyError) as error:
            log.error("delivery not stored: %s", error if isinstance(error, Overloaded) else type(error).__name__)
            return LATER
        return TAKEN

    async def _know_shops(self) -> None:
        """Have the shops read again when it is time, by a thread: nobody waits for it but the very first."""
        if self._directory.stale and (self._reading is None or self._reading.done()):
            self._reading = asyncio.get_running_loop().run_in_executor(self._reader, self._directory.fresh)
        if self._directory.known is None and self._reading is not None:
            await asyncio.shield(self._reading)


def sender(scope: dict[str, Any], headers: Lowered, hops: int) -> str:
    """The sender's IP address. `hops`: how many proxies of our own add one to `X-Forwarded-For`, as werkzeug's `ProxyFix` counts them."""
    return _forwarded(headers, "x-forwarded-for", hops) or (scope.get("client") or ("", 0))[0]


def host(headers: Lowered, hops: int) -> str:
    """The name that was asked for, counted in the same way."""
    return _forwarded(headers, "x-forwarded-host", hops) or headers.get("host", "")


def _forwarded(headers: Lowered, name: str, hops: int) -> str:
    told = [value.strip() for value in headers.get(name, "").split(",") if value.strip()]
    return told[-hops] if 0 < hops <= len(told) else ""
