"""Deliveries go to the spool while the database is damaged: their shops have their answer, and the inbox takes them in when it is whole again."""

from __future__ import annotations

from collections.abc import Sequence

from postventa.damage import Marker
from postventa.spool import Spool, Spooled
from webhooks.inbox import Raw


class SpoolRefuge:
    """What the inbox falls back to."""

    def __init__(self, marker: Marker, spool: Spool) -> None:
        self._marker, self._spool = marker, spool

    def wanted(self, raws: Sequence[Raw]) -> bool:
        """While the database is damaged, and as long as shops are known from the configuration only, without the number that it gives them."""
        return self._marker.known or any(raw.shop_id == 0 for raw in raws)

    def keep(self, raws: Sequence[Raw]) -> None:
        """Returns when all are on disk. Raises `OSError`."""
        self._spool.append([_spooled(raw) for raw in raws])


def _spooled(raw: Raw) -> Spooled:
    return Spooled(
        raw.shop_key,
        raw.shop_id,
        raw.platform,
        raw.topic,
        raw.delivery_id,
        raw.dedupe,
        raw.headers,
        raw.body,
        raw.secret_index,
        raw.received_at,
    )
