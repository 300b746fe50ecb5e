"""Which process this is, and whether another one still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def me() -> str:
    """`host:pid:start`; the start time tells a reused process id from the old one (Linux; elsewhere 0)."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def lives(owner: str) -> bool:
    """Whether that process may still be at work. Of other machines we cannot know: yes, until the lease ends."""
    host, pid, start = owner.rsplit(":", 2) if owner.count(":") >= 2 else ("", "", "")
    if host != socket.gethostname() or not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _started(int(pid)) == start


def _started(pid: int) -> str:
    """The process's start in clock ticks since boot (proc(5), field 22); a zombie counts as gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return "0"
    return "zombie" if fields[0] in "ZX" else fields[19]
