"""The bare Flask and RQ stack as a contender, with Redis writing to disk once a second, or for each command."""

from __future__ import annotations

import sys

from bench.processes import run
from bench.servers import Fsync, Redis
from bench.stack import SECRET, Stack

WEB = ["-k", "gthread", "-w", "2", "--threads", "8", "--log-level", "warning"]
WORKERS = 2


class FlaskRq(Stack):
    """`fsync` everysec: what most would run. An answered webhook may be lost with the machine's last second."""

    name = "Flask + RQ"
    path = "/hook"
    ready = "/ready"
    fsync: Fsync = "everysec"

    def start(self) -> None:
        redis = Redis(self.folder, self.fsync)
        redis.start()
        assert redis.started is not None
        self.children.append(redis.started)
        environ = {"PEER_REDIS": redis.url, "PEER_SECRET": SECRET, "PEER_SMTP_PORT": str(self.sink.port)}
        web = [sys.executable, "-m", "gunicorn", *WEB, "--bind", f"127.0.0.1:{self.port}", "bench.peers.flask_rq:app"]
        self.children.append(run(web, self.folder / "web.log", environ))
        for number in range(WORKERS if self.mails else 0):
            self.children.append(run([sys.executable, "-m", "bench.peers.worker"], self.folder / f"worker-{number}.log", environ))
        self.wait_until_ready()


class DurableFlaskRq(FlaskRq):
    """`always`: an answered webhook is on disk, as it is with us."""

    name = "Flask + RQ, fsync"
    fsync = "always"
