"""A shop with its customers, its staff and its workers in one process: real pages, real database, real jobs; only the mail server is a recorder."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from jobs.withdrawals import look_after
from jobs.withdrawals.match import match
from postventa import addresses, shops
from postventa import clock as product_clock
from postventa.alarms import open_alarms
from postventa.app import create_app
from postventa.clock import now
from postventa.models import Alarm, Effect, Order, OrderLine, Parcel, Withdrawal
from postventa.models.db import reading, transaction
from postventa.secrets import load_secret
from postventa.withdrawal import numbers
from tests.accounts.visits import Office, hidden
from tests.conftest import TestClock
from tests.pipeline.house import House, alba

ANA = "ana@correo.example"


class Counter(House, Office):
    """Cerámica Alba, with the pages of its customers and of its staff."""

    def __init__(self, engine: Engine, clock: TestClock, folder: Path, **changes: Any) -> None:
        House.__init__(self, engine, clock, folder, alba(**changes))
        settings = self.settings.model_copy(update={"database": self.settings.database.model_copy(update={"url": str(_url(engine))})})
        self.world.__dict__["secret"] = load_secret(settings)
        Office.__init__(self, create_app(settings))
        product_clock.install(clock)
        self.settings = settings
        self.engine = engine
        self.shop_id = self.shops["woocommerce"]

    @property
    def page(self) -> str:
        """The function's address."""
        return f"/withdraw/{addresses.public_name(self.world.secret, self.shop_id, 'Cerámica Alba')}"

    def order(self, number: str = "1042", *, delivered: timedelta | None = timedelta(days=3), **columns: Any) -> int:
        """Ana's order: a bowl and two cups, in one parcel. `delivered`: so long ago; None: it has not left."""
        with transaction(self.engine) as session:
            names: dict[str, Any] = {"first_name": "Ana", "last_name": "Ruiz", "locale": "es"}
            sums = {"currency": "EUR", "total": 65, "shipping_total": 5, "updated_at": now(), "placed_at": now() - timedelta(days=9)}
            home = {"name": "Ana Ruiz", "street": "Calle Betis 7", "postcode": "41010", "city": "Sevilla", "province": "Sevilla", "country": "ES"}
            names["shipping_address"] = home
            row = Order(**{"shop_id": self.shop_id, "ref": number, "number": number, "email": ANA, "seen_at": now(), **names, **sums, **columns})
            session.add(row)
            session.flush()
            for ref, title, quantity, total in (("l1", "Cuenco azul", 1, 30), ("l2", "Taza de gres", 2, 30)):
                line = {"ref": ref, "title": title, "sku": ref.upper(), "quantity": quantity, "total": total}
                session.add(OrderLine(shop_id=self.shop_id, order_id=row.id, position=int(ref[1]), **line))
            if delivered is not None:
                came = now() - delivered
                parcel = {"ref": "p1", "lines": [["l1", 1], ["l2", 2]], "dispatched_at": came - timedelta(days=2), "delivered_at": came}
                session.add(Parcel(shop_id=self.shop_id, order_id=row.id, **parcel))
            return row.id

    def link(self, order_id: int) -> str:
        """The address in the foot of the order's mails, without the host."""
        with reading(self.engine) as session:
            order = session.get_one(Order, order_id)
            (shop,) = shops.all_of(session, self.settings, self.world.secret)
        return f"{self.page}?o={order_id}.{numbers.link_key(self.world.secret, shop.key, order.ref, order.email)}"

    def phone(self) -> FlaskClient:
        """Ana's: it keeps no cookie."""
        return self.app.test_client(use_cookies=False)

    def withdraw(self, phone: FlaskClient, page: str = "", **typed: Any) -> tuple[int, str]:
        """Both steps: the last status, and where it leads or what it says."""
        fields = {"name": "Ana Ruiz", "contract": "1042", "email": ANA, **typed}
        first = hidden(phone.get(page or self.page, headers={"Accept-Language": "es"}).get_data(as_text=True))
        answer = phone.post(self.page, data={**first, **fields, "step": "review"})
        if answer.status_code != 200:
            return answer.status_code, unescape(answer.get_data(as_text=True))
        return self.confirm(phone, answer.get_data(as_text=True))

    def confirm(self, phone: FlaskClient, review: str) -> tuple[int, str]:
        """The second step's button."""
        form = review.split("<form", 2)[1]
        items = re.findall(r'name="item" value="([^"]*)"', form)
        answer = phone.post(self.page, data={**hidden_all(form), "item": items})
        return answer.status_code, answer.headers.get("Location", "") or answer.get_data(as_text=True)

    def statements(self) -> list[Withdrawal]:
        with reading(self.engine) as session:
            return list(session.scalars(select(Withdrawal).order_by(Withdrawal.id)))

    def one(self) -> Withdrawal:
        (row,) = self.statements()
        return row

    def work(self) -> None:
        """What the workers do with what came: match, and send."""
        for row in self.statements():
            match(row.id)
        self.run()

    def look(self, at: datetime | None = None) -> None:
        """The clock's minute."""
        if at is not None:
            self.clock.set(at)
        look_after.look_after(self.world)
        self.run()

    def alarms(self) -> list[Alarm]:
        with reading(self.engine) as session:
            return open_alarms(session)

    def receipts(self) -> list[Effect]:
        return self.effects(kind="receipt")

    def mails(self, followup: str) -> list[Any]:
        return [mail for mail in self.postman.mails if mail["X-Postventa-Followup"] == followup]


def hidden_all(form: str) -> dict[str, str]:
    """Every hidden field of a form, whatever its name is made of."""
    return {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form) if name != "item"}


def text_of(mail: Any) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)
