"""One process that forks, watches, restarts and ends all others.

It stays small and single-threaded and opens neither database nor Redis, so that what it forks is clean: children start in
milliseconds from code that is loaded already, and share its memory. A child that dies comes back, at once the first time and with
growing pauses if it keeps dying. Every child ends when this process ends, however that happens (`orphans`).

SIGUSR2 asks it to renew itself: the caller's `renew` replaces the program of this process (`renewal`), whose children go on working
meanwhile; the new program adopts them, starts its own, and then lets the adopted ones end.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

import structlog

from postventa.config import ConfigError
from postventa.runtime.orphans import die_with, name_process

log = structlog.stdlib.get_logger("postventa.supervisor")

STEADY = 5.0
"""Seconds after which a child counts as well: its next death is its first again."""
PAUSES = (0.05, 0.5, 1, 2, 4, 8)
"""Seconds before the first, second ... restart in a row."""
LOOK = 15.0
"""Seconds between two looks whether somebody wants a child that does not run."""
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
RENEWING = signal.SIGUSR2
HEEDED = (*ENDING, RENEWING)


@dataclass(frozen=True)
class Child:
    """A process to keep alive: `target` runs in it until SIGTERM. Lower `stage`s are stopped first, each within `grace` seconds."""

    name: str
    target: Callable[[], None]
    stage: int = 0
    grace: float = 10.0
    mend: Callable[[], None] | None = None
    """Called before the third restart in a row: what might let it live again."""
    keeps: tuple[int, ...] = ()
    """File descriptors of the supervisor that this child works with; it closes the others of `Supervisor.private`."""
    wanted: Callable[[], bool] | None = None
    """Whether it is needed at all now; asked every `LOOK` seconds while it does not run."""


@dataclass
class _Watched:
    child: Child
    pid: int = 0
    born: float = 0.0
    deaths: int = 0
    due: float = 0.0
    ordered: bool = False
    """Its end was ordered, or it is of an older program: it is not restarted."""
    killed_at: float = float("inf")
    """When a retired child's patience ends (monotonic)."""


