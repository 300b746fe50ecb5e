"""Where the time goes: py-spy looks two hundred times a second at the web process and at a worker while orders pour in."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import flame, load, processes, sampled
from bench.record import Meaning, Options, Record
from bench.rounds import Stage, play

ABOUT = "A profile of the web process and of a worker under load"
SECONDS, RATE, SAMPLES = 20.0, 150.0, 200
WATCHED = ("pv-web-1", "pv-worker-now-1")
FIGURES = {"samples": Meaning("", "more", "how often py-spy found the process at work")}


def measure(options: Options) -> Record:
    """Once, ours alone. Raises `RuntimeError` where py-spy may not look into other processes."""
    seconds, rate = options.seconds or SECONDS, options.rate or RATE
    record = Record("profile", ABOUT, replace(options, peers=False, runs=1), FIGURES, settings={"seconds": seconds, "rate": rate})

    def body(here: Stage) -> tuple[dict[str, float], dict[str, Any]]:
        sending = here.stack.begin("load", round(rate * (seconds + 5)), rate)
        watching = [(name, _watch(here, name, seconds)) for name in WATCHED]
        found = {name: _seen(name, watcher, here.folder, options.out) for name, watcher in watching}
        load.finish(sending, here.folder, "load")
        record.extra["profiles"] = found
        return {"samples": sum(profile["samples"] for profile in found.values())}, {}

    play(record, body)
    return record


def _watch(here: Stage, name: str, seconds: float) -> processes.Started:
    pid = next(pid for pid in here.stack.processes if processes.name_of(pid) == name)
    spy = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or "py-spy"
    output = here.folder / f"{name}.stacks"
    command = [spy, "record", "--pid", str(pid), "--duration", f"{seconds:.0f}", "--rate", str(SAMPLES), "--format", "raw", "--output", str(output)]
    with suppress(FileNotFoundError):
        return processes.run(command, here.folder / f"{name}.spy")
    raise RuntimeError("there is no py-spy: make setup-bench installs it")


def _seen(name: str, watcher: processes.Started, folder: Path, out: Path) -> dict[str, Any]:
    file = folder / f"{name}.stacks"
    if watcher.wait(None) != 0 or not file.exists():
        raise RuntimeError(f"py-spy could not look into {name}; it needs root or kernel.yama.ptrace_scope=0: {watcher.said()[-500:]}")
    stacks = sampled.read(file)
    out.mkdir(parents=True, exist_ok=True)
    picture = out / f"profile-{name}.svg"
    picture.write_text(flame.draw(sampled.merged(stacks), f"{name} under load"), encoding="utf-8")
    own, whole = sampled.top(stacks)
    return {"samples": sum(count for _, count in stacks), "own": own, "whole": whole, "picture": picture.name}
