"""No process of ours outlives the one that watches over it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15


def die_with(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Have this process get `number` when `parent` dies, however it dies.

    Linux tells us itself (prctl(2); it survives exec, and follows the *thread* that forked, so fork from the main thread only).
    Elsewhere a thread looks once a second. A parent that is gone already counts.
    """
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, int(number))
    else:
        threading.Thread(target=_look, args=(parent, number), name="parent", daemon=True).start()
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def name_process(name: str) -> None:
    """What `ps -o comm` and `top` call this process (15 characters; Linux only)."""
    if sys.platform == "linux":
        _prctl(PR_SET_NAME, ctypes.c_char_p(name.encode()[:15]))


def _prctl(option: int, value: int | ctypes.c_char_p) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) was refused")


def _look(parent: int, number: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), number)
