"""Sends webhooks and notes when each was due, sent and answered.

Closed loop: every connection sends its next one as soon as the last is answered; that finds the most a server takes, and its latencies are not what
users see at a given rate. Open loop: number i is due at start + i / rate, whatever the server does, and latency counts from then, so that a stall
shows in everything that queued behind it (no coordinated omission).
"""

from __future__ import annotations

import array
import os
import select
import time
from collections import Counter, deque
from collections.abc import Sequence

from bench.wire import Connection, answered

NOT_SENT, NO_ANSWER, TIMED_OUT = -1, 0, 1
"""Beside HTTP's own statuses."""
clock = time.monotonic


class Tally:
    """What was measured, by the number of the request; times are `time.monotonic` seconds."""

    def __init__(self, count: int) -> None:
        self.status = array.array("h", [NOT_SENT]) * count
        self.due, self.sent, self.done = (array.array("d", [0.0]) * count for _ in range(3))
        self.connects = self.resent = 0
        self.cpu = 0.0
        """Seconds that the generator itself needed."""
        self.problems: Counter[str] = Counter()


class Sender:
    """`rate`: open loop, requests due per second; 0: closed loop. `timeout`: seconds until a request is given up."""

    def __init__(self, address: tuple[str, int], requests: Sequence[bytes], connections: int = 32, rate: float = 0, timeout: float = 30) -> None:
        self._requests, self._rate, self._timeout = requests, rate, timeout
        self._idle = deque(Connection(address) for _ in range(connections))
        self._by_fd: dict[int, Connection] = {}
        self._poller = select.epoll()
        self._next = 0
        self.tally = Tally(len(requests))

    def run(self, start_at: float) -> Tally:
        """Begin at that moment; returns when all are answered or given up."""
        if self._rate:
            for job in range(len(self._requests)):
                self.tally.due[job] = start_at + job / self._rate
        time.sleep(max(0.0, start_at - clock()))
        before, look_at = os.times(), start_at + 1
        while self._next < len(self._requests) or any(c.job >= 0 for c in self._by_fd.values()):
            now = clock()
            while self._idle and self._is_due(now):
                self._start(self._idle.popleft(), now)
            if now >= look_at:
                look_at = now + 1
                self._give_up(now)
            self._wait()
        for conn in list(self._by_fd.values()):
            self._close(conn)
        self._poller.close()
        after = os.times()
        self.tally.cpu = after.user + after.system - before.user - before.system
        return self.tally

    def _is_due(self, now: float) -> bool:
        return self._next < len(self._requests) and (not self._rate or self.tally.due[self._next] <= now)

    def _wait(self) -> None:
        wait = 0.25
        if self._rate and self._idle and self._next < len(self._requests):
            wait = min(wait, max(0.0, self.tally.due[self._next] - clock()))
        if wait < 0.005:  # epoll counts in whole milliseconds; select on it counts in microseconds
            select.select([self._poller.fileno()], (), (), wait)
            wait = 0
        for fd, mask in self._poller.poll(wait):
            self._on_event(fd, mask)

    # one request

    def _start(self, conn: Connection, now: float) -> None:
        job, self._next = self._next, self._next + 1
        conn.job, conn.resent = job, False
        self.tally.sent[job] = now
        if not self._rate:
            self.tally.due[job] = now
        self._transmit(conn)

    def _transmit(self, conn: Connection) -> None:
        conn.received, conn.unsent = b"", self._requests[conn.job]
        try:
            if conn.sock is None:
                self.tally.connects += 1
                descriptor = conn.open()
                self._by_fd[descriptor] = conn
                self._poller.register(descriptor, select.EPOLLIN | select.EPOLLOUT)
                return
            self._push(conn)
        except OSError as error:
            self._broken(conn, os.strerror(error.errno or 0))

    def _push(self, conn: Connection) -> None:
        assert conn.sock is not None
        out = conn.push()
        if out == conn.writing:  # what we wait for has changed
            conn.writing = not out
            self._poller.modify(conn.sock.fileno(), select.EPOLLIN | (0 if out else select.EPOLLOUT))

    def _on_event(self, fd: int, mask: int) -> None:
        conn = self._by_fd.get(fd)
        if conn is None:
            return
        try:
            if mask & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                self._on_data(conn)
            elif mask & select.EPOLLOUT and conn.unsent:
                self._push(conn)
        except OSError as error:
            self._broken(conn, os.strerror(error.errno or 0))

    def _on_data(self, conn: Connection) -> None:
        if conn.job < 0:  # the server hung up on a connection that rests
            self._close(conn)
            return
        data = conn.pull()
        if data is None:
            return
        conn.received += data
        answer = answered(conn.received, not data) if conn.received else None
        if answer:
            conn.fresh = False
            if not answer[1]:
                self._close(conn)
            self._finish(conn, answer[0], clock())
        elif not data:
            self._broken(conn, "closed without an answer")

    def _finish(self, conn: Connection, status: int, now: float) -> None:
        self.tally.status[conn.job], self.tally.done[conn.job] = status, now
        conn.job = -1
        if conn.unsent:  # answered before it had read everything: unusable for the next
            self._close(conn)
        if status >= 100 and not self._rate and self._next < len(self._requests):
            self._start(conn, now)
        else:
            self._idle.append(conn)

    def _broken(self, conn: Connection, reason: str) -> None:
        """A kept connection may just have been closed by the server: resend once, as a shop would."""
        stale = not conn.fresh and not conn.received and not conn.resent
        self._close(conn)
        if stale:
            conn.resent = True
            self.tally.resent += 1
            self._transmit(conn)
            return
        self.tally.problems[reason] += 1
        time.sleep(0.001)  # a server that refuses is not worth a busy loop
        self._finish(conn, NO_ANSWER, clock())

    def _close(self, conn: Connection) -> None:
        if conn.sock is not None:
            self._by_fd.pop(conn.sock.fileno(), None)
            conn.sock.close()
            conn.sock = None

    def _give_up(self, now: float) -> None:
        for conn in list(self._by_fd.values()):
            if conn.job >= 0 and now - self.tally.sent[conn.job] > self._timeout:
                self._close(conn)
                self._finish(conn, TIMED_OUT, now)
