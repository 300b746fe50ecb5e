"""On what it was measured: a figure without its machine says little."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.processes import ROOT
from bench.servers import postgres_programs
from postventa.models.db import sqlite_module
from postventa.runtime import redis

PACKAGES = ("flask", "rq", "redis", "granian", "gunicorn", "sqlalchemy", "psycopg")


def describe(folder: Path) -> dict[str, Any]:
    """Everything that decides about figures. `folder`: where the databases of the benchmarks lie."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "kernel": f"{platform.system()} {platform.release()}",
        "distribution": _or_not(lambda: platform.freedesktop_os_release()["PRETTY_NAME"]),
        "python": platform.python_version(),
        "sqlite": sqlite_module().sqlite_version,
        "redis": _or_not(lambda: _first_line(str(redis.binary()), "--version").partition(" sha=")[0].replace("v=", "")),
        "postgresql": _or_not(lambda: "PostgreSQL " + _first_line(str(postgres_programs() / "postgres"), "--version").split()[2]),
        "packages": {name: _package(name) for name in PACKAGES},
        "commit": _or_not(lambda: _first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12")),
        "disk": _filesystem(folder),
        "fsync_ms": round(fsync(folder) * 1000, 3),
    }


def fsync(folder: Path, times: int = 100, size: int = 8192) -> float:
    """Seconds until `size` appended bytes are on the disk, in the median."""
    file, took = folder / "fsync.probe", []
    with file.open("wb", buffering=0) as out:
        for _ in range(times):
            out.write(b"x" * size)
            began = time.perf_counter()
            os.fdatasync(out.fileno())
            took.append(time.perf_counter() - began)
    file.unlink()
    return statistics.median(took)


def load_average() -> list[float]:
    """How many processes wanted to run in the last 1, 5 and 15 minutes, in the mean."""
    return [round(value, 2) for value in os.getloadavg()]


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))), platform.machine())


def _filesystem(folder: Path) -> str:
    """The kind of file system, such as ext4; tmpfs would make every fsync free."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    here = str(folder.resolve())
    inside = [(where, kind) for where, kind in mounts if where in ("/", here) or here.startswith(where + "/")]
    return max(inside, key=lambda mount: len(mount[0]))[1] if inside else ""


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _first_line(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip().partition("\n")[0]


def _or_not(found: Callable[[], str]) -> str:
    """Empty where it cannot be known: an unknown version is no reason not to measure."""
    try:
        return found()
    except (OSError, KeyError, RuntimeError, subprocess.SubprocessError):
        return ""
