"""The real service as a process tree of its own: `postventa --config ... up`, from its start to its clean end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from postventa.demo.door import knock
from postventa.demo.folder import Folder
from postventa.runtime.orphans import die_with

READY_WITHIN = 60.0
ENDS_WITHIN = 60.0


class NotRunning(Exception):
    """The service did not start, or ended by itself; the message shows its last words."""


@contextmanager
def running(folder: Folder) -> Iterator[subprocess.Popen[bytes]]:
    """The service, ready to take deliveries; ended in good order afterwards, however the block ends. Raises `NotRunning`."""
    me = os.getpid()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POSTVENTA_")}
    with folder.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "postventa.cli", "--config", str(folder.config), "up"],
            cwd=folder.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us: we end the service in order
            preexec_fn=lambda: die_with(me),  # noqa: PLW1509  (this process has one thread)
        )
    try:
        _wait_until_ready(folder, process)
        yield process
    finally:
        _end(process)


def _wait_until_ready(folder: Folder, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotRunning(f"the service ended at once (exit status {process.returncode}):\n{last_words(folder)}")
        try:
            if knock("GET", f"{folder.address}/readyz").status == 200:
                return
        except OSError:
            pass  # not listening yet
        time.sleep(0.05)
    raise NotRunning(f"the service was not ready within {READY_WITHIN:.0f} s:\n{last_words(folder)}")


def last_words(folder: Folder, lines: int = 12) -> str:
    """The end of the service's log."""
    return "\n".join(folder.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
