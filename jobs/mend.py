"""What got stuck half-way: claims of dead workers, sendings without an answer, doubts whose time has come."""

from __future__ import annotations

import logging

from jobs.world import World
from postventa import effects, failpoints, outages
from postventa.models.db import transaction
from postventa.process import lives

log = logging.getLogger("postventa.mend")


def mend(world: World) -> None:
    """Free what can be done again; turn the rest into a doubt that a person can see."""
    with transaction(world.engine) as session:
        effects.bring_back(session)
        outages.attend(session)
        again = effects.mend(session, world.settings.recovery.doubt_after, lives)
    failpoints.hit("clock.after_mend")
    for effect_id in again:
        log.warning("effect taken up again", extra={"effect": effect_id})
