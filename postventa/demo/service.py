"""The real service as a process tree of its own: `postventa --config ... up`, from its start to its clean end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from postventa.demo.door import knock
from postventa.demo.folder import Folder, make
from postventa.runtime.orphans import die_with

Process = subprocess.Popen[bytes]

READY_WITHIN = 60.0
ENDS_WITHIN = 60.0


class NotRunning(Exception):
    """The service did not start, or ended by itself; the message shows its last words."""


@contextmanager
def running(path: Path, port: int, prepare: Callable[[Folder], None]) -> Iterator[tuple[Folder, Process]]:
    """A fresh folder and its service, ready to take deliveries; ended in good order afterwards, however the block ends.

    `prepare` is called with the folder before the service starts. Raises `NotOurs`, `NotRunning`.
    """
    folder, process = _start(path, port, prepare)
    try:
        yield folder, process
    finally:
        _end(process)


def _start(path: Path, port: int, prepare: Callable[[Folder], None]) -> tuple[Folder, Process]:
    """Somebody may take the port between our look and the service's start: then another one is as good."""
    said = ""
    for wanted in (port, 0, 0):
        folder = make(path, wanted)
        prepare(folder)
        process = _spawn(folder)
        try:
            if _ready(folder, process):
                return folder, process
        except BaseException:
            _end(process)
            raise
        said = f"the service ended at once (exit status {process.returncode}):\n{last_words(folder)}"
    raise NotRunning(said)


def _spawn(folder: Folder) -> Process:
    me = os.getpid()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POSTVENTA_")}
    with folder.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "postventa.cli", "--config", str(folder.config), "up"],
            cwd=folder.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us: we end the service in order
            preexec_fn=lambda: die_with(me),  # noqa: PLW1509  (this process has one thread)
        )


def _ready(folder: Folder, process: Process) -> bool:
    """Wait until our service answers; False when it ended by itself. Raises `NotRunning` when it does neither in time."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return False
        try:
            if knock("GET", f"{folder.address}/readyz").status == 200 and _is_ours(folder):
                return True
        except OSError:
            pass  # not listening yet
        time.sleep(0.05)
    raise NotRunning(f"the service was not ready within {READY_WITHIN:.0f} s:\n{last_words(folder)}")


def _is_ours(folder: Folder) -> bool:
    """Only the service that holds our keys takes WooCommerce's greeting there."""
    return knock("POST", f"{folder.address}/webhooks/woocommerce/{folder.shops['alba'].key}", b"webhook_id=1").status == 200


def last_words(folder: Folder, lines: int = 12) -> str:
    """The end of the service's log."""
    return "\n".join(folder.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _end(process: Process) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
