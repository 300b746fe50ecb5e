"""From `make run` on a machine that is set up to the first moment at which deliveries are taken."""

from __future__ import annotations

import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.processes import ROOT, run
from bench.record import Meaning, Options, Record
from bench.rounds import contenders, postgres
from bench.servers import database
from bench.service import Postventa, configure
from bench.sink import Sink

ABOUT = "From `make run` on a set-up machine to ready"
NEEDED = (".venv", "requirements", "pyproject.toml", "config.example.toml")
FIGURES = {"ready": Meaning("s", "less", "until the address that says so answers 200; a new folder each time, so the first tables are made too")}


class MakeRun(Postventa):
    """`make run` in a folder that looks like a checkout, so that nobody's own configuration is touched."""

    def start(self) -> None:
        for name in NEEDED:
            (self.folder / name).symlink_to(ROOT / name)
        configure(self.config, self.port, self.sink.port, self.database_url)
        # CURDIR: the folder for which the packages were installed
        command = ["make", "--file", str(ROOT / "Makefile"), f"CURDIR={ROOT}", "run"]
        self.children.append(run(command, self.folder / "service.log", cwd=self.folder))
        self.wait_until_ready(60)


def measure(options: Options) -> Record:
    """The first start of all is not counted: it reads everything from the disk, as every program's does."""
    subprocess.run(["make", "-C", str(ROOT), "setup"], check=True)
    record = Record("start", ABOUT, options, FIGURES)
    with postgres(options) as server:
        for number in range(options.runs + 1):
            for kind, make in contenders(options, server):
                with ExitStack() as held:
                    folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="bench", dir=options.folder, ignore_cleanup_errors=True)))
                    sink = held.enter_context(Sink(folder))
                    if kind is Postventa and server is not None:
                        held.enter_context(database("postgresql", folder, f"bench_{folder.name}", server))
                    ours = kind is Postventa
                    stack = MakeRun(folder, sink, server.url(f"bench_{folder.name}") if server else "") if ours else make(folder, sink)
                    began = time.monotonic()
                    held.enter_context(stack)
                    took = time.monotonic() - began
                    if number:
                        record.add(kind.name, {"ready": took})
    return record
