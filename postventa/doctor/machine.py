"""What does not depend on the configuration: Python, packages, SQLite."""

from __future__ import annotations

import importlib.util
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from postventa.doctor.check import Check
from postventa.models.db import FIXED, safe_for_wal, sqlite_module

ROOT = Path(__file__).parents[2]
NAMES = ("postventa", "connectors", "webhooks", "jobs")


def checks() -> Iterator[Check]:
    """Python, package names, SQLite."""
    yield _python()
    yield from (package(name) for name in NAMES)
    yield _sqlite()


def _python() -> Check:
    if os.environ.get("PYTHONPATH"):
        return Check.warn("python", "PYTHONPATH is set: it can put other packages before ours. Unset it for the service")
    return Check.ok("python", f"Python {platform.python_version()}")


def package(name: str, root: Path = ROOT) -> Check:
    """Whether that import name leads to our own files: packages of others are called `webhooks` and `jobs` too."""
    found = importlib.util.find_spec(name)
    places = [Path(place).resolve() for place in (found.submodule_search_locations or [])] if found else []
    if places and places[0] == (root / name).resolve():
        return Check.ok(f"package {name}", f"ours, in {places[0]}")
    where = places[0] if places else "nowhere"
    return Check.fail(
        f"package {name}",
        f"`import {name}` leads to {where}, not to our files in {root}: another package of that name was installed beside us. "
        f"Uninstall it (pip uninstall {name}), or make a fresh environment with `make clean setup`.",
    )


def _sqlite() -> Check:
    module = sqlite_module()
    version: str = module.sqlite_version
    if safe_for_wal(module.sqlite_version_info):
        return Check.ok("sqlite version", f"SQLite {version}, with a write-ahead log")
    fixed = ".".join(str(part) for part in FIXED[0])
    return Check.warn(
        "sqlite version",
        f"SQLite {version} can corrupt a write-ahead log that several processes write, so the slower rollback journal is used. "
        f"Install pysqlite3 0.6.1 or newer where it exists, or a Python with SQLite {fixed} or newer; or use PostgreSQL.",
    )
