"""`postventa up` and its parts: which processes there are, in what order they start, and what they need first."""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from postventa import failpoints
from postventa.config import ConfigError, Settings
from postventa.runtime import carriers_helper, dangers, redis, renewal, web
from postventa.runtime.locks import Busy, FileLock
from postventa.runtime.supervisor import Child, Supervisor

log = structlog.stdlib.get_logger("postventa")

Part = Literal["redis", "web", "worker", "clock"]
Stage = Literal[Part, "carriers"]
EVERYTHING: frozenset[Part] = frozenset({"redis", "web", "worker", "clock"})

STAGES: dict[Stage, int] = {"clock": 0, "web": 1, "worker": 2, "carriers": 3, "redis": 3}
"""The order of the end: nothing new is planned, nothing new comes in, the work in hand is done, and then nobody needs Redis any more."""
GRACE: dict[Stage, float] = {"clock": 20, "web": 20, "worker": 730, "carriers": 20, "redis": 20}
"""Seconds. A worker may be waiting for a mail server's last word, which takes ten minutes at worst (jobs.queue.TIMEOUT)."""


def up_lock(settings: Settings) -> FileLock:
    """The right to be the one service of this folder. Raises `ConfigError` when another one has it."""
    try:
        lock = FileLock(settings.var / "up.lock")
    except Busy as busy:
        raise ConfigError(
            f"Postventa is running already on {settings.var} ({busy.holder or 'another process'}). Stop it first, or name another configuration."
        ) from None
    return lock


def service_lock(settings: Settings, *, exclusive: bool = False) -> FileLock:
    """Held, shared, by every process of the service until its end; `exclusive`, by those who need it to stand still. Raises `Busy`."""
    return FileLock(settings.var / "service.lock", shared=not exclusive, wait=0 if exclusive else 2)


def running(settings: Settings) -> bool:
    """Whether any part of the service runs on this folder now."""
    if not settings.var.exists():
        return False
    try:
        service_lock(settings, exclusive=True).release()
    except Busy:
        return True
    return False


def run(settings: Settings, parts: frozenset[Part] = EVERYTHING) -> int:
    """Run these parts until told to stop; the exit status. Raises `ConfigError` for what has to be mended before a start."""
    began = time.monotonic()
    os.umask(0o077)  # names, addresses and secrets are nobody else's on this machine
    word = renewal.received()
    if not word:  # else the rehearsal of this program has asked already, and others serve meanwhile
        dangers.refuse(settings)
    with ExitStack() as held:
        place = word.place(settings, held) if word else _take_place(settings, parts, held)
        web_ready = _WebReady(settings, parts, held)
        private = [*place.descriptors[:-1], *web_ready.pipe]
        supervisor = Supervisor(private=private, expected=(RedisError, OperationalError))
        service = _Service(supervisor, settings, parts, place, web_ready)
        try:
            status = service.take_over(word, began) if word else service.begin(began)
            return status or supervisor.run(lambda: renewal.renew(supervisor, settings, place))
        except BaseException:
            supervisor.stop()
            raise


def _take_place(settings: Settings, parts: frozenset[Part], held: ExitStack) -> renewal.Place:
    """Be the one service of this folder, and listen. Raises `ConfigError`."""
    place, wait = renewal.Place(settings.server.bind), 0.0
    if parts == EVERYTHING:
        place.up = up_lock(settings)
        held.callback(place.up.release)
        wait = 10.0 if place.up.left_behind else 0.0  # a killed service's last process may still be answering its last request
        place.up.write(f"process {os.getpid()}")
    try:
        place.standing = service_lock(settings).descriptor
        held.callback(os.close, place.standing)
    except Busy:
        raise ConfigError(f"{settings.var}: a backup is being restored; start when it is done") from None
    if "web" in parts:
        place.listening = held.enter_context(web.listen(settings, wait))
    return place


class _WebReady:
    """Web processes say through a pipe that they can answer."""

    def __init__(self, settings: Settings, parts: frozenset[Part], held: ExitStack) -> None:
        self._missing = settings.server.workers if "web" in parts else 0
        self.pipe = os.pipe()
        for end in self.pipe:
            os.set_blocking(end, False)
            held.callback(os.close, end)

    def say(self) -> None:
        """In a web process."""
        with suppress(BlockingIOError):
            os.write(self.pipe[1], b".")

    def __call__(self) -> bool:
        """Whether all of them can."""
        with suppress(BlockingIOError):
            self._missing -= len(os.read(self.pipe[0], 100))
        return self._missing <= 0


