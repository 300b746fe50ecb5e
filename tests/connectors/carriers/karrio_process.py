"""The process with karrio, as the service runs it, for tests."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postventa.runtime.carriers_helper import answers
from tests.runtime.processes import eventually


@contextmanager
def karrio_process(path: Path | None = None) -> Iterator[Path]:
    """Its socket, once it listens. Sockets have short paths: the folder is one of the system's."""
    with tempfile.TemporaryDirectory() as folder:
        socket = path or Path(folder) / "karrio.sock"
        socket.parent.mkdir(parents=True, exist_ok=True)
        with subprocess.Popen([sys.executable, "-m", "postventa.runtime.carriers_helper", str(socket)], stderr=subprocess.PIPE) as process:
            try:
                eventually(lambda: answers(socket) or process.poll() is not None)
                assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
                yield socket
            finally:
                process.kill()
