"""A carrier's webhooks at the door: only what its shop's account signed is kept, and whoever did not sign learns nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from connectors.signing import lowered
from postventa import alarms
from postventa.app import create_app
from postventa.clock import real_now
from postventa.config import Settings
from postventa.models import Inbound
from postventa.models.db import reading
from tests.peers.sendcloud import PUBLIC, SECRET, signed, told
from tests.pipeline.house import alba, lola
from webhooks.inbox import Raw
from webhooks.reception import DUMMY_SECRETS, Reception

TEN = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
BODY = told("PK1", 11, "Delivered", TEN)
ALBA, LOLA = "sendcloud/alba-0123456789abcdef", "sendcloud/lola-0123456789abcdef"
OTHER = "la-de-lola-0123456789"


class Door:
    """Two shops, each with an account of its own."""

    def __init__(self, engine: Engine, folder: Path, **account: Any) -> None:
        mine = {"public_key": PUBLIC, "secret_key": SECRET, **account}
        hers = {"public_key": PUBLIC, "secret_key": OTHER}
        shops = [alba(carriers={"sendcloud": mine}), lola(carriers={"sendcloud": hers})]
        told_ = {"source": folder / "config.toml", "database": {"url": str(engine.url)}, "shops": [shop.model_dump() for shop in shops]}
        self.engine, self.app = engine, create_app(Settings.model_validate(told_))
        self.reception: Reception = self.app.extensions["postventa.reception"]

    def post(self, path: str, body: bytes, secret: str = SECRET, **headers: str) -> int:
        return self.app.test_client().post(f"/webhooks/{path}", data=body, headers={**signed(body, secret), **headers}).status_code

    def kept(self) -> list[tuple[str, str, bytes | None]]:
        with reading(self.engine) as session:
            return [(row.platform, row.topic, row.body) for row in session.scalars(select(Inbound))]

    def close(self) -> None:
        self.app.extensions["postventa"].engine.dispose()


@pytest.fixture
def door(sqlite_engine: Engine, tmp_path: Path) -> Any:
    made = Door(sqlite_engine, tmp_path)
    yield made
    made.close()


def test_what_the_account_signed_is_on_disk_once_before_the_answer(door: Door) -> None:
    assert [door.post(ALBA, BODY), door.post(ALBA, BODY)] == [200, 200]
    assert door.kept() == [("sendcloud", "sendcloud", BODY)]


def test_the_name_of_nobody_the_key_of_nobody_and_a_signature_of_nobody_are_one_answer(door: Door) -> None:
    tries = [
        door.post(ALBA, BODY, "falsch"),
        door.post(ALBA, BODY, OTHER),
        door.post(LOLA, BODY, SECRET),
        door.post("sendcloud/nobody", BODY),
        door.post("sendcloud/nobody", BODY, DUMMY_SECRETS[0]),
        door.post(ALBA, BODY, DUMMY_SECRETS[0]),
        door.post(ALBA, BODY, "secreto-de-alba"),
        door.app.test_client().post(f"/webhooks/{ALBA}", data=BODY).status_code,
    ]
    assert (set(tries), door.kept()) == ({401}, [])


def test_a_shop_without_an_account_takes_nothing_not_even_with_what_everybody_can_read(sqlite_engine: Engine, tmp_path: Path) -> None:
    door = Door(sqlite_engine, tmp_path, public_key="", secret_key="")
    try:
        assert {door.post(ALBA, BODY, secret) for secret in (SECRET, *DUMMY_SECRETS, "")} == {401}
    finally:
        door.close()


def test_too_much_and_what_is_packed_are_refused(door: Door) -> None:
    assert door.post(ALBA, b"x" * (door.reception.max_body + 1)) == 413
    assert door.post(ALBA, BODY, **{"Content-Encoding": "gzip"}) == 415
    assert door.kept() == []


def test_keys_are_changed_without_losing_a_call(sqlite_engine: Engine, tmp_path: Path) -> None:
    ahead = (real_now() + timedelta(hours=1)).isoformat()
    door = Door(sqlite_engine, tmp_path, webhook_secrets=["neu-0123456789abcdef", "alt-0123456789abcdef"], previous_secret_until=ahead)
    try:
        verdicts = [
            door.reception.judge(ALBA, lowered(signed(BODY, secret)), BODY, "192.0.2.7")
            for secret in ("neu-0123456789abcdef", "alt-0123456789abcdef", SECRET)
        ]
        assert [getattr(verdict, "secret_index", None) for verdict in verdicts] == [0, 1, None]
        door.reception.shops().everyone[0].settings.carriers.sendcloud.__dict__["previous_secret_until"] = real_now() - timedelta(seconds=1)
        over = door.reception.judge(ALBA, lowered(signed(BODY, "alt-0123456789abcdef")), BODY, "192.0.2.7")
        assert not isinstance(over, Raw)
    finally:
        door.close()


def test_a_shop_that_was_disconnected_takes_nothing(door: Door) -> None:
    door.reception.shops().everyone[0].settings.carriers.sendcloud.__dict__.update(public_key="", secret_key="")
    assert door.post(ALBA, BODY) == 401
    with reading(door.engine) as session:
        assert (session.scalar(select(func.count()).select_from(Inbound)), alarms.open_alarms(session)) == (0, [])
