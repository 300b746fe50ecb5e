"""The whole house in one process: real database, real connectors, rules, wording and ledger; only the mail server is a recorder."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from connectors.mail.base import Letter
from connectors.shops import SHOPS
from jobs import create_return_label, process_inbound, send_mails, send_message, world, write_to_shop
from jobs.ask import is_urgent
from jobs.pickups.carry import carry
from postventa import effects, shops
from postventa.clock import now
from postventa.config import Settings, ShopSettings
from postventa.models import Effect, Inbound, ReturnCase, Shop
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.stories import STATUS_MAP, Sent
from webhooks.inbox import Inbox, Raw

HOME = {"name": "Cerámica Alba, almacén", "street": "C/ Alfarería, 8", "postcode": "41010", "city": "Sevilla", "province": "Sevilla", "country": "ES"}


def alba(**changes: Any) -> ShopSettings:
    """Mara's WooCommerce shop."""
    return ShopSettings(
        **{
            "key": "alba-0123456789abcdef",
            "platform": "woocommerce",
            "name": "Cerámica Alba",
            "url": "https://ceramica-alba.example",
            "webhook_secrets": ["secreto-de-alba"],
            "status_map": STATUS_MAP,
            "return_address": HOME,
            "alert_email": "mara@ceramica-alba.example",
            "review_links": {"google_maps": "https://maps.example/alba"},
            **changes,
        }
    )


def lola(**changes: Any) -> ShopSettings:
    """Mara's Shopify shop."""
    return ShopSettings(
        **{
            "key": "lola-0123456789abcdef",
            "platform": "shopify",
            "name": "Zapatería Lola",
            "domain": "zapateria-lola.myshopify.com",
            "webhook_secrets": ["secreto-de-lola"],
            "return_address": HOME,
            **changes,
        }
    )


JOBS = {"label": create_return_label.create_return_label, "pickup": carry, "write": write_to_shop.write_to_shop}
send_mails.SLOW = 60.0  # this process may stand still for a second; that is no slow mail server, behind which the others are given back
INBOXES: dict[int, Inbox] = {}
"""One writer for each database, however many houses a test builds on it."""


class Postman:
    """A mail server that takes everything and forgets nothing."""

    name = "postman"

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.trouble: list[Exception] = []

    def send(self, letter: Letter, recipient: str) -> str:
        if self.trouble:
            raise self.trouble.pop(0)
        self.mails.append(message_from_bytes(letter.raw, _class=EmailMessage, policy=SMTP))
        return "250 taken"

    def close(self) -> None:
        """Nothing is kept open."""


class House:
    def __init__(self, engine: Engine, clock: TestClock, folder: Path, *settings: ShopSettings, redis_url: str = "redis://127.0.0.1:1/0") -> None:
        self.engine, self.clock, self.postman = engine, clock, Postman()
        self.settings = Settings.model_validate(
            {
                "source": folder / "config.toml",
                "redis": {"url": redis_url},
                "mail": {"from_address": "hola@tiendas.example"},
                "shops": [s.model_dump() for s in settings],
            }
        )
        self.world = world.World(self.settings)
        self.world.__dict__.update(engine=engine, transport=self.postman)
        world.install(self.world)
        send_mails.pace = send_mails.Pace()  # how slow the last test's mail server was says nothing about this one
        _install(clock)
        shops.sync(engine, self.settings)
        with reading(engine) as session:
            self.shops = {row.platform: row.id for row in session.scalars(select(Shop))}

    def deliver(self, platform: str, sent: Sent, received_at: datetime | None = None) -> int | None:
        """Store one delivery durably and read it, as the web and a worker do."""
        inbox = INBOXES.setdefault(id(self.engine), Inbox(self.engine, lambda shops: None))
        raw = Raw(self.shops[platform], platform, sent.topic, sent.delivery_id, {}, sent.body, received_at=received_at or now())
        inbox.store(raw)
        row_id = self.unread(raw)
        if row_id is not None:
            process_inbound.process_inbound(row_id)
        return row_id

    def unread(self, raw: Raw) -> int | None:
        """The number of a stored delivery that nobody has read yet."""
        with reading(self.engine) as session:
            mine = (Inbound.shop_id == raw.shop_id, Inbound.dedupe == raw.dedupe, Inbound.state == "new")
            return session.scalar(select(Inbound.id).where(*mine))

    def run(self) -> None:
        """Do what is due until nothing is."""
        for _ in range(200):
            with reading(self.engine) as session:
                due = effects.due(session, 100)
            if not due:
                return
            if any(is_urgent(effect) for effect in due):
                send_mails.send_mails(1)
            for effect in due:
                if not is_urgent(effect):
                    JOBS.get(effect.kind, send_message.send_message)(effect.id)
        raise AssertionError("the house does not come to rest")

    def until(self, moment: datetime) -> None:
        """Let time pass; what becomes due on the way is done at its hour, what waits for something else a second from now."""
        goal = min(moment, self.clock.now() + timedelta(seconds=1))
        while self.clock.now() < moment:
            self.clock.set(goal)
            self.run()
            with reading(self.engine) as session:
                coming = select(func.min(Effect.due_at)).where(Effect.state == "planned", Effect.due_at > self.clock.now())
                goal = min(moment, session.scalar(coming) or moment)

    def effects(self, **where: Any) -> list[Effect]:
        with reading(self.engine) as session:
            query = select(Effect).order_by(Effect.id)
            for name, value in where.items():
                query = query.where(getattr(Effect, name) == value)
            return list(session.scalars(query))

    def inbound(self) -> list[Inbound]:
        with reading(self.engine) as session:
            return list(session.scalars(select(Inbound).order_by(Inbound.id)))

    def returns(self) -> list[ReturnCase]:
        with reading(self.engine) as session:
            return list(session.scalars(select(ReturnCase).order_by(ReturnCase.id)))

    def sent(self) -> Counter[tuple[str, str]]:
        """(follow-up, parcel or other subject) -> mails that really went out."""
        subjects = {str(e.id): e.subject_ref for e in self.effects()}
        return Counter((str(m["X-Postventa-Followup"]), subjects[str(m["X-Postventa-Effect"])]) for m in self.postman.mails)


def _install(clock: TestClock) -> None:
    from postventa import clock as product_clock

    product_clock.install(clock)


__all__ = ["SHOPS", "House", "Postman", "alba", "lola", "transaction"]