@dataclass
class _Service:
    """One service: how it begins, and how it takes over from its older self."""

    supervisor: Supervisor
    settings: Settings
    parts: frozenset[Part]
    place: renewal.Place
    web_ready: _WebReady

    def begin(self, began: float) -> int:
        """Start everything; 0, or the exit status of what failed."""
        if own := self._redis():
            self.supervisor.start(own)
        status, facts = _prepare(self.supervisor, self.settings, migrate=self.parts == EVERYTHING)
        if status == 0 and not self.supervisor.ending:
            self._start_children()
            _greet(self.settings, self.parts, facts, self.place.listening, began)
        elif not self.supervisor.ending:
            self.supervisor.stop()
            return status
        return 0

    def take_over(self, word: renewal.Word, began: float) -> int:
        """Start the new children beside the older program's; when the web answers, those may go. All was prepared before."""
        own = self._redis()
        for child, pid in word.adopted():
            keep = own is not None and child.name == own.name
            self.supervisor.adopt(own if own and keep else child, pid, keep=keep)
            own = None if keep else own
        if own:
            self.supervisor.start(own)
        _load_web()
        self._start_children()
        if self.supervisor.until(self.web_ready, renewal.READY):
            self.supervisor.retire()
            renewal.report(self.settings, word.serial, "ready")
            log.info("restarted", parts=sorted(self.parts), seconds=round(time.monotonic() - began, 1))
        elif not self.supervisor.ending:
            log.error("the new web server cannot answer: the old processes stay. Mend it and restart again")
            renewal.report(self.settings, word.serial, "failed", "the new web server cannot answer, the old processes stay; the log says why")
        return 0

    def _redis(self) -> Child | None:
        """The embedded server, if there is to be one. Raises `ConfigError`."""
        if "redis" not in self.parts or self.settings.redis.url:
            return None
        redis.binary()  # says now, and once, that there is none
        var = self.settings.var
        return _child("redis", "redis", lambda: redis.serve(var), mend=lambda: redis.set_aside(var))

    def _start_children(self) -> None:
        if failpoints.armed():
            log.warning("failpoints are on: this service fails wherever a file in that folder says so; for tests only", variable=failpoints.VARIABLE)
        if self.place.listening is not None:
            for child in _web_children(self.settings, self.place.listening, self.web_ready):
                self.supervisor.start(child)
        _load_jobs()  # while the web is taking deliveries already
        for child in _other_children(self.settings, self.parts):
            self.supervisor.start(child)


def _web_children(settings: Settings, listening: socket.socket, web_ready: _WebReady) -> list[Child]:
    target, keeps = _bind(_web, settings, listening, web_ready), (listening.fileno(), web_ready.pipe[1])
    return [_child(f"web-{n}", "web", target, keeps=keeps) for n in range(1, settings.server.workers + 1)]


def _other_children(settings: Settings, parts: frozenset[Part]) -> list[Child]:
    from jobs import queue, schedule

    found = []
    if "worker" in parts:
        target = _bind(queue.run_worker, queue.NOW, settings)
        found += [_child(f"worker-{queue.NOW}-{n}", "worker", target) for n in range(1, settings.workers.processes + 1)]
        found.append(_child(f"worker-{queue.LATER}", "worker", _bind(queue.run_worker, queue.LATER, settings)))
        if carriers_helper.installed():
            target = _bind(carriers_helper.serve, settings.carriers_socket)
            found.append(replace(_child("carriers", "carriers", target), wanted=partial(carriers_helper.wanted, settings.carriers_wanted)))
    if "clock" in parts:
        found.append(_child("clock", "clock", _bind(schedule.run_clock, settings)))
    return found


def _web(settings: Settings, listening: socket.socket, web_ready: _WebReady) -> None:
    from postventa.app import create_app
    from postventa.runtime.front import Front

    def application() -> Front:
        made = Front(create_app(settings))
        web_ready.say()
        return made

    web.serve(listening, application)


def _bind(function: Callable[..., None], *arguments: object) -> Callable[[], None]:
    return lambda: function(*arguments)


def _child(name: str, part: Stage, target: Callable[[], None], mend: Callable[[], None] | None = None, keeps: tuple[int, ...] = ()) -> Child:
    return Child(name, target, stage=STAGES[part], grace=GRACE[part], mend=mend, keeps=keeps)


def _load_web() -> None:
    """Import what web processes run, so that they start at once and share it; importing opens no connection."""
    with _kept():
        importlib.import_module("postventa.app")
        importlib.import_module("granian.server.mp")
        configure = importlib.import_module("sqlalchemy.orm").configure_mappers
        configure()  # with the first query each child would do it for itself


def _load_jobs() -> None:
    """The same for workers and the clock."""
    import jobs

    with _kept():
        for module in pkgutil.iter_modules(jobs.__path__, "jobs."):
            importlib.import_module(module.name)


