"""Where Redis is: the merchant's own, or the embedded one's socket beside the configuration file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

LONGEST = 100
"""Bytes that a socket's path may have: Linux allows 107, macOS 103."""


def address(url: str, var: Path) -> str:
    """`url` if the merchant set one, else the embedded server's."""
    return url or f"unix://{socket_path(var)}"


def data_dir(var: Path) -> Path:
    """Where the embedded server keeps its append-only file."""
    return var / "redis"


def socket_path(var: Path) -> Path:
    """The embedded server's socket.

    A path that is too long for a socket moves to /tmp, into a folder that only this user may enter. It is the same whatever the
    environment says ($TMPDIR and $XDG_RUNTIME_DIR differ between a service and a shell), so that every command finds the server.
    """
    return short(data_dir(var) / "redis.sock", var, ".sock")


def short(near: Path, var: Path, end: str) -> Path:
    """`near`, or where a socket of `var` whose path is too long is instead, under a name that ends with `end`."""
    if len(os.fsencode(near)) <= LONGEST:
        return near
    name = hashlib.sha256(os.fsencode(var)).hexdigest()[:16]
    return Path("/tmp") / f"postventa-{os.getuid()}" / f"{name}{end}"  # noqa: S108
