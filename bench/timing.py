"""What one call costs in this process."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def cpu_ms(call: Callable[[], object], times: int) -> float:
    """Milliseconds of CPU for one of `times` calls, in the mean; other programs on the machine hardly matter to it."""
    for _ in range(max(1, times // 10)):
        call()
    gc.collect()
    began = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - began) / times * 1000


def wall_ms(call: Callable[[], object], times: int = 1) -> float:
    """Milliseconds by the clock on the wall for one of `times` calls: for what waits for the disk."""
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times * 1000
