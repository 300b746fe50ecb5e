"""The product's own reading and sending path in this process, on a real database, a real Redis and a real mail server: for what is counted or timed
by the piece. Jobs are taken from the queues and called as a worker calls them, whatever they are named.
"""

from __future__ import annotations

import importlib
import io
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from redis import Redis as Client
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from bench import events
from bench.processes import until
from bench.servers import Redis
from bench.service import Postventa, configure
from bench.sink import Sink
from bench.stack import SECRET
from jobs import queue, read_inbox, world
from jobs.schedule import periodic
from postventa.app import create_app
from postventa.config import load
from postventa.runtime.service import prepare

READING = ("read_inbox",)
"""Jobs that read deliveries; whatever else waits then is what follows from them."""


@dataclass
class Work:
    """One job: what it is called, and doing it."""

    name: str
    do: Callable[[], object]

    @property
    def reads(self) -> bool:
        return self.name in READING


class House:
    """One folder, one database; open it in a `with` block, and only one at a time in a process."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder, self._url = folder, database_url
        self._held = ExitStack()
        self._run = 0

    def __enter__(self) -> House:
        redis = Redis(self._folder)
        redis.start()
        self._held.callback(redis.stop)
        self.sink = self._held.enter_context(Sink(self._folder))
        configure(self._folder / "config.toml", 8000, self.sink.port, self._url, redis.url)
        settings = load(self._folder / "config.toml", {})
        prepare(settings, migrate=True)
        self.app = create_app(settings)
        self.world = world.install(world.World(settings))
        self._held.callback(self.world.engine.dispose)
        self._held.callback(self.app.extensions["postventa"].engine.dispose)
        self._held.callback(self.world.transport.close)
        self._redis: Client = self._held.enter_context(Client.from_url(redis.url))
        self.queues = [Queue(name, connection=self._redis, serializer=JSONSerializer, job_class=queue.OurJob) for name in queue.QUEUES]
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def requests(self, count: int, template: int | None = None) -> list[dict[str, Any]]:
        """WSGI environments of so many new deliveries; `template`: all of one size."""
        self._run += 1
        recipe, made = events.Recipe(self._run, SECRET.encode()), events.templates()
        found = []
        for index in range(count):
            body = made[index % len(made) if template is None else template].body(events.order_id(self._run, index), events.moment())
            found.append(_environ(body, recipe.headers(index, body)))
        return found

    def store(self, environ: dict[str, Any]) -> None:
        """One delivery through the front door; durable when this returns."""
        status: list[str] = []
        b"".join(self.app.wsgi_app(environ, lambda line, *_: status.append(line)))  # type: ignore[arg-type]
        assert status == ["200 OK"], status

    def work(self, *, reading: bool) -> Iterator[Work]:
        """Jobs that wait, those that read deliveries or all others, until there are none; each must be done before the next is asked for."""
        while found := [(name, job) for name, job in self._waiting() if (name in READING) == reading]:
            name, job = found[0]
            self._take(job)
            module = importlib.import_module(str(job.func_name).rpartition(".")[0])
            yield Work(name, lambda job=job, module=module, name=name: getattr(module, name)(*job.args))  # type: ignore[misc]

    def wait_for_work(self) -> None:
        """Until the thread that nobody waits for has asked for the stored deliveries to be read."""
        until(lambda: any(True for _ in self._waiting()), 10, lambda: "nobody asked for the deliveries to be read", pause=0.002)
        self.settle()

    def read(self) -> None:
        """All that was stored."""
        self.wait_for_work()
        for job in self.work(reading=True):
            job.do()

    def send(self) -> None:
        """All that is due."""
        for job in self.work(reading=False):
            job.do()

    @contextmanager
    def nothing_at_hand(self) -> Iterator[None]:
        """Whoever reads deliveries leaves all mails to whoever sends, as behind a slow mail server: so each can be looked at by itself."""
        names = vars(read_inbox)
        usual, names["pace"] = names["pace"], SimpleNamespace(within=lambda seconds: 0)
        try:
            yield
        finally:
            names["pace"] = usual

    def rounds(self) -> dict[str, Callable[[], object]]:
        """The periodic work, by name: one look each, as the clock has it done."""
        return {one.name: lambda one=one: one.run(self.world) for one in periodic(self.world)}  # type: ignore[misc]

    def settle(self, seconds: float = 0.05) -> None:
        """Let threads of ours, which nobody waits for, end what they are at."""
        time.sleep(seconds)

    def _waiting(self) -> Iterator[tuple[str, Job]]:
        for waiting in self.queues:
            for job in waiting.jobs:
                yield str(job.func_name).rpartition(".")[2], job

    def _take(self, job: Job) -> None:
        for waiting in self.queues:
            waiting.remove(job)
        job.delete()


def _environ(body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """As granian would make it."""
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": Postventa.path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": headers["Content-Type"],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items() if name != "Content-Type"},
    }
