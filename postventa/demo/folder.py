"""A fresh folder for one demonstration: the configuration of two shops, and everything that the service writes."""

from __future__ import annotations

import secrets
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from string import Template

from postventa.demo.data import HERE
from postventa.runtime.locks import Busy, FileLock

MARK = ".postventa-demo"
"""In every folder that we made: only those are ever wiped."""


class NotOurs(Exception):
    """The folder holds something that we did not make, or is in use."""


@dataclass(frozen=True)
class ShopKeys:
    """Made anew for each run."""

    key: str
    secret: str


@dataclass(frozen=True)
class Folder:
    """One demonstration's own place."""

    path: Path
    port: int
    shops: dict[str, ShopKeys]

    @property
    def config(self) -> Path:
        return self.path / "config.toml"

    @property
    def address(self) -> str:
        """Where the service listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def mailbox(self) -> Path:
        return self.path / "var" / "mailbox"

    @property
    def labels(self) -> Path:
        return self.path / "labels"

    @property
    def log(self) -> Path:
        return self.path / "service.log"


def make(path: Path, port: int = 8000) -> Folder:
    """Wipe and fill `path`; another free port is taken when `port` is in use. Raises `NotOurs` rather than delete somebody's files."""
    if path.exists() and any(path.iterdir()):
        if not (path / MARK).is_file():
            raise NotOurs(f"{path} holds files that are not of a demonstration: name another folder with --dir")
        _free(path)
        shutil.rmtree(path)
    path.mkdir(parents=True, exist_ok=True)
    (path / MARK).touch()
    shops = {name: ShopKeys(secrets.token_urlsafe(24), secrets.token_hex(24)) for name in ("lola", "alba")}
    folder = Folder(path.resolve(), free_port(port), shops)
    folder.config.write_text(_settings(folder), encoding="utf-8")
    folder.config.chmod(0o600)
    return folder


def _free(path: Path) -> None:
    """Nobody plays in it now."""
    try:
        FileLock(path / "var" / "up.lock").release()
    except Busy:
        raise NotOurs(f"a demonstration is still open in {path}: close it with Ctrl-C there, or name another folder with --dir") from None


def _settings(folder: Folder) -> str:
    values = {f"{name}_{what}": getattr(keys, what) for name, keys in folder.shops.items() for what in ("key", "secret")}
    return Template((HERE / "config.toml").read_text(encoding="utf-8")).substitute(values, port=folder.port)


def free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else one that the system has to give."""
    for port in (wanted, 0):
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(attempt.getsockname()[1])
    raise OSError("no port is free on 127.0.0.1")
