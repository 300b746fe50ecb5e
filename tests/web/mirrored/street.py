"""Lola's street: her Shopify shop with a shoe that arrived, our pages for customers and staff, and the jobs that write into the shop."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from sqlalchemy import Engine

from jobs.withdrawals import look_after
from jobs.withdrawals.match import match
from postventa import clock as product_clock
from postventa.app import create_app
from postventa.models import Withdrawal
from postventa.models.db import reading, transaction
from postventa.returns.policy import check
from postventa.returns.policy.store import put
from postventa.secrets import load_secret
from tests.accounts.visits import Office
from tests.conftest import TestClock
from tests.jobs.shopify_desk import SCOPES, Desk
from tests.jobs.test_offers import SHOE
from tests.peers.shopify import ShopifyPeer
from tests.peers.shopify_swaps import Goods
from tests.pipeline.stories import Sent, ShopifyOrder
from tests.web.returns_desk.bench import done

ANA = "gid://shopify/Customer/777"
RED_38 = "gid://shopify/ProductVariant/1100"
MORE = ("write_draft_orders", "write_gift_cards", "write_store_credit_account_transactions", "read_store_credit_accounts")
WAYS: dict[str, Any] = {"methods": ["printed_label", "drop_off"], "resolutions": ["refund", "exchange", "store_credit"], "refund_when": "at_arrival"}


def lolas() -> ShopifyPeer:
    """Her shop: the shoe is there in red, 38."""
    peer = ShopifyPeer(scopes=(*SCOPES, *MORE), strict=True, products={"gid://shopify/Product/110": SHOE})
    peer.books.swaps.variants[RED_38] = Goods("25.00")
    return peer


class Street(Office):
    """`desk`: the house, the shop, and the jobs between them."""

    def __init__(self, engine: Engine, clock: TestClock, folder: Path, peer: ShopifyPeer, **rules: Any) -> None:
        self.desk, self.peer = Desk.build(engine, clock, folder, peer), peer
        house = self.house = self.desk.house
        peer.orders["gid://shopify/Order/5001"]["customer"]["id"] = ANA
        url = engine.url.render_as_string(hide_password=False)
        settings = house.settings.model_copy(update={"database": house.settings.database.model_copy(update={"url": url})})
        house.settings = house.world.settings = settings
        self.desk.reached_at("http://127.0.0.1:8340")
        house.world.__dict__["secret"] = load_secret(house.settings)
        super().__init__(create_app(house.settings))
        product_clock.install(clock)
        with transaction(engine) as session:
            put(session, self.desk.shop(session), check({"default": {**WAYS, **rules}}), author="mara")
        clock.advance(days=1)
        at_once = timedelta()
        order = ShopifyOrder(at=clock.now()).fulfil(902, 12, after=at_once)
        for sent in order.scan(901, "delivered", after=at_once).scan(902, "delivered", after=at_once).sent:
            house.deliver("shopify", sent)
        house.until(clock.now() + timedelta(minutes=5))

    def work(self) -> None:
        """Everything is done that is due, and what Shopify has to tell of it has arrived."""
        self.desk.rest()

    def phone(self) -> FlaskClient:
        """Ana's: it keeps no cookie."""
        return self.app.test_client(use_cookies=False)

    def mailed(self, words: str) -> str:
        """Where a link of the newest mail that has one leads, by the words before it."""
        for mail in reversed(self.house.postman.mails):
            part = mail.get_body(("plain",))
            found = re.search(rf"{words}:\s+(\S+)", str(part.get_content())) if part is not None else None
            if found:
                url = urlsplit(found[1])
                return f"{url.path}?{url.query}" if url.query else url.path
        raise AssertionError(f"no mail says {words}")

    def unpack(self, browser: FlaskClient) -> None:
        """Whoever sits there takes the parcel in, as new."""
        assert "Como nuevo" in done(browser, f"/returns-desk/{self.desk.case().id}/goods", {"grade-0-1": "stock"})

    def there(self) -> dict[str, Any]:
        """The return as Shopify keeps it: one, and under the name that we know."""
        (kept,) = self.peer.returns.values()
        assert self.desk.case().shop_ref == kept["id"].rpartition("/")[2]
        return kept

    def story(self) -> list[str]:
        """What was changed in the shop about returns, drafts and money, in its order."""
        changes = (
            "return",
            "reverse",
            "removeFromReturn",
            "refundCreate",
            "draftOrderC",
            "storeCreditAccountCredit",
            "giftCardCreate",
            "orderCancel",
        )
        asked = ("return", "returnableFulfillments", "returnReasonDefinitions", "draftOrderCalculate")
        return [name for name in self.peer.asked if name.startswith(changes) and name not in asked]

    def refunded(self) -> None:
        """Shopify tells of the newest refund."""
        refund = self.peer.orders["gid://shopify/Order/5001"]["refunds"][-1]
        at, number = self.house.clock.now().isoformat(), int(refund["legacyResourceId"])
        amount = refund["totalRefundedSet"]["presentmentMoney"]["amount"]
        lines = [
            {"line_item_id": int(node["lineItem"]["id"].rpartition("/")[2]), "quantity": node["quantity"], "restock_type": "no_restock"}
            for node in refund["refundLineItems"]["nodes"]
        ]
        paid = {"id": 1, "kind": "refund", "status": "success", "amount": amount, "currency": "EUR", "gateway": "shopify_payments"}
        body = {
            "id": number, "admin_graphql_api_id": refund["id"], "order_id": 5001, "created_at": at, "processed_at": at, "note": refund["note"],
            "refund_line_items": lines, "transactions": [paid], "order_adjustments": [],
        }  # fmt: skip
        told = Sent("refunds/create", json.dumps(body).encode(), self.house.clock.now(), f"refund-{number}")
        assert self.house.deliver("shopify", told) is not None

    def statement(self) -> Withdrawal:
        with reading(self.engine) as session:
            (row,) = session.query(Withdrawal).all()
        return row

    def withdrawn(self) -> None:
        """What the workers do with her statement."""
        match(self.statement().id)
        self.work()

    def minute(self) -> None:
        """The clock's look at statements."""
        look_after.look_after(self.house.world)
        self.work()

    def close(self) -> None:
        self.app.extensions["postventa"].redis().close()
        self.app.extensions["postventa"].engine.dispose()
