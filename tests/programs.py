"""The product's programs as processes of their own, started within milliseconds (`tests/nursery.py`).

Whether a program starts from nothing is shown where that matters: `tests/runtime`, `tests/cli` and `tests/demo` start Python for each.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import IO

CLI = "postventa.cli"
DEVNULL = os.open(os.devnull, os.O_RDWR)


@dataclass
class Program:
    """A process, with what tests use of `subprocess.Popen`; the nursery is its parent and tells of its end."""

    pid: int
    report: IO[bytes]
    returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit status (negative: the signal), None while it runs."""
        if self.returncode is None and select.select([self.report], [], [], 0)[0]:
            self._hear()
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Its exit status, once it has one. Raises `TimeoutExpired`."""
        if self.returncode is None and not select.select([self.report], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired([str(self.pid)], timeout)
        return self._hear()

    def send_signal(self, number: signal.Signals) -> None:
        """Nothing if it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _hear(self) -> int:
        if self.returncode is None:
            self.returncode = int(self.report.readline() or "-9")  # nothing: it died with its nursery
            self.report.close()
        return self.returncode


def start(module: str, arguments: list[str], output: int, errors: int, environ: Mapping[str, str] | None = None) -> Program:
    """`python -m module arguments`, its standard output and errors going to these descriptors."""
    ours, theirs = os.pipe()
    document = {"module": module, "arguments": arguments, "environ": dict(os.environ if environ is None else environ)}
    try:
        socket.send_fds(_nursery(), [json.dumps(document).encode()], [theirs, DEVNULL, output, errors])
    finally:
        os.close(theirs)
    report = os.fdopen(ours, "rb", buffering=0)
    return Program(int(report.readline()), report)


def run(module: str, arguments: list[str], environ: Mapping[str, str] | None = None, timeout: float = 100) -> subprocess.CompletedProcess[str]:
    """The same to its end. Raises `TimeoutExpired`."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        program = start(module, arguments, output.fileno(), errors.fileno(), environ)
        try:
            status = program.wait(timeout)
        finally:
            program.kill()
            program.wait(60)
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess([module, *arguments], status, output.read().decode(), errors.read().decode())


@cache
def _nursery() -> socket.socket:
    """The line to this process's nursery; both end together."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", "tests.nursery", str(theirs.fileno())]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    if ours.recv(16) != b"ready":
        raise RuntimeError("the nursery could not load the product")

    def end() -> None:
        ours.close()
        process.wait(60)

    atexit.register(end)
    return ours
