"""A process that has loaded the product once and forks it from then on: what `python -m tests.nursery` is to `tests/programs.py`.

Loading takes a command two seconds of a processor and a service three, and the tests run hundreds of them. A fork is what `postventa up` itself
starts its parts with, so nothing that is loaded opens a connection or starts a thread.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from postventa.runtime.orphans import die_with

LARGEST = 200_000
"""Bytes of one order: the environment and the arguments."""
BESIDE = ("alembic.command", "postventa.migrations", "psycopg", "rich.console", "rich.table", "sqlalchemy.dialects.postgresql.psycopg")
"""What commands load when they need it."""


def serve(line: socket.socket) -> dict[str, Any]:
    """Fork a child for each order that comes over the line. Returns in the child, with its order; never in this process, which ends with the line."""
    nurse, children = os.getpid(), dict[int, tuple[int, int]]()
    line.send(b"ready")
    while True:
        ready, _, _ = select.select([line.fileno(), *children], [], [])
        for watch in children.keys() & set(ready):
            _tell_the_end(watch, *children.pop(watch))
        if line.fileno() not in ready:
            continue
        body, descriptors, _, _ = socket.recv_fds(line, LARGEST, 4)
        if not body:
            sys.exit(0)
        report, *streams = descriptors
        pid = os.fork()
        if pid == 0:
            die_with(nurse)
            _let_go(line, report, children)
            return _become(json.loads(body), streams)
        os.write(report, f"{pid}\n".encode())
        children[os.pidfd_open(pid)] = (pid, report)
        for stream in streams:
            os.close(stream)


def _tell_the_end(watch: int, pid: int, report: int) -> None:
    _, status = os.waitpid(pid, 0)
    try:
        os.write(report, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    except BrokenPipeError:
        pass  # the test is over
    os.close(report)
    os.close(watch)


def _let_go(line: socket.socket, report: int, children: dict[int, tuple[int, int]]) -> None:
    """Of what belongs to this process only."""
    line.close()
    os.close(report)
    for watch, (_, other) in children.items():
        os.close(watch)
        os.close(other)


def _become(order: dict[str, Any], streams: list[int]) -> dict[str, Any]:
    """As the order's program would have been started: its streams, environment, arguments, and what modules looked at when they were loaded."""
    from postventa import clock, failpoints

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["environ"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["", *order["arguments"]]
    sys.orig_argv = [sys.executable, "-m", order["module"], *order["arguments"]]
    failpoints._folder = Path(os.environ[failpoints.VARIABLE]) if os.environ.get(failpoints.VARIABLE) else None
    clock._wall = clock._shifted if failpoints.armed() else time.time
    clock._anchor = clock._wall() - time.clock_gettime(clock._TICKS)
    return order


def load() -> None:
    """All that a service and its commands are made of, as patient as a machine wants that many tests share: a disk that stands still for some seconds
    locks nobody out, and refuses no delivery.
    """
    from postventa.cli import COMMANDS
    from postventa.models import db
    from postventa.runtime import service
    from webhooks import inbox

    for where, _ in COMMANDS.values():
        importlib.import_module(where.partition(":")[0])
    for name in BESIDE:
        importlib.import_module(name)
    service._load_web()
    service._load_jobs()
    db.BUSY, db.LOCK, inbox.DEADLINE = 30.0, 12.0, 20.0
    gc.freeze()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the tests' business, and theirs to pass on
    load()
    order = serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
