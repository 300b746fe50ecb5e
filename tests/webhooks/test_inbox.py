"""The durable inbox: those that wait share a commit, nobody is answered before it, and whoever waits too long is told to come again."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select

from postventa.config import Settings
from postventa.models import Inbound, Shop
from postventa.models.db import reading, transaction
from tests.runtime.processes import eventually
from tests.service.shops import ALBA
from webhooks import inbox as module
from webhooks.inbox import Inbox, Overloaded, Raw

MANY = 300


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> int:
    from postventa.shops import sync

    sync(engine, Settings.model_validate({"source": tmp_path / "config.toml", "shops": [ALBA.config]}))
    with reading(engine) as session:
        return session.scalars(select(Shop.id)).one()


@pytest.fixture
def woken() -> list[set[int]]:
    return []


@pytest.fixture
def inbox(engine: Engine, woken: list[set[int]]) -> Inbox:
    return Inbox(engine, woken.append)


def raw(shop: int, number: int) -> Raw:
    return Raw(shop, "woocommerce", "order.created", f"delivery-{number}", {}, b'{"id": %d}' % number, received_at=datetime.now(UTC))


def stored(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Inbound)) or 0


@pytest.fixture
def commits(engine: Engine) -> list[int]:
    seen: list[int] = []
    event.listen(engine, "commit", lambda _connection: seen.append(1))
    return seen


def test_those_that_wait_share_a_commit_and_everybody_is_on_disk_when_told_so(
    engine: Engine, inbox: Inbox, shop: int, commits: list[int], woken: list[set[int]]
) -> None:
    async def one(number: int) -> int:
        await inbox.store_soon(raw(shop, number % 250))  # fifty come twice
        return stored(engine) if number % 100 == 0 else 0

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*map(one, range(MANY)))

    seen = asyncio.run(all_of_them())
    assert stored(engine) == 250
    assert all(count > 0 for count in seen[::100])
    assert len(commits) < MANY / 3
    inbox.store(raw(shop, 9999))
    assert stored(engine) == 251
    eventually(lambda: woken)
    assert woken[0] == {shop}


def test_who_waits_too_long_is_told_to_come_again_and_nothing_is_lost(
    engine: Engine, inbox: Inbox, shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DEADLINE", 0.3)
    begun, go_on = threading.Event(), threading.Event()
    insert = inbox._insert

    def slow(raws: list[Raw]) -> None:
        begun.set()
        assert go_on.wait(90)
        insert(raws)

    monkeypatch.setattr(inbox, "_insert", slow)

    async def impatient() -> None:
        with pytest.raises(Overloaded, match="not stored within"):
            await inbox.store_soon(raw(shop, 1))
        assert begun.wait(60)
        monkeypatch.setattr(module, "DEADLINE", 60.0)
        go_on.set()
        await inbox.store_soon(raw(shop, 2))  # the first one's late answer disturbs nobody

    asyncio.run(impatient())
    assert stored(engine) == 2


def test_what_the_database_refuses_is_told_to_everybody_who_waited(engine: Engine, inbox: Inbox, shop: int) -> None:
    nobody = raw(shop + 1000, 1)  # there is no such shop

    async def both() -> list[BaseException | None]:
        return list(await asyncio.gather(inbox.store_soon(nobody), inbox.store_soon(nobody), return_exceptions=True))

    assert [type(error) for error in asyncio.run(both())] == [Overloaded, Overloaded]
    with pytest.raises(Overloaded, match="IntegrityError"):
        inbox.store(nobody)
    assert inbox.refusal.lately
    inbox.store(raw(shop, 2))
    assert (stored(engine), inbox.refusal.lately) == (1, False)


def test_a_server_that_ended_meanwhile_harms_no_other(engine: Engine, inbox: Inbox, shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    insert = inbox._insert

    def slow(raws: list[Raw]) -> None:
        assert go_on.wait(90)
        insert(raws)

    monkeypatch.setattr(inbox, "_insert", slow)

    async def gone() -> None:
        waiting = asyncio.ensure_future(inbox.store_soon(raw(shop, 1)))
        await asyncio.sleep(0.1)
        waiting.cancel()

    asyncio.run(gone())
    go_on.set()
    inbox.store(raw(shop, 2))
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(Inbound)) == 2
