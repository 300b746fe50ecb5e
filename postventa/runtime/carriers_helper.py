"""The process with karrio: started when a carrier is asked through it, and not before; without it everything else runs as ever.

The supervisor keeps it like any child, but for one thing: it runs only while somebody wanted it lately (`Settings.carriers_wanted`).
"""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postventa.config import ConfigError, Settings

LATELY = 3 * 86400.0
"""Seconds since the last question, after which it is not started again: parcels are asked about once a day at least."""
STARTS = 60.0
"""Seconds that karrio may take to load on a busy machine."""


def installed() -> bool:
    """Whether its packages are there. Nothing is loaded for that, as each start asks."""
    return importlib.util.find_spec("karrio") is not None


def wanted(marker: Path) -> bool:
    """Whether a carrier was asked through karrio lately."""
    try:
        return time.time() - marker.stat().st_mtime < LATELY
    except OSError:
        return False


def serve(path: Path) -> None:
    """Be that process, until told to end. Called in a process of its own."""
    from connectors.carriers.karrio.asking import MISSING
    from connectors.carriers.karrio.helper import server

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.chmod(0o700)  # whoever enters may ask with keys of their own, and nobody else does
    try:
        server.serve(path)
    except ImportError as error:
        raise ConfigError(f"{MISSING} ({error})") from None


def answers(path: Path) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True


@contextmanager
def at_hand(settings: Settings) -> Iterator[None]:
    """For a command that asks a carrier: the service's own, else one for as long as the command runs. Raises `ConfigError`."""
    from connectors.carriers.karrio.asking import MISSING

    path = settings.carriers_socket
    if answers(path):
        yield
        return
    if not installed():
        raise ConfigError(MISSING)
    with subprocess.Popen([sys.executable, "-m", "postventa.runtime.carriers_helper", str(path)]) as process:
        try:
            _wait_for(process, path)
            yield
        finally:
            process.terminate()


def _wait_for(process: subprocess.Popen[bytes], path: Path) -> None:
    until = time.monotonic() + STARTS
    while not answers(path):
        if process.poll() is not None or time.monotonic() > until:
            raise ConfigError("the process with karrio cannot start; what it says stands above")
        time.sleep(0.1)


def main() -> None:
    """`python -m postventa.runtime.carriers_helper SOCKET`."""
    import os

    from postventa.runtime import logs
    from postventa.runtime.orphans import die_with

    os.umask(0o077)
    logs.configure("warning")
    die_with(os.getppid())
    serve(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
