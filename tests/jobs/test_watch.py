"""What is wrong becomes an alarm, is told to the operator once, and is over when it is mended."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, select, update

from connectors.errors import ConnectorError
from jobs import queue, watch
from jobs.tell_operator import NotTold, tell_operator
from postventa import alarms
from postventa.clock import now, real_now
from postventa.effects import LONGEST
from postventa.models import Alarm, Attempt, Effect, Inbound
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.jobs.test_queue_and_sweep import stored
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder


@pytest.fixture
def house(engine: Engine, redis_url: str, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON)
    (tmp_path / "var").mkdir()
    return House(engine, clock, tmp_path, alba(), redis_url=redis_url)


def with_alerts(house: House, **alerts: Any) -> None:
    house.world.settings = house.settings.model_copy(update={"alerts": house.settings.alerts.model_copy(update=alerts)})


def seen(house: House) -> dict[str, str]:
    """Open alarms after a look: name -> level."""
    watch.watch(house.world)
    with reading(house.engine) as session:
        return {alarm.name: alarm.level for alarm in alarms.open_alarms(session)}


def test_what_others_saw_happen_is_over_when_it_has_not_happened_for_an_hour(house: House) -> None:
    with transaction(house.engine) as session:
        alarms.raise_alarm(session, "wrong-shop", "Cerámica Alba", "warn", "a delivery with its signature names another shop")
    assert seen(house) == {"wrong-shop": "warn"}
    with transaction(house.engine) as session:
        session.execute(update(Alarm).values(seen_at=real_now() - watch.HAPPENED["wrong-shop"]))
    assert seen(house) == {}


def test_a_healthy_service_has_no_alarm(house: House) -> None:
    house.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    house.run()
    assert seen(house) == {}


def test_a_backlog_warns_pages_and_is_over_when_it_is_read(house: House) -> None:
    stored(house, 4001)
    assert seen(house) == {}
    for age, level in ((61, "warn"), (301, "page")):
        with transaction(house.engine) as session:
            session.execute(update(Inbound).values(not_before=real_now() - timedelta(seconds=age)))
        assert seen(house) == {"backlog": level}
    with transaction(house.engine) as session:
        session.execute(update(Inbound).values(state="done", done_at=now()))
    assert seen(house) == {}
    with reading(house.engine) as session:
        (row,) = session.scalars(select(Alarm))
        assert row.closed_at is not None
        assert row.subject == "Cerámica Alba"


def test_what_is_given_up_in_doubt_or_late_is_noticed(house: House, clock: TestClock) -> None:
    house.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    for state, name in (("dead", "dead-mails"), ("unknown", "mails-in-doubt")):
        with transaction(house.engine) as session:
            session.execute(update(Effect).values(state=state, done_at=now()))
        assert seen(house) == {name: "warn"}
    with transaction(house.engine) as session:
        session.execute(update(Effect).values(state="planned", done_at=None, due_at=NOON, not_before=real_now() - timedelta(seconds=1000)))
    clock.advance(seconds=1000)
    assert seen(house) == {"mails-late": "page"}
    clock.advance(days=2)
    with transaction(house.engine) as session:
        session.execute(update(Effect).values(state="dead", done_at=NOON))
    assert seen(house) == {}, "what was given up days ago was seen by somebody, or never will be"


def test_a_mail_server_that_takes_nothing_is_noticed(house: House) -> None:
    house.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    (effect,) = house.effects(followup="order_received")
    with transaction(house.engine) as session:
        session.add_all(Attempt(effect_id=effect.id, fence=1, at=real_now(), outcome="retry", detail="535 wrong password") for _ in range(5))
    assert seen(house) == {"mail-server": "page"}
    with transaction(house.engine) as session:
        session.add(Attempt(effect_id=effect.id, fence=1, at=real_now(), outcome="sent"))
    assert seen(house) == {}


def test_the_operator_is_told_once_by_mail_and_by_a_program(house: House, redis: Redis, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    program = [sys.executable, "-c", f"import sys; open({str(told)!r}, 'a').write(sys.stdin.read() + '\\n')"]
    with_alerts(house, email="operador@ceramica-alba.example", command=program)
    with transaction(house.engine) as session:
        alarms.raise_alarm(session, "shop-refuses-us", "Cerámica Alba", "page", "the shop refuses our keys")
    watch.watch(house.world)
    watch.watch(house.world)
    assert queue.depth(redis)["later"] == 1
    tell_operator(1)
    tell_operator(1)
    (mail,) = house.postman.mails
    assert mail["To"] == "operador@ceramica-alba.example"
    assert mail["Subject"] == "[Postventa] page: shop-refuses-us (Cerámica Alba)"
    assert "the shop refuses our keys" in mail.get_content()
    (line,) = told.read_text().splitlines()
    assert json.loads(line)["name"] == "shop-refuses-us"


def test_an_alarm_that_nobody_could_be_told_of_stays_untold(house: House, tmp_path: Path) -> None:
    with_alerts(house, email="operador@ceramica-alba.example", command=[str(tmp_path / "nothing")])
    house.postman.trouble.append(ConnectorError("the mail server cannot be reached"))
    with transaction(house.engine) as session:
        alarms.raise_alarm(session, "backlog", "", "page", "waits")
    with pytest.raises(NotTold):
        tell_operator(1)
    tell_operator(1)
    assert len(house.postman.mails) == 1


def test_requests_wait_while_machine_and_database_differ_by_much(house: House, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_skew", lambda engine: -31.0)
    assert seen(house) == {"clock-differs": "page"}
    assert house.world.time_in_doubt
    monkeypatch.setattr(watch, "_skew", lambda engine: 3.0)
    assert seen(house) == {"clock-differs": "warn"}
    assert not house.world.time_in_doubt


def test_what_was_put_off_by_a_wrong_clock_waits_no_longer_than_the_rules_let_it(house: House) -> None:
    from jobs.mend import bring_back

    stored(house, 4001)
    house.deliver("woocommerce", WooOrder(4002).tell("order.created").sent[0])
    with transaction(house.engine) as session:
        session.execute(update(Inbound).values(not_before=real_now() + 3 * LONGEST))
        session.execute(update(Effect).values(not_before=real_now() + 3 * LONGEST))
    bring_back(house.world)
    unread, planned = house.inbound()[:1], house.effects(state="planned")
    assert unread[0].state == "new"
    assert planned
    assert all(moment <= real_now() for moment in [unread[0].not_before, *(effect.not_before for effect in planned)])