@dataclass
class Supervisor:
    """Start children with `start`, then `run` until a signal ends them all."""

    private: Sequence[int] = ()
    """Descriptors (locks, the listening socket) that children close unless they keep them."""
    expected: tuple[type[Exception], ...] = ()
    """Errors that end a child and need no traceback: a database or Redis that is away."""
    _watched: list[_Watched] = field(default_factory=list)
    _signals: int = 0
    _renewal_asked: bool = False
    _pipe: tuple[int, int] = (-1, -1)

    def __post_init__(self) -> None:
        self._pipe = os.pipe()
        for end in self._pipe:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        for number in ENDING:
            signal.signal(number, self._asked_to_end)
        signal.signal(RENEWING, self._asked_to_renew)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEEDED)  # held back while the program was replaced

    @property
    def ending(self) -> bool:
        """Whether somebody asked for the end."""
        return self._signals > 0

    def start(self, child: Child) -> None:
        """Run `child` and keep it running, from when it is wanted on."""
        watched = _Watched(child)
        self._watched.append(watched)
        self._fork_if_wanted(watched)

    @property
    def living(self) -> list[tuple[Child, int]]:
        """Every child that lives, and its process id."""
        return [(w.child, w.pid) for w in self._watched if w.pid]

    def adopt(self, child: Child, pid: int, *, keep: bool = False) -> None:
        """Watch a child that this process forked as an older program; only one to `keep` is started again when it dies."""
        self._watched.append(_Watched(child, pid, time.monotonic(), ordered=not keep))

    def retire(self) -> None:
        """Let the adopted children end, each within its grace. Returns at once; `run` sees to it."""
        for watched in self._watched:
            if watched.ordered and watched.pid and watched.killed_at == float("inf"):
                watched.killed_at = time.monotonic() + watched.child.grace
                os.kill(watched.pid, signal.SIGTERM)

    def until(self, done: Callable[[], bool], timeout: float) -> bool:
        """Watch until `done`; False when that took too long or the end was asked for."""
        deadline = time.monotonic() + timeout
        while not done():
            if self.ending or time.monotonic() > deadline:
                return False
            self._watch()
            self._wait(0.1)
        return True

    def once(self, child: Child, timeout: float, meanwhile: Callable[[], None] | None = None) -> int:
        """Run `child` to its end, watching the others meanwhile; its exit status, 124 when it took too long, 143 when told to end.

        `meanwhile` is done here beside it, first.
        """
        watched = _Watched(child, ordered=True)
        self._fork(watched)
        if meanwhile:
            meanwhile()
        deadline = time.monotonic() + timeout
        while True:
            status = _reap(watched.pid)
            if status is not None:
                return status
            if self.ending or time.monotonic() > deadline:
                os.kill(watched.pid, signal.SIGKILL)
                os.waitpid(watched.pid, 0)
                return 143 if self.ending else 124
            self._watch()
            self._wait(0.5)

    def run(self, renew: Callable[[], None] | None = None) -> int:
        """Until SIGTERM, SIGINT or SIGHUP; then stop stage by stage. 0 when all ended in good order, 1 when some had to be killed.

        At SIGUSR2 `renew` is called: it replaces this program, or returns when that cannot be done, and all goes on as before.
        """
        while not self.ending:
            self._watch()
            if self._renewal_asked:
                self._renewal_asked = False
                if renew:
                    renew()
            else:
                self._wait(self._pause())
        log.info("stopping; a second signal stops at once")
        status = self.stop()
        log.info("stopped")
        return status

    def stop(self) -> int:
        """End all children now, stage by stage; as `run`."""
        clean = True
        for stage in sorted({w.child.stage for w in self._watched}):
            clean = self._stop(stage) and clean
        return 0 if clean else 1

    def _watch(self) -> None:
        """Notice deaths, and bring back who is due."""
        now = time.monotonic()
        for watched in self._watched:
            if watched.pid and (status := _reap(watched.pid)) is not None:
                self._mourn(watched, status)
            elif watched.pid and now > watched.killed_at:
                log.warning("an old process did not end in time and is killed", process=watched.child.name, pid=watched.pid)
                os.kill(watched.pid, signal.SIGKILL)
                watched.killed_at = now + STEADY
            if not watched.pid and not watched.ordered and watched.due <= now:
                self._fork_if_wanted(watched)
        self._watched = [w for w in self._watched if w.pid or not w.ordered]

    def _mourn(self, watched: _Watched, status: int) -> None:
        pid, watched.pid = watched.pid, 0
        if watched.ordered:
            return
        lived = time.monotonic() - watched.born
        watched.deaths = 1 if lived >= STEADY else watched.deaths + 1
        pause = PAUSES[min(watched.deaths, len(PAUSES)) - 1]
        watched.due = time.monotonic() + pause
        log.warning("a process ended and is started again", process=watched.child.name, pid=pid, how=_how(status), lived=round(lived, 1))
        if watched.deaths == 3 and watched.child.mend:
            watched.child.mend()

    def _pause(self) -> float:
        dues = [w.due for w in self._watched if not w.pid]
        dues += [w.killed_at for w in self._watched if w.killed_at < float("inf")]
        return max(0.0, min(dues) - time.monotonic()) if dues else 60.0

    def _stop(self, stage: int) -> bool:
        """End the children of one stage; whether none had to be killed."""
        staged = [w for w in self._watched if w.child.stage == stage]
        for watched in staged:
            watched.ordered = True
            if watched.pid and watched.killed_at == float("inf"):  # a retired one was told before: a second signal would break off its job
                os.kill(watched.pid, signal.SIGTERM)
        started, told, killed = time.monotonic(), False, False
        while left := [w for w in staged if w.pid]:
            waited = time.monotonic() - started
            if waited > 3 and not told:
                told = True
                log.info("waiting for work in hand to end", processes=[w.child.name for w in left])
            for watched in left:
                if self._signals > 1 or waited > watched.child.grace:
                    if not killed:
                        log.warning("what did not end in time is killed", processes=[w.child.name for w in left], waited=round(waited, 1))
                    killed = True
                    os.kill(watched.pid, signal.SIGKILL)
            self._wait(0.2)
            self._watch()
        return not killed

    def _wait(self, seconds: float) -> None:
        """Until a signal arrives, at most that long."""
        ready, _, _ = select.select([self._pipe[0]], [], [], seconds)
        if ready:
            os.read(self._pipe[0], 4096)

    def _asked_to_end(self, number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _asked_to_renew(self, number: int, _frame: FrameType | None) -> None:
        self._renewal_asked = True

    def _fork_if_wanted(self, watched: _Watched) -> None:
        if watched.child.wanted is None or watched.child.wanted():
            self._fork(watched)
        else:
            watched.due = time.monotonic() + LOOK

    def _fork(self, watched: _Watched) -> None:
        parent = os.getpid()
        _flush()
        pid = os.fork()
        if pid == 0:
            os._exit(self._live(watched.child, parent))
        watched.pid, watched.born = pid, time.monotonic()

    def _live(self, child: Child, parent: int) -> int:
        """In the child: its whole life; the exit status."""
        try:
            signal.set_wakeup_fd(-1)
            for number in (*HEEDED, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.setsid()  # Ctrl-C in the terminal reaches the supervisor only, which ends everyone in order
            die_with(parent)
            name_process(f"pv-{child.name}")
            for descriptor in (*self._pipe, *self.private):
                if descriptor not in child.keeps:
                    os.close(descriptor)
            child.target()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else int(end.code is not None)
        except ConfigError as error:
            log.error(str(error), process=child.name)  # it says what to mend; where it was noticed helps nobody
            return 2
        except self.expected as error:
            log.error("a process cannot work now", process=child.name, error=f"{type(error).__name__}: {error}")
            return 1
        except BaseException:
            log.exception("a process failed", process=child.name)
            return 1
        finally:
            _flush()
        return 0


def _reap(pid: int) -> int | None:
    """How that child ended (negative: by which signal), None while it lives."""
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def _how(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # the reader of our pipe is gone, or the disk of our log is full
            stream.flush()
