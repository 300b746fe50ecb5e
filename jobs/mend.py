"""What got stuck half-way: claims of dead workers, sendings without an answer, doubts whose time has come."""

from __future__ import annotations

import logging

from jobs.world import World
from postventa import effects, failpoints, outages
from postventa.models.db import reading, transaction
from postventa.process import lives

log = logging.getLogger("postventa.mend")


def mend(world: World) -> None:
    """Free what can be done again; turn the rest into a doubt that a person can see."""
    with transaction(world.engine) as session:
        outages.attend(session)
        again = effects.mend(session, world.settings.recovery.doubt_after, lives)
    failpoints.hit("clock.after_mend")
    for effect_id in again:
        log.warning("effect taken up again", extra={"effect": effect_id})


def bring_back(world: World) -> None:
    """What was put off while the machine's clock was wrong. Looking holds nobody up; there is hardly ever anything to write."""
    with reading(world.engine) as session:
        if not effects.astray(session):
            return
    with transaction(world.engine) as session:
        effects.bring_back(session)
    log.warning("what was to wait far too long, since the clock was wrong, is due again")