@contextmanager
def _kept() -> Iterator[None]:
    """What is loaded meanwhile stays. The collector need not look through it again and again, which takes a tenth of the start, and
    children not at all: that would copy the pages that they share.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
    gc.freeze()


def _prepare(supervisor: Supervisor, settings: Settings, *, migrate: bool) -> tuple[int, dict[str, Any]]:
    """What must be right before the first request, done in a process of its own: (exit status, what it found out). Raises `ConfigError`.

    What the web will run is loaded here meanwhile.
    """
    reader, writer = os.pipe()

    def work() -> None:
        try:
            found: dict[str, object] = {**prepare(settings, migrate=migrate)}
            if migrate and _on_terminal(settings):
                found["welcome"] = _first_link(settings)
        except ConfigError as error:
            found = {"error": str(error)}
        except OperationalError as error:
            found = {"error": f"the database does not answer: {str(error.orig).strip()}"}
        os.write(writer, json.dumps(found).encode())

    status = supervisor.once(Child("prepare", work), renewal.PREPARE, _load_web)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    facts = json.loads(said) if said else {}
    if "error" in facts:
        raise ConfigError(facts["error"])
    return status, facts


def _first_link(settings: Settings) -> str:
    """The address that makes the owner's account, or nothing when there is one. It is a key: it stands on a terminal and in no log."""
    from postventa import audit
    from postventa.accounts import invitations
    from postventa.clock import real_now
    from postventa.models.db import connect, transaction

    engine = connect(settings.database_url)
    try:
        with transaction(engine) as session:
            token = invitations.first_owner(session, real_now())
            audit.record(session, "service", "account.first_link")
        return invitations.address(settings.public_url, token)
    except (invitations.Taken, OperationalError):
        return ""
    finally:
        engine.dispose()


def _on_terminal(settings: Settings) -> bool:
    return sys.stdout.isatty() and settings.log.format != "json"


def rehearse(settings: Settings, parts: frozenset[Part] = EVERYTHING) -> None:
    """All that a start does before its first request, migrations included, and nothing more. Raises `ConfigError`."""
    os.umask(0o077)
    word = renewal.received()
    if word and "web" in parts and word.bind != settings.server.bind:
        raise ConfigError(
            f"{settings.source}: server.bind: was {word.bind} and is {settings.server.bind} now; another address needs a stop and a start"
        )
    dangers.refuse(settings)
    if "redis" in parts and not settings.redis.url:
        redis.binary()
    _load_web()
    _load_jobs()
    prepare(settings, migrate=parts == EVERYTHING)


def prepare(settings: Settings, *, migrate: bool) -> dict[str, int]:
    """Secret, database and Redis as they must be. Raises `ConfigError`.

    A damaged database is no reason not to start: deliveries are taken and kept meanwhile, and nothing else is done.
    """
    from postventa.damage import Marker
    from postventa.secrets import load_secret

    secret, marker = load_secret(settings), Marker.of(settings.database_url)
    settings.product_clock().start()
    _check_redis(settings, wait=10 if migrate else 1)
    try:
        return _prepare_database(settings, secret, migrate=migrate)
    except OperationalError:
        if not marker.known:
            raise
        log.error("the database is damaged: deliveries are taken and kept, nothing is sent. See docs/operations.md, database-damaged")
        return {"shops": len(settings.shops)}


def _prepare_database(settings: Settings, secret: bytes, *, migrate: bool) -> dict[str, int]:
    from sqlalchemy import func, select

    from postventa import migrations
    from postventa.models import Account, Shop
    from postventa.models.db import connect, reading
    from postventa.shops import everyone, sync

    if migrate:
        migrations.upgrade(settings)
    engine = connect(settings.database_url)
    try:
        if migrations.pending(engine):
            raise ConfigError("the database is not on this version's schema: run `postventa db upgrade` once, on one machine")
        sync(engine, settings)
        everyone(engine, settings, secret)  # the key opens what is stored under it
        with reading(engine) as session:
            return {name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in (("shops", Shop), ("accounts", Account))}
    finally:
        engine.dispose()


def _check_redis(settings: Settings, wait: float) -> None:
    if not redis.wait_until_up(settings.redis_url, wait):
        log.warning("Redis does not answer: deliveries are kept, and mails wait until it is back", redis=settings.redis_url)
        return
    with suppress(RedisError):
        for warning in redis.check_policy(settings.redis_url):
            log.warning(warning)


def _greet(settings: Settings, parts: frozenset[Part], facts: dict[str, Any], listening: socket.socket | None, began: float) -> None:
    """Say where everything is: words on a terminal, one log line elsewhere."""
    port = listening.getsockname()[1] if listening else 0
    host = f"[{settings.server.host}]" if ":" in settings.server.host else settings.server.host
    address = f"http://{host}:{port}" if listening else ""
    if settings.mail.transport == "mailbox":
        mails = f"kept in {settings.var / 'mailbox'}" + (f", to be seen at {address}/mailbox" if address else "")
    else:
        mails = f"sent through {settings.mail.host}:{settings.mail.port}"
    shops, ready = facts.get("shops", 0), round(time.monotonic() - began, 1)
    if not _on_terminal(settings):
        nobody = {"accounts": "none yet: `postventa account link` makes the owner's"} if facts.get("accounts") == 0 else {}
        log.info("running", url=address, shops=shops, mails=mails, parts=sorted(parts), seconds=ready, **nobody)
        return
    lines = [f"Postventa is running{f' at {address}' if address else ''} (ready in {ready} s)."]
    lines.append(f"  Shops: {shops}" + ("" if shops else f". Connect one in {settings.source} (section [[shops]]) or with `postventa shop add`."))
    lines.append(f"  Mails are {mails}.")
    if facts.get("welcome"):
        lines.append(f"  Nobody can sign in yet. Make the owner's account here, within an hour: {facts['welcome']}")
    lines.append("  Ctrl-C stops it.")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
