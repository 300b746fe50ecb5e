"""A damaged file is noticed by whoever meets it, stops all that is sent, is told once, and is over after a thorough check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError

from connectors.errors import ConnectorError
from jobs import queue, send_mails, take_in, watch, wholeness
from postventa import alarms
from postventa.clock import real_now
from postventa.damage import Damaged, Marker
from postventa.models import Effect, Inbound
from postventa.models.db import connect, reading, transaction
from postventa.spool import Spool, Spooled
from tests.conftest import TestClock
from tests.faults.damage import damage
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder
from webhooks.inbox import Inbox, Overloaded, Raw
from webhooks.refuge import SpoolRefuge


@pytest.fixture
def house(sqlite_engine: Engine, redis_url: str, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    clock.set(NOON)
    (tmp_path / "var").mkdir()
    monkeypatch.setattr(wholeness, "_here", wholeness._Here())
    yield House(sqlite_engine, clock, tmp_path, alba(), redis_url=redis_url)
    wholeness.end()


def marker(house: House) -> Marker:
    return wholeness.marker_of(house.world)


def harm(house: House) -> None:
    """The file, for real; what this process had read of it is forgotten."""
    house.engine.dispose()
    damage(Path(house.engine.url.database or ""))


def halted(house: House) -> bool:
    """One round of the clock, with what it began."""
    wholeness._here.attended_at = float("-inf")
    found = wholeness.halted(house.world)
    if wholeness._here.thread is not None:
        wholeness._here.thread.join(90)
    return found


def raw(house: House, ref: int, **changes: Any) -> Raw:
    sent = WooOrder(ref).tell("order.created").sent[0]
    values = {"shop_id": house.shops["woocommerce"], "shop_key": alba().key, **changes}
    return Raw(platform="woocommerce", topic=sent.topic, delivery_id=sent.delivery_id, headers={}, body=sent.body, **values)


def inbox(house: House) -> Inbox:
    return Inbox(house.engine, lambda shops: None, SpoolRefuge(marker(house), Spool(house.settings.spool)))


def told_of(house: House) -> list[str]:
    return [alarm.name for alarm in alarms.standing(house.engine)]


def test_the_first_look_comes_with_the_start_and_the_next_ones_at_night() -> None:
    noon, night = (datetime(2026, 3, 10, hour, 30).astimezone() for hour in (12, 3))
    assert wholeness.is_due(None, noon)
    assert not wholeness.is_due(timedelta(hours=7), noon)
    assert wholeness.is_due(timedelta(hours=7), night.astimezone(UTC))
    assert not wholeness.is_due(timedelta(hours=1), night)
    assert wholeness.is_due(timedelta(hours=24), noon)


def test_a_whole_file_stops_nothing(house: House) -> None:
    wholeness.look(house.world)
    assert wholeness._here.thread is not None
    wholeness._here.thread.join(90)
    assert not halted(house)
    assert told_of(house) == []


def test_a_look_finds_what_nobody_has_met_yet(house: House) -> None:
    with transaction(house.engine) as session:
        for number in range(500):
            session.execute(
                text("INSERT INTO lease (name, owner, fence, expires_at) VALUES (:n, :o, 0, '2026-01-01')"), {"n": f"{number}", "o": "x" * 500}
            )
    harm(house)
    assert not marker(house).known
    wholeness.inspect(house.world)
    known = marker(house).read()
    assert known is not None
    assert known.sure
    assert Path(marker(house).path).stat().st_mode & 0o777 == 0o600


def test_a_look_that_takes_too_long_gives_up_and_blames_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wholeness, "OFTEN", 1)
    assert wholeness.check(house.world, "quick_check", 60) == ""
    assert wholeness.check(house.world, "quick_check", -1) is None
    monkeypatch.setattr(wholeness, "LIMIT", -1)
    wholeness.inspect(house.world)
    assert not marker(house).known


def test_whoever_meets_the_damage_stops_everybody_who_writes(house: House) -> None:
    house.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    other = connect(house.engine.url.render_as_string())
    harm(house)
    with pytest.raises(OperationalError) as caught, reading(house.engine) as session:
        session.scalars(select(Effect)).all()
    assert isinstance(caught.value.orig, Damaged)
    with pytest.raises(OperationalError, match="damaged"), transaction(other) as session:
        session.execute(text("SELECT 1"))
    with pytest.raises(OperationalError, match="damaged"):
        send_mails.send_mails(1)
    assert house.postman.mails == []
    other.dispose()


def test_another_error_is_no_damage(house: House) -> None:
    with pytest.raises(OperationalError, match="no such table"), reading(house.engine) as session:
        session.execute(text("SELECT * FROM nowhere"))
    assert not marker(house).known


def test_the_operator_is_told_once_when_it_is_sure(house: House) -> None:
    house.world.settings = house.settings.model_copy(
        update={"alerts": house.settings.alerts.model_copy(update={"email": "operador@ceramica-alba.example"})}
    )
    harm(house)
    marker(house).report("database disk image is malformed")
    house.postman.trouble.append(ConnectorError("the mail server cannot be reached"))
    for _ in range(3):
        assert halted(house)
    (mail,) = house.postman.mails
    assert mail["Subject"] == "[Postventa] page: database-damaged"
    assert "postventa db restore" in mail.get_content()
    (alarm,) = alarms.standing(house.engine)
    assert (alarm.name, alarm.level, alarm.told_at is not None) == ("database-damaged", "page", True)


def test_an_error_in_passing_is_over_after_a_thorough_check_and_not_twice_in_an_hour(house: House) -> None:
    marker(house).report("database disk image is malformed")
    assert told_of(house) == ["database-damaged"]
    assert halted(house)
    assert not marker(house).known
    assert not halted(house)
    assert house.postman.mails == []
    marker(house).report("database disk image is malformed")
    assert halted(house)
    known = marker(house).read()
    assert known is not None
    assert known.sure
    assert "again" in known.said
    wholeness._here.checked_at -= wholeness.AGAIN
    assert halted(house)
    assert not halted(house)


def test_a_marker_that_nobody_can_read_is_one(house: House) -> None:
    Path(marker(house).path).write_text("{", encoding="utf-8")
    known = marker(house).read()
    assert known is not None
    assert "cannot be read" in known.said
    assert halted(house)
    assert not marker(house).known, "the file is whole"


def test_a_database_that_is_no_file_is_never_damaged() -> None:
    nowhere = Marker.of("postgresql+psycopg://mara@127.0.0.1/postventa")
    nowhere.report("nonsense", sure=True)
    assert not nowhere.known
    assert nowhere.read() is None


def test_deliveries_go_to_the_spool_while_it_is_damaged_and_into_the_inbox_afterwards(house: House, redis: Redis) -> None:
    store = inbox(house)
    store.store(raw(house, 4001))
    marker(house).report("damaged", sure=True)
    store.store(raw(house, 4002))
    store.store(raw(house, 4001))
    assert not store.refusal.lately
    assert sum(file.deliveries for file in Spool(house.settings.spool).waiting()) == 2
    with pytest.raises(OperationalError):
        take_in.take_in(house.world)
    marker(house).clear()
    take_in.take_in(house.world)
    take_in.take_in(house.world)
    assert [(row.delivery_id, row.state) for row in house.inbound()] == [(raw(house, ref).delivery_id, "new") for ref in (4001, 4002)]
    assert Spool(house.settings.spool).empty()
    assert queue.depth(redis)["now"] == 1, "they are read at once"


def test_taken_in_twice_is_taken_in_once(house: House) -> None:
    sent = raw(house, 4001)
    twice = Spooled(sent.shop_key, 99, sent.platform, sent.topic, sent.delivery_id, sent.dedupe, {"x-id": "1"}, sent.body, 1, sent.received_at)
    for _ in range(2):
        Spool(house.settings.spool).append([twice, twice])
        take_in.take_in(house.world)
    (row,) = house.inbound()
    assert (row.body, row.headers, row.secret_index, row.source) == (sent.body, {"x-id": "1"}, 1, "webhook")
    assert row.received_at == sent.received_at


def test_a_shop_without_its_number_is_found_by_its_key(house: House) -> None:
    inbox(house).store(raw(house, 4001, shop_id=0))
    take_in.take_in(house.world)
    (row,) = house.inbound()
    assert row.shop_id == house.shops["woocommerce"]


def test_a_full_disk_refuses_as_ever(house: House) -> None:
    marker(house).report("damaged", sure=True)
    house.settings.spool.mkdir()
    (house.settings.spool / "deliveries.jsonl").symlink_to("/dev/full")
    store = inbox(house)
    with pytest.raises(Overloaded, match="OSError"):
        store.store(raw(house, 4001))
    assert store.refusal.lately


def test_without_damage_nothing_goes_to_the_spool(house: House) -> None:
    with transaction(house.engine) as session:
        session.execute(text("ALTER TABLE inbound RENAME TO elsewhere"))
    with pytest.raises(Overloaded):
        inbox(house).store(raw(house, 4001))
    assert Spool(house.settings.spool).empty()


def test_what_cannot_be_taken_in_is_an_alarm_until_a_person_has_seen_to_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SPOOL_WARN", 0.0)
    spool, sent = Spool(house.settings.spool), raw(house, 4001)
    spool.append([Spooled("otto-gone", 7, sent.platform, sent.topic, sent.delivery_id, sent.dedupe, {}, sent.body, 0, real_now())])
    with (spool.folder / "deliveries.jsonl").open("ab") as active:
        active.write(b'{"hash": "torn')
    take_in.take_in(house.world)
    watch.watch(house.world)
    with reading(house.engine) as session:
        found = {alarm.message for alarm in alarms.open_alarms(session) if alarm.name == "spool"}
    assert len(found) == 2
    assert any("otto-gone" in message for message in found)
    assert any("1 lines" in message for message in found)
    for file in spool.folder.iterdir():
        file.unlink()
    watch.watch(house.world)
    assert told_of(house) == []
    with reading(house.engine) as session:
        assert session.scalars(select(Inbound)).all() == []
