"""Those who are compared do what they are said to do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from bench import events, payloads
from bench.ledger import Filler
from bench.peers import flask_rq
from bench.service import SHOP, configure
from postventa.clock import now
from postventa.config import load
from postventa.models import Effect, Inbound, Order, Shop
from postventa.models.db import reading, transaction


def test_payloads_are_orders_of_3_to_15_kilobytes_and_always_the_same() -> None:
    sizes = [len(text.encode()) for text in payloads.texts()]
    assert 2500 < min(sizes) < 4000
    assert 12_000 < max(sizes) < 16_000
    assert payloads.texts() == payloads.texts()
    (order, body), (other, _) = events.bodies(run=4, count=2)
    assert json.loads(body)["id"] == order != other
    assert json.loads(body)["email"] == events.buyer(order)


def test_the_bare_stack_refuses_what_is_not_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []
    monkeypatch.setattr(flask_rq, "SECRET", b"s")
    monkeypatch.setattr(flask_rq.queue, "enqueue", lambda _job, body: taken.append(body))
    client = flask_rq.app.test_client()
    ((_, body),) = events.bodies(run=1, count=1)
    signature = base64.b64encode(hmac.digest(b"s", body, hashlib.sha256)).decode()
    assert client.post("/hook", data=body, headers={"X-Shopify-Hmac-Sha256": "no"}).status_code == 401
    assert client.post("/hook", data=body, headers={"X-Shopify-Hmac-Sha256": signature}).status_code == 200
    assert taken == [body]


def test_the_bare_stacks_mail_goes_to_the_buyer_and_names_the_goods() -> None:
    ((order, body),) = events.bodies(run=1, count=1)
    message = flask_rq.compose(json.loads(body))
    assert message["To"] == events.buyer(order)
    assert json.loads(body)["line_items"][0]["title"].split()[0] in message.as_string()


def test_the_service_is_measured_with_its_defaults_but_for_what_would_make_mails_wait(tmp_path: Path) -> None:
    configure(tmp_path / "config.toml", 8000, 2525)
    settings = load(tmp_path / "config.toml", {})
    assert settings.shops[0].key == SHOP["key"]
    assert (settings.journey.settle, settings.workers.processes, settings.server.workers) == (0, 2, 1)


def test_a_seeded_ledger_has_as_many_rows_as_were_asked_for_and_goes_on_beside_real_ones(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(Shop(id=1, key="first", platform="shopify", name="Lola", created_at=now()))
    filler = Filler(engine)
    filler.fill(500)
    with transaction(engine) as session:
        session.add(Order(shop_id=1, ref="real", seen_at=now()))
    filler.fill(1000)
    assert sum(filler.counts().values()) == 1001
    with reading(engine) as session:
        states = {row[0]: row[1] for row in session.execute(select(Effect.state, func.count()).group_by(Effect.state))}
        assert states == {"done": 198, "planned": 2}
        assert session.scalar(select(func.count()).where(Inbound.state == "new")) == 0
        assert session.scalars(select(Effect).where(Effect.state == "planned")).first().due_at > now()  # type: ignore[union-attr]
