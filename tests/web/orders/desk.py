"""Jon's desk: Mara's shop with an order in it, the pages about orders, and the workers that write into the shop."""

from __future__ import annotations

from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from postventa import clock as product_clock
from postventa.app import create_app
from postventa.clock import real_now
from postventa.models import Effect, Order, State
from postventa.models.db import reading, transaction
from tests.accounts.visits import Office, hidden
from tests.conftest import TestClock
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import NOON, ShopifyOrder, WooOrder

ORDER = 4001
CUPS = {"id": 1, "name": "Taza «Alba»", "product_id": 10, "quantity": 3, "sku": "TAZA", "total": "24.79", "total_tax": "5.20"}
BOWL = {"id": 2, "name": "Cuenco", "product_id": 20, "quantity": 1, "sku": "CUENCO", "total": "9.05", "total_tax": "0.91"}
CANDLES = {"id": 3, "name": "Velas", "product_id": 30, "quantity": 2, "sku": "VELAS", "total": "10.00", "total_tax": "1.75"}
LINES = [
    {**CUPS, "taxes": [{"id": 3, "total": "5.20"}]},
    {**BOWL, "taxes": [{"id": 4, "total": "0.91"}]},
    {**CANDLES, "taxes": [{"id": 3, "total": "1.23"}, {"id": 5, "total": "0.52"}]},
]
"""29.99 for three, at 21 %; 9.96 at 10 %; 11.75 for two, with two taxes."""
SHIPPING = {"id": 9, "method_title": "Correos", "method_id": "flat_rate", "total": "4.09", "total_tax": "0.86", "taxes": [{"id": 3, "total": "0.86"}]}
TOTAL = Decimal("56.65")


class Desk(Office):
    """The application and a house on the same database. `story`: the order that is in it."""

    def __init__(self, house: House, story: WooOrder | ShopifyOrder) -> None:
        url = house.engine.url.render_as_string(hide_password=False)
        database = house.settings.database.model_copy(update={"url": url})
        super().__init__(create_app(house.settings.model_copy(update={"database": database})))
        product_clock.install(house.clock)
        self.house, self.story = house, story

    @property
    def order(self) -> int:
        """Our number of the order."""
        with reading(self.engine) as session:
            return session.scalars(select(Order.id).order_by(Order.id)).first() or 0

    @property
    def page(self) -> str:
        """The order's page."""
        return f"/orders/{self.order}"

    def work(self) -> None:
        """Do what is due, pauses left out."""
        with transaction(self.engine) as session:
            session.execute(update(Effect).where(Effect.state == State.PLANNED, Effect.kind == "write").values(not_before=real_now()))
        self.house.run()

    def writes(self) -> list[Effect]:
        return self.house.effects(kind="write")

    def close(self) -> None:
        self.app.extensions["postventa"].engine.dispose()
        self.app.extensions["postventa"].redis().close()


def woocommerce(engine: Engine, clock: TestClock, folder: Path, url: str, **changes: Any) -> Desk:
    """An order of three kinds of things that was paid by card."""
    clock.set(NOON)
    house = House(engine, clock, folder, alba(url=url, consumer_key="ck_alba", consumer_secret="cs", **changes))
    house.settings.security.allow_private_hosts.append("127.0.0.1")
    story = WooOrder(ORDER)
    sums: dict[str, Any] = {"total": f"{TOTAL}", "total_tax": "8.72", "shipping_total": "4.09", "shipping_tax": "0.86", "payment_method": "stripe"}
    story.tell("order.created", line_items=LINES, shipping_lines=[SHIPPING], **sums)
    house.deliver("woocommerce", story.sent[-1])
    return Desk(house, story)


def shopify(engine: Engine, clock: TestClock, folder: Path, url: str) -> Desk:
    """Two kinds of shoes, two pairs of the first."""
    clock.set(NOON)
    house = House(engine, clock, folder, lola(url=url, access_token="shpat_lola", client_id="", client_secret=""))
    house.settings.security.allow_private_hosts.append("127.0.0.1")
    story = ShopifyOrder()
    story.tell("orders/create")
    house.deliver("shopify", story.sent[-1])
    return Desk(house, story)


def text(browser: FlaskClient, path: str) -> str:
    """What a page says."""
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return plain(answer.get_data(as_text=True))


def plain(page: str) -> str:
    return unescape(page).replace("\u00a0", " ")


def fill(browser: FlaskClient, path: str, **fields: str) -> tuple[int, str, dict[str, str]]:
    """Send the first form of a page: status, what is said then, the hidden fields of that."""
    csrf = hidden(browser.get(path).get_data(as_text=True))["csrf"]
    answer = browser.post(path, data={"csrf": csrf, **fields})
    page = answer.get_data(as_text=True)
    return answer.status_code, plain(page), hidden(page)


def refund(browser: FlaskClient, desk: Desk, **fields: str) -> str:
    """Choose, look at the sum, confirm; what the page of the sum said."""
    status, page, wish = fill(browser, f"{desk.page}/refund", **{name.replace("line_", "line-"): value for name, value in fields.items()})
    assert status == 200, page
    assert browser.post(f"{desk.page}/refund/confirm", data=wish).status_code == 303
    return page
