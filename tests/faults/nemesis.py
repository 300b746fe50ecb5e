"""Whoever wants the service ill: kills, stops and restarts its processes, empties Redis, holds the database and upsets the mail server, at random
but the same way for the same seed. It keeps a diary."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from postventa.models.db import connect
from tests.peers.smtp import HANG_UP, NOT_YET, Mail, Sink
from tests.service.running import Service

CHILDREN = ("pv-web-1", "pv-worker-now-1", "pv-worker-now-2", "pv-worker-later", "pv-clock", "valkey-server")


@dataclass
class Nemesis:
    """`calm`: seconds between two misdeeds, from and to. `database`: how to kill and revive the database server, if there is one."""

    service: Service
    sink: Sink
    seed: int = 1
    calm: tuple[float, float] = (3.0, 10.0)
    database: Callable[[], None] | None = None
    diary: list[str] = field(default_factory=list)

    def rage(self, seconds: float) -> None:
        """Do harm for so long, from the main thread: a service ends with the thread that started it. What was stopped goes on afterwards."""
        dice = random.Random(self.seed)
        deeds: list[tuple[int, Callable[[random.Random], str]]] = [
            (6, self.kill),
            (4, self.pause),
            (2, self.kill_several),
            (1, self.empty_redis),
            (2, self.hold_database),
            (2, self.upset_mail_server),
            (1, self.kill_all),
            (1, self.restart),
        ]
        if self.database is not None:
            deeds.append((2, self.kill_database))
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            time.sleep(dice.uniform(*self.calm))
            deed = dice.choices([deed for _, deed in deeds], [weight for weight, _ in deeds])[0]
            self.diary.append(f"{time.monotonic() - began:6.1f} s  {deed(dice)}")

    def kill(self, dice: random.Random) -> str:
        return self._signal(dice.choice(CHILDREN), signal.SIGKILL)

    def kill_several(self, dice: random.Random) -> str:
        return ", ".join(self._signal(name, signal.SIGKILL) for name in dice.sample(CHILDREN, 3))

    def pause(self, dice: random.Random) -> str:
        """Longer than a lease, at times."""
        name, seconds = dice.choice(CHILDREN), dice.uniform(1, 8)
        pid = self.service.parts.get(name, 0)
        said = self._signal(name, signal.SIGSTOP)
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            if pid:
                os.kill(pid, signal.SIGCONT)
        return f"{said} for {seconds:.1f} s"

    def empty_redis(self, dice: random.Random) -> str:
        with suppress(RedisError), closing(Redis.from_url(self.service.settings.redis_url, socket_timeout=2)) as client:
            client.flushall()
        return "Redis emptied"

    def hold_database(self, dice: random.Random) -> str:
        """Somebody else writes for a while: the file's lock on SQLite, every shop's row on PostgreSQL."""
        seconds = dice.uniform(0.5, 3)
        engine = connect(self.service.settings.database_url)
        with suppress(SQLAlchemyError), engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT id FROM shop FOR UPDATE"))
            else:
                connection.execute(text("UPDATE lease SET owner = owner WHERE name = 'nobody'"))
            time.sleep(seconds)
            connection.rollback()
        engine.dispose()
        return f"database held for {seconds:.1f} s"

    def upset_mail_server(self, dice: random.Random) -> str:
        """For some seconds a part of the messages is answered with a hang-up after the final dot, a 451, or late."""
        seconds, mood = dice.uniform(2, 6), random.Random(dice.random())

        def moody(mail: Mail, peer: int) -> str | None:
            chance = mood.random()
            return HANG_UP if chance < 0.1 else NOT_YET if chance < 0.3 else None

        self.sink.at_message = moody
        time.sleep(seconds)
        self.sink.at_message = lambda mail, peer: None
        return f"the mail server hung up and put off for {seconds:.1f} s"

    def kill_all(self, dice: random.Random) -> str:
        """The whole tree at once, and the operator's system starts it again."""
        self.service.end()
        self.service.start()
        return "everything killed and started again"

    def restart(self, dice: random.Random) -> str:
        status = self.service.stop(60)
        assert status == 0, f"stopped with {status}"
        self.service.start()
        return "stopped and started"

    def kill_database(self, dice: random.Random) -> str:
        assert self.database is not None
        self.database()
        return "database killed and started again"

    def _signal(self, name: str, number: signal.Signals) -> str:
        pid = self.service.parts.get(name, 0)
        with suppress(ProcessLookupError):
            if pid:
                os.kill(pid, number)
        return f"{number.name} {name}" if pid else f"{name} was away"
