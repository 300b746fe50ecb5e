"""A worker of the bare stack: `python -m bench.peers.worker`."""

from __future__ import annotations

from rq import SimpleWorker

from bench.peers.flask_rq import connection, queue

if __name__ == "__main__":
    SimpleWorker([queue], connection=connection).work(logging_level="WARNING")
