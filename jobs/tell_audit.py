"""The audit log's newest number and hash go to the service's log, so that somebody who cuts the end off in the database is found out."""

from __future__ import annotations

import logging

from jobs.world import World
from postventa import audit
from postventa.models.db import reading

log = logging.getLogger("postventa.audit")

_told: dict[str, audit.Anchor | None] = {}
"""What this process told last, by database."""


def tell_audit(world: World) -> None:
    """Say it when it changed: one line, `postventa audit verify --anchor` takes it."""
    with reading(world.engine) as session:
        newest = audit.newest(session)
    if newest is not None and _told.get(world.settings.database_url) != newest:
        log.info("the audit log ends with %s", newest)
        _told[world.settings.database_url] = newest
