"""A small process tree for the tests: the real supervisor, Redis and web server, with a worker that only waits.

`python -m tests.runtime.tree FOLDER PORT [--slow] [--stuck] [--crash] [--carriers]`
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from postventa.config import Settings
from postventa.runtime import carriers_helper, logs, redis, web
from postventa.runtime import supervisor as supervising
from postventa.runtime.pages import Pages
from postventa.runtime.supervisor import Child, Supervisor


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers with its process id; `/slow` says in a file that it was asked and takes a second, `/echo` says how long the body was."""
    if environ["PATH_INFO"] == "/slow":
        (Path(sys.argv[1]) / "asked").touch()
        time.sleep(1)
    length = len(environ["wsgi.input"].read()) if environ["PATH_INFO"] == "/echo" else 0
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{os.getpid()} {length}".encode()]


class Door:
    """Every request is a page."""

    def __init__(self) -> None:
        self._pages = Pages(application)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._pages.answer(scope, receive, send)


def worker(folder: Path, in_hand: float) -> None:
    """Waits for SIGTERM; it has a job in hand that takes so many seconds more, and writes when it is done."""
    over: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: over.append(1))
    while not over:
        signal.pause()
    time.sleep(in_hand)
    with (folder / "ended").open("a") as file:
        file.write("worker\n")


def crash(folder: Path) -> None:
    """Writes down when it was born (monotonic), and dies of it."""
    with (folder / "born").open("a") as file:
        file.write(f"{time.monotonic()}\n")
    sys.exit(3)


def main() -> None:
    """Run until told to stop."""
    folder, port = Path(sys.argv[1]), sys.argv[2]
    logs.configure("info", "json")
    supervising.LOOK = 0.3
    settings = Settings.model_validate({"source": folder / "config.toml", "server": {"bind": f"127.0.0.1:{port}"}})
    listening = web.listen(settings)
    supervisor = Supervisor(private=[listening.fileno()])
    supervisor.start(Child("redis", lambda: redis.serve(settings.var), stage=2))
    supervisor.start(Child("web", lambda: web.serve(listening, Door), stage=0, keeps=(listening.fileno(),)))
    in_hand = 1.0 if "--slow" in sys.argv else 600.0 if "--stuck" in sys.argv else 0.0
    supervisor.start(Child("worker", lambda: worker(folder, in_hand), stage=1))
    if "--crash" in sys.argv:
        supervisor.start(Child("crash", lambda: crash(folder)))
    if "--carriers" in sys.argv:
        lately = partial(carriers_helper.wanted, settings.carriers_wanted)
        supervisor.start(Child("carriers", lambda: carriers_helper.serve(settings.carriers_socket), stage=2, wanted=lately))
    sys.exit(supervisor.run())


if __name__ == "__main__":
    main()
