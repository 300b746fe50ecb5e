"""Old deliveries lose their bodies, in small steps, and nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from jobs import purge
from postventa.clock import now
from postventa.models import Inbound
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder


def test_bodies_go_after_thirty_days_but_not_those_still_to_be_read(
    engine: Engine, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "AT_ONCE", 2)
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba())
    for ref in range(4001, 4008):
        house.deliver("woocommerce", WooOrder(ref).tell("order.created").sent[0])
    with transaction(engine) as session:
        ids = session.scalars(select(Inbound.id).order_by(Inbound.id)).all()
        session.execute(update(Inbound).where(Inbound.id == ids[2]).values(state="new"))
        session.execute(update(Inbound).where(Inbound.id == ids[3]).values(state="dead"))
        session.execute(update(Inbound).where(Inbound.id == ids[4]).values(received_at=now() + timedelta(days=1)))
    clock.advance(days=30, minutes=1)
    purge.purge(house.world)
    with reading(engine) as session:
        kept = {row.id for row in session.scalars(select(Inbound)) if row.body is not None}
        hashes = session.scalars(select(Inbound.dedupe)).all()
    assert kept == {ids[2], ids[3], ids[4]}
    assert all(hashes)
