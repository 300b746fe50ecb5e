"""What is started ends, and what it costs is seen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench import processes
from tests.runtime.processes import alive, eventually

STARTS_A_CHILD = """
import sys, time
from pathlib import Path
from bench.processes import run
print(run([sys.executable, "-c", "import time; time.sleep(600)"], Path(sys.argv[1])).pid, flush=True)
time.sleep(600)
"""


def test_a_killed_parent_leaves_no_child(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTS_A_CHILD, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    eventually(lambda: not alive(child))


def test_the_work_and_the_memory_of_a_tree_are_counted(tmp_path: Path) -> None:
    busy = "import os, time; os.fork(); end = time.process_time() + 0.3\nwhile time.process_time() < end: pass\ntime.sleep(600)"
    started = processes.run([sys.executable, "-c", busy], tmp_path / "log")
    try:
        eventually(lambda: processes.cpu(processes.tree(started.pid)) >= 0.5)
        assert len(processes.tree(started.pid)) == 2
        assert sum(processes.memory(processes.tree(started.pid)).values()) > 1
    finally:
        below = processes.tree(started.pid)
        started.stop(seconds=0.3)
    eventually(lambda: not any(alive(pid) for pid in below))


def test_what_does_not_obey_is_ended_by_force(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    started = processes.run([sys.executable, "-c", deaf], tmp_path / "log")
    eventually(lambda: "deaf" in started.said())
    started.stop(seconds=0.2)
    assert not alive(started.pid)
