"""A mail server that takes everything and writes one line for each mail: when (epoch seconds), for whom, Message-ID, bytes, connection.

    python -m bench.sink LOG [--delay-ms 20]

prints its port. Mail is counted, never kept. `--delay-ms` answers MAIL, RCPT, DATA and the final dot that much later, as a real provider does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
import time
from pathlib import Path

from bench.processes import Started, run, until

MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r\n[ \t]+)?<?([^>\r\n]*)", re.IGNORECASE | re.MULTILINE)
END = b"\r\n.\r\n"
EHLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 33554432\r\n"
ANSWERS = {b"EHLO": EHLO, b"HELO": b"250 sink\r\n", b"NOOP": b"250 ok\r\n", b"RSET": b"250 2.0.0 ok\r\n"}


class Book:
    """The log; lines stay whole."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._waiting: list[bytes] = []
        self.connections = 0

    def add(self, recipients: list[bytes], data: bytes, connection: int) -> None:
        """One mail whose final dot has just arrived."""
        found = MESSAGE_ID.search(data[: max(0, data.find(b"\r\n\r\n")) or len(data)])
        fields = (b",".join(recipients), found[1].strip() if found else b"-", len(data), connection)
        self._waiting.append(b"%.6f\t%s\t%s\t%d\t%d\n" % (time.time(), *fields))
        if len(self._waiting) >= 500:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            os.write(self._file, b"".join(self._waiting))
            self._waiting.clear()


class Session(asyncio.Protocol):
    """One connection. Pipelined commands are answered in order."""

    def __init__(self, book: Book, delay: float) -> None:
        self._book, self._delay = book, delay
        self._buffer, self._in_data, self._paused, self._in_mail = b"", False, False, False
        self._recipients: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._book.connections += 1
        self._number = self._book.connections
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._work()

    def _work(self) -> None:
        """Handle whatever is whole, unless a delayed answer is due first."""
        replies = []
        while not self._paused:
            reply = self._take_message() if self._in_data else self._take_command()
            if reply is None:
                break
            if self._delay and self._in_mail and reply[:3] in (b"250", b"354"):
                self._paused = True
                asyncio.get_running_loop().call_later(self._delay, self._resume, reply)
                break
            replies.append(reply)
        if replies:
            self._transport.write(b"".join(replies))

    def _resume(self, reply: bytes) -> None:
        self._paused = False
        if not self._transport.is_closing():
            self._transport.write(reply)
            self._work()

    def _take_command(self) -> bytes | None:
        line, found, rest = self._buffer.partition(b"\n")
        if not found:
            return None
        self._buffer, line = rest, line.rstrip(b"\r")
        verb = line[:4].upper()
        if verb == b"MAIL":
            self._recipients, self._in_mail = [], True
            return b"250 2.1.0 ok\r\n"
        if verb == b"RCPT":
            self._recipients.append(line[line.find(b"<") + 1 : line.rfind(b">")])
            return b"250 2.1.5 ok\r\n"
        if verb == b"DATA" and self._recipients:
            self._in_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self._transport.write(b"221 2.0.0 bye\r\n")
            self._transport.close()
            return None
        return ANSWERS.get(verb, b"502 5.5.2 not here\r\n")

    def _take_message(self) -> bytes | None:
        if self._buffer.startswith(b".\r\n"):
            data, self._buffer = b"", self._buffer[3:]
        else:
            end = self._buffer.find(END)
            if end < 0:
                return None
            data, self._buffer = self._buffer[: end + 2], self._buffer[end + 5 :]
        self._in_data = False
        self._book.add(self._recipients, data, self._number)
        return b"250 2.0.0 taken\r\n"


async def serve(log: Path, delay: float) -> None:
    """Until SIGTERM or SIGINT."""
    book, loop, stop = Book(log), asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(lambda: Session(book, delay), "127.0.0.1", 0, backlog=1024)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    while not stop.is_set():
        with_timeout = asyncio.wait_for(stop.wait(), 0.1)
        try:
            await with_timeout
        except TimeoutError:
            book.flush()
    book.flush()
    server.close()


class Sink:
    """It as a child of ours, for a `with` block."""

    def __init__(self, folder: Path, delay_ms: float = 0) -> None:
        self.log = folder / "mails"
        self._folder, self._delay = folder, delay_ms
        self._started: Started | None = None
        self.port = 0

    def __enter__(self) -> Sink:
        said = self._folder / "sink.log"
        self.log.touch()
        self._started = child = run([sys.executable, "-m", "bench.sink", str(self.log), "--delay-ms", str(self._delay)], said)
        until(lambda: "\n" in child.said() or not child.alive, 20, child.said)
        self.port = int(child.said())
        return self

    def __exit__(self, *_: object) -> None:
        if self._started is not None:
            self._started.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.sink", description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("--delay-ms", type=float, default=0)
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.log, chosen.delay_ms / 1000))
    return 0


if __name__ == "__main__":
    sys.exit(main())
