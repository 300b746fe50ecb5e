"""What every contender looks like from outside: a port that takes signed webhooks, and a process tree that mails what they call for."""

from __future__ import annotations

import http.client
from abc import ABC, abstractmethod
from pathlib import Path

from bench import load, processes
from bench.processes import Started, free_port
from bench.sink import Sink

SECRET = "a-secret-for-the-benchmarks"


class Stack(ABC):
    """One contender on a folder of its own. `mails`: with the processes that mail; without them only what takes webhooks runs."""

    name: str
    path: str
    ready: str
    """What answers 200 or 401 as soon as webhooks can be taken."""

    def __init__(self, folder: Path, sink: Sink, *, mails: bool = True) -> None:
        self.folder, self.sink, self.mails, self.port = folder, sink, mails, free_port()
        self.children: list[Started] = []
        self.others: list[int] = []
        """Processes that are part of what it costs and that somebody else started: the database server."""
        self._runs = 0

    @abstractmethod
    def start(self) -> None:
        """Run it; returns when it is ready."""

    def stop(self) -> None:
        """End it, the last started first."""
        while self.children:
            self.children.pop().stop()

    def __enter__(self) -> Stack:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def processes(self) -> list[int]:
        """All of them."""
        return processes.tree(*(child.pid for child in self.children), *self.others)

    def begin(self, name: str, events: int, rate: float = 0.0) -> Started:
        """Begin to load it; `load.finish` waits for the end. `rate` in events per second, 0: closed loop."""
        self._runs += 1
        return load.start(self.folder, name, self.port, self.path, SECRET, events, rate, self._runs)

    def load(self, name: str, events: int, rate: float = 0.0) -> load.Loaded:
        """The same to its end."""
        return load.finish(self.begin(name, events, rate), self.folder, name)

    def answers(self) -> bool:
        """Whether it takes webhooks."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", self.ready)
            return connection.getresponse().status in (200, 401)
        except OSError:
            return False
        finally:
            connection.close()

    def wait_until_ready(self, seconds: float = 30) -> None:
        """Raises `RuntimeError` with the last words of whoever ended, `TimeoutError` when it takes too long."""
        processes.until(lambda: self.answers() or not all(child.alive for child in self.children), seconds, self.said, pause=0.01)
        if not all(child.alive for child in self.children):
            raise RuntimeError(f"{self.name} ended by itself: {self.said()}")

    def said(self) -> str:
        """The end of its logs."""
        return "\n".join(child.said()[-1500:] for child in self.children)
