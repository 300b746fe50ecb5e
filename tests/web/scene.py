"""A small town for the customer pages: Mara's shop with Ana's order, and Otto's shop, which must never be seen from there."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from flask import Flask
from PIL import Image
from sqlalchemy import Engine

from postventa import links
from postventa.config import Settings
from postventa.models import Base, Order, OrderLine, Parcel, Shop
from postventa.models.db import connect, transaction
from postventa.web.portal import portal

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
DELIVERED = NOW - timedelta(days=7)
SECRET = b"only for tests: thirty-two bytes"
MARAS_KEY = "mara-0123456789abcdef"
OTTOS_KEY = "otto-0123456789abcdef"
PLACES = {"google_maps": "https://maps.example/zapateria-mara", "trustpilot": "https://trustpilot.example/mara"}

MARAS_SHOP: dict[str, object] = {
    "key": MARAS_KEY,
    "platform": "woocommerce",
    "name": "Zapatería Mara",
    "url": "https://zapateriamara.example",
    "webhook_secrets": ["not-a-secret"],
    "locale": "es",
    "alert_email": "mara@zapateriamara.example",
    "review_links": PLACES,
    "brand": {
        "colour": "#b4532a",
        "legal_name": "Zapatería Mara, S. L.",
        "legal_address": "Calle Betis 12, 41010 Sevilla",
        "support_email": "hola@zapateriamara.example",
        "support_phone": "+34 955 000 111",
    },
}
OTTOS_SHOP: dict[str, object] = {
    "key": OTTOS_KEY,
    "platform": "woocommerce",
    "name": "Otto Möbel",
    "url": "https://otto.example",
    "webhook_secrets": ["not-a-secret-either"],
    "locale": "de",
    "alert_email": "otto@otto.example",
}


@dataclass
class Scene:
    engine: Engine
    app: Flask
    settings: Settings
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def services(self) -> SimpleNamespace:
        return SimpleNamespace(engine=self.engine, settings=self.settings, secret=SECRET)


def build(folder: Path, engine: Engine | None = None) -> Scene:
    """A database with both shops, and an application that holds the customer pages and nothing else."""
    settings = Settings.model_validate({"shops": [MARAS_SHOP, OTTOS_SHOP], "source": folder / "config.toml"})
    engine = engine or connect(f"sqlite:///{folder / 'town.db'}")
    Base.metadata.create_all(engine)
    app = Flask("town", static_folder=None)
    app.register_blueprint(portal)
    scene = Scene(engine, app, settings)
    app.extensions["postventa"] = scene.services
    with transaction(engine) as session:
        for shop in settings.shops:
            public = shop.model_dump(mode="json", exclude={"webhook_secrets", "consumer_key", "consumer_secret", "client_secret", "access_token"})
            row = Shop(key=shop.key, platform=shop.platform, name=shop.name, domain=shop.url, settings=public, created_at=NOW)
            session.add(row)
            session.flush()
            scene.ids[shop.key] = row.id
    return scene


def order(
    scene: Scene,
    ref: str = "1042",
    shop: str = MARAS_KEY,
    titles: tuple[str, ...] = ("Botines Triana de piel", "Calcetines de algodón"),
    first_name: str = "Ana",
    last_name: str = "Ruiz",
    locale: str = "es",
    delivered_at: datetime | None = DELIVERED,
    **columns: object,
) -> int:
    """An order with one line per title (`<ref>-1`, `<ref>-2` ...), all in one parcel."""
    with transaction(scene.engine) as session:
        row = Order(
            shop_id=scene.ids[shop],
            ref=ref,
            number=f"#{ref}",
            email="ana@correo.example",
            first_name=first_name,
            last_name=last_name,
            locale=locale,
            timezone="Europe/Madrid",
            seen_at=NOW,
            **columns,
        )
        session.add(row)
        session.flush()
        for number, title in enumerate(titles, start=1):
            line = OrderLine(
                shop_id=row.shop_id, order_id=row.id, ref=f"{ref}-{number}", position=number, title=title, quantity=1, product_ref=f"p{number}"
            )
            session.add(line)
        session.add(Parcel(shop_id=row.shop_id, order_id=row.id, ref="parcel", delivered_at=delivered_at))
        return row.id


def review_link(scene: Scene, order_id: int, shop: str = MARAS_KEY, now: datetime = NOW, expires_at: datetime | None = None, **data: object) -> str:
    """The address in Ana's mail, without the host."""
    with transaction(scene.engine) as session:
        token = links.issue(
            session,
            secret=SECRET,
            shop_id=scene.ids[shop],
            purpose="review",
            subject=f"order {order_id}",
            order_id=order_id,
            email="ana@correo.example",
            data=data,
            now=now,
            expires_at=expires_at or DELIVERED + timedelta(days=30),
        )
    return f"/review/{token}"


def unsubscribe_link(
    scene: Scene, order_id: int | None = None, shop: str = MARAS_KEY, category: str = "reviews", email: str = "ana@correo.example"
) -> str:
    """The address in the mail's List-Unsubscribe header, without the host."""
    with transaction(scene.engine) as session:
        token = links.issue(
            session,
            secret=SECRET,
            shop_id=scene.ids[shop],
            purpose="unsubscribe",
            subject=f"{shop}:{email}:{category}",
            order_id=order_id,
            email=email,
            data={"category": category},
            now=NOW,
        )
    return f"/unsubscribe/{token}"


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), colour: str = "tan", **options: object) -> bytes:
    """A real photo file."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()
