"""Ana's counter: an order of cups and a bowl that was delivered, the whole application with its pages, and the jobs that write into the shop."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from jobs import return_goods
from jobs.refetch import refetch
from postventa import clock as product_clock
from postventa import track_links
from postventa.app import create_app
from postventa.models import Order, ReturnCase, State
from postventa.models.db import reading, transaction
from postventa.secrets import load_secret
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import JOBS, House
from tests.returns.scene import LINES, build, rules, shop_of
from tests.web.forms import Form, read

CUPS, BOWL = "1", "2"
ALL_WAYS = {
    "cost_told": True,
    "default": {
        "methods": ["printed_label", "qr", "pickup", "drop_off", "own_carrier"],
        "resolutions": ["refund", "exchange", "store_credit", "repair", "keep_item"],
        "keep": 30,
        "bonus": 10,
        "fee": {"flat": "3.95"},
    },
    "rules": [{"name": "En tienda, gratis", "when": {"method": ["drop_off"]}, "then": {"fee": {"flat": 0}}}],
}
ONE_WAY = {"default": {"methods": ["drop_off"], "resolutions": ["refund"]}}


class Counter:
    """`host`: where its pages are open, for the links of its mails."""

    def __init__(self, house: House, host: str = "https://postventa.example") -> None:
        url = house.engine.url.render_as_string(hide_password=False)
        changes = {"database": house.settings.database.model_copy(update={"url": url})}
        self.settings = house.settings.model_copy(update={**changes, "server": house.settings.server.model_copy(update={"public_url": host})})
        house.settings = house.world.settings = self.settings
        house.world.__dict__["secret"] = load_secret(self.settings)
        self.house, self.app = house, create_app(self.settings)
        product_clock.install(house.clock)

    def browser(self, *, cookies: bool = False) -> FlaskClient:
        return self.app.test_client(use_cookies=cookies)

    def link(self, ref: str = "4001") -> str:
        """The order's own link, as its mails carry it."""
        with reading(self.house.engine) as session:
            order = session.scalars(select(Order).where(Order.ref == ref)).one()
            shop = shop_of(self.house, session)
            return f"/r/{track_links.token(self.house.world.secret, shop.key, order.ref, order.id, track_links.RETURN)}"

    def mailed(self, words: str) -> str:
        """The path of a link of the newest mail, by the words of its button."""
        part = self.house.postman.mails[-1].get_body(("plain",))
        assert part is not None
        found = re.search(rf"{words}:\s+(\S+)", str(part.get_content()))
        assert found is not None, part.get_content()
        return urlsplit(found[1]).path

    def work(self) -> None:
        """A minute passes, and what is due is done."""
        self.house.clock.advance(minutes=1)
        self.house.run()

    def receive(self, case: ReturnCase) -> None:
        """The parcel is unpacked."""
        with transaction(self.house.engine) as session:
            return_goods.receive(session, self.house.world, shop_of(self.house, session), case.number, actor="jon")

    def answer(self) -> int:
        """The shop is asked what a page wants to know."""
        waiting = [effect.id for effect in self.house.effects(kind="fetch", state=State.PLANNED)]
        for number in waiting:
            refetch(number)
        return len(waiting)

    def close(self) -> None:
        self.app.extensions["postventa"].engine.dispose()
        self.app.extensions["postventa"].redis().close()


def counter(engine: Engine, clock: TestClock, folder: Path, peer: WooCommercePeer, document: dict[str, Any] | None = None, **more: Any) -> Counter:
    """`document`: the shop's rules. `more`: of the counter."""
    made = build(engine, clock, folder, peer, pickup={"by_hand": True})
    if document is not None:
        rules(made, document)
    JOBS.setdefault("fetch", refetch)
    return Counter(made, **more)


def colours(peer: WooCommercePeer) -> None:
    """The cups come in two colours, one of which is sold out."""
    kind = {"purchasable": True, "manage_stock": True, "status": "publish", "price": "12.00"}
    blue = {"id": 11, "name": "Azul", "stock_quantity": 4, "attributes": [{"name": "Color", "option": "Azul"}], **kind}
    green = {"id": 12, "name": "Verde", "stock_quantity": 0, "attributes": [{"name": "Color", "option": "Verde"}], **kind}
    peer.products[10] = {"id": 10, "name": "Taza «Alba»", "type": "variable", "variations": [11, 12], "purchasable": True}
    peer.variations[10] = [blue, green]


def step(browser: FlaskClient, page: TestResponse, **chosen: Any) -> TestResponse:
    """Fill the page's form in and send it as a browser would. `chosen`: field -> value; `why_1` is the field `why-1`."""
    form: Form = read(page)
    fields = {**form.fields, **{name.replace("_", "-"): value for name, value in chosen.items()}}
    method = next(given.get("method", "get") for tag, given in form.tags if tag == "form")
    if method == "get":
        return browser.get(form.action, query_string=fields, follow_redirects=True)
    return browser.post(form.action, data=fields, content_type="multipart/form-data", follow_redirects=True)


def checked(browser: FlaskClient, link: str, line: str = CUPS, **chosen: Any) -> TestResponse:
    """Up to the page that is confirmed: one piece, brought to the shop, for money, unless said otherwise."""
    told = {"item": line, f"q-{line}": "1", f"why-{line}": "unwanted", "as": "refund", "by": "drop_off", **chosen, "step": "way"}
    return browser.get(f"{link}/new", query_string=told)


__all__ = ["ALL_WAYS", "BOWL", "CUPS", "LINES", "ONE_WAY", "Counter", "checked", "colours", "counter", "step"]


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that comes again while it is judged takes the judge's notes with it: it waits longer than a judge needs."""
    for place in ("case", "swaps"):
        monkeypatch.setattr(f"postventa.web.returns.{place}.AGAIN", "900")
