"""Asking the process that has karrio: one question on one connection to its socket, answered as JSON or not at all.

It says `writing` before it sends the carrier something that cannot be taken back. So a question that was cut off is a doubt only after that.
"""

from __future__ import annotations

import importlib.util
import json
import socket
import time
from typing import Any

from connectors.errors import ConnectorError, InDoubt, Refused
from connectors.reading import Part

ANSWER = 110.0
"""Seconds: a token and two calls, each as long as the HTTP door lets it be."""
CONNECT = 3.0
LARGEST = 24 * 1024 * 1024
"""Bytes: a label is 5 MB at most, and comes as base64."""
WRITING = b"writing\n"
MISSING = "karrio is not installed here, which speaks to this carrier: run `make setup-karrio`, then `postventa restart`"


def installed() -> bool:
    """Whether its packages are there; nothing of them is loaded."""
    return importlib.util.find_spec("karrio") is not None


def ask(path: str, question: dict[str, Any]) -> Part:
    """What it says. Raises `ConnectorError` when nobody answers, `InDoubt` when the carrier may have done what was asked."""
    if not path:
        raise ConnectorError("nobody said where the process with karrio listens")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(CONNECT)
        try:
            connection.connect(path)
            connection.sendall(json.dumps(question).encode())
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            if not installed():
                raise Refused(MISSING) from None
            raise ConnectorError("the process with karrio does not run (yet): it is started when it is needed, within half a minute") from None
        return _understood(_heard(connection))


def _heard(connection: socket.socket) -> bytes:
    until, heard = time.monotonic() + ANSWER, bytearray()
    while len(heard) <= LARGEST:
        connection.settimeout(max(0.01, until - time.monotonic()))
        try:
            piece = connection.recv(65536)
        except OSError:  # too late, or reset
            return bytes(heard)
        if not piece:
            return bytes(heard)
        heard += piece
    return bytes(heard)


def _understood(heard: bytes) -> Part:
    writing, said = heard.startswith(WRITING), heard.removeprefix(WRITING)
    try:
        answer = json.loads(said)
    except ValueError:
        ended = "the process with karrio ended, or took too long, before it answered"
        raise (InDoubt(f"{ended}; the carrier may have done what it was asked") if writing else ConnectorError(ended)) from None
    return Part(answer)
