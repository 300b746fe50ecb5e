"""Pages and the API: the web application, a WSGI one (PEP 3333), in threads behind the front door."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, Any

from connectors.signing import Lowered
from postventa.runtime.bodies import OF_PEOPLE, Receive, TooBig, read

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger("postventa.web")

THREADS = 20
"""As many as there are connections to the database (`Service.engine`)."""
LARGEST = 64 * 1024 * 1024
"""Bytes of a request; each form has a limit of its own below that."""

Page = tuple[int, list[tuple[str, str]], bytes]


class Pages:
    """The application's threads."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(THREADS, "page")

    async def answer(self, scope: dict[str, Any], receive: Receive, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """One request, whole: what slow visitors send and fetch occupies no thread."""
        status, headers, content = await self._page(scope, receive)
        said = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": said})
        await send({"type": "http.response.body", "body": content})

    async def _page(self, scope: dict[str, Any], receive: Receive) -> Page:
        headers = headers_of(scope)
        try:
            body = await read(receive, headers, LARGEST, OF_PEOPLE)
        except TooBig:
            return 413, [], b""
        except (TimeoutError, EOFError) as error:
            return 408 if isinstance(error, TimeoutError) else 400, [("Connection", "close")], b""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, environment(scope, headers, body))
        except Exception:
            log.exception("a request could not be answered: %s", scope["method"])
            return 500, [], b""

    def _run(self, environ: dict[str, Any]) -> Page:
        begun: list[tuple[int, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> Any:
            begun[:] = [(int(status.split(" ", 1)[0]), headers)]

        pieces = self._application(environ, start_response)
        try:
            content = b"".join(pieces)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        status, headers = begun[0]
        return status, headers, content


def headers_of(scope: dict[str, Any]) -> Lowered:
    """The headers by lower-case name; one that came twice keeps both values, so that no check can be fooled by the order."""
    found = Lowered()
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]}{'; ' if key == 'cookie' else ','}{text}" if key in found else text
    return found


def environment(scope: dict[str, Any], headers: Lowered, body: bytes) -> dict[str, Any]:
    """What WSGI calls a request."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ.pop("HTTP_TRANSFER_ENCODING", None)  # the body is whole by now
    return environ | {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "CONTENT_TYPE": environ.pop("HTTP_CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
