"""Deliveries that nobody signed: said once a minute for each sender, and answered with 429 when they are a flood.

Only what was refused counts, and only after its signature was checked: whoever signs is never slowed down, from whatever address. Behind a proxy
that `[server] trusted_proxies` does not know all strangers are one.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger("postventa.webhooks")

RATE, BURST = 50.0, 200.0
"""Refusals of one sender: so many a second for ever, so many at once."""
SAID_EVERY = 60.0
"""Seconds between two lines about one sender."""
REMEMBERED = 10_000
"""Senders; beyond them the one that was quiet the longest is forgotten."""


@dataclass
class _Sender:
    left: float
    at: float
    said_at: float = float("-inf")
    unsaid: int = 0


class Strangers:
    """What one process remembers of senders that could not prove who they are. `clock`: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._senders: OrderedDict[str, _Sender] = OrderedDict()

    def refused(self, address: str | None) -> bool:
        """Count one refusal of that IP address; whether it is one too many."""
        instant, name = self._clock(), network(address)
        with self._lock:
            sender = self._senders.setdefault(name, _Sender(BURST, instant))
            self._senders.move_to_end(name)
            if len(self._senders) > REMEMBERED:
                self._senders.popitem(last=False)
            flood = _take(sender, instant)
            sender.unsaid += 1
            count = sender.unsaid if instant - sender.said_at >= SAID_EVERY else 0
            if count:
                sender.said_at, sender.unsaid = instant, 0
        if count:
            log.warning("deliveries refused: not signed by the shop they are addressed to", extra={"ip": name, "count": count, "flood": flood})
        return flood


def network(address: str | None) -> str:
    """Who that is: an IPv4 address, or the /64 that one subscriber has of IPv6."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    return str(known) if known.version == 4 else str(ipaddress.ip_network((known, 64), strict=False))


def _take(sender: _Sender, instant: float) -> bool:
    """Take one of what is left; whether nothing was."""
    sender.left, sender.at = min(BURST, sender.left + (instant - sender.at) * RATE), instant
    if sender.left < 1:
        return True
    sender.left -= 1
    return False
