"""What the clock does every hour with approvals that nobody came back for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, select, update

from jobs import schedule
from postventa.clock import real_now
from postventa.connecting.store import Approvals
from postventa.models import ShopApproval
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House


def test_keys_that_nobody_came_for_are_thrown_away_every_hour(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    world = House(engine, clock, tmp_path).world
    pending = Approvals(engine, world.secret)
    begun = pending.begin("mara", "https://zapateria-lola.example")
    assert pending.receive(begun.ref, begun.state, "ck_" + "a" * 40, "cs_" + "b" * 40)
    with transaction(engine) as session:
        session.execute(update(ShopApproval).values(expires_at=real_now() - timedelta(seconds=1)))
    [chore] = [chore for chore in schedule.periodic(world) if chore.name == "forget keys that nobody came for"]
    assert chore.every == 3600
    chore.run(world)
    with reading(engine) as session:
        [row] = session.scalars(select(ShopApproval))
        assert (row.step, row.secrets) == ("ended", None)
