"""How often one stranger, or one shop, is listened to: counted in this process, as nothing that is asked here costs more than a signature and a row.

What strangers cost is bounded like this; what Shopify's slowness costs is bounded in `jobs/shopify_install.py`.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from postventa.accounts.limits import network

RATE, BURST = 0.5, 60.0
"""Of one of them: so many a second for ever, so many at once. A page asks once when it is opened."""
REMEMBERED = 10_000
"""Names; beyond them the one that was quiet the longest is forgotten."""


@dataclass
class _Bucket:
    left: float
    at: float


class Limits:
    """A bucket for each name. `clock`: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def pass_on(self, name: str) -> bool:
        """Count one request; False: it is one too many."""
        now = self._clock()
        with self._lock:
            bucket = self._buckets.setdefault(name, _Bucket(BURST, now))
            self._buckets.move_to_end(name)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
            bucket.left, bucket.at = min(BURST, bucket.left + (now - bucket.at) * RATE), now
            if bucket.left < 1:
                return False
            bucket.left -= 1
            return True


def stranger() -> str:
    """The name of whoever asks and proves nothing: their network."""
    return f"network {network(request.remote_addr)}"
