"""A Shopify shop with an order that was sent, connected by keys of the merchant's own app, and everything that is written into it by the real job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from jobs import open_return, refetch, write_to_shop
from jobs.mend import mend
from postventa import failpoints
from postventa.clock import now, real_now
from postventa.models import Attempt, Effect, Inbound, LabelRow, Order, ReturnCase, Shop
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, find
from tests.conftest import TestClock
from tests.peers.shopify import ShopifyPeer, order_document
from tests.pipeline.house import JOBS, House, lola
from tests.pipeline.stories import HOUR, NOON, Sent, ShopifyOrder

ORDER, PARCEL = "gid://shopify/Order/5001", "gid://shopify/Fulfillment/901"
ADDRESS = "https://postventa.example.com"
SCOPES = (
    "read_customers",
    "read_orders",
    "read_products",
    "write_discounts",
    "write_fulfillments",
    "write_orders",
    "write_returns",
    "read_locations",
)


@dataclass
class Desk:
    """`house` and the shop that it writes into."""

    house: House
    peer: ShopifyPeer
    _sent: int = field(default=0)

    @classmethod
    def build(cls, engine: Engine, clock: TestClock, folder: Path, peer: ShopifyPeer, **changes: Any) -> Desk:
        clock.set(NOON)
        house = House(engine, clock, folder, lola(url=peer.url, access_token="shpat_lola", **changes))
        house.settings.security.allow_private_hosts.append("127.0.0.1")
        order = ShopifyOrder().tell("orders/create").tell("orders/paid").fulfil(901, 11, after=HOUR)
        peer.orders[ORDER] = order_document(order.body)
        peer.books.returnable[ORDER] = {"gid://shopify/FulfillmentLineItem/1": ("gid://shopify/LineItem/11", 1)}
        peer.books.scans[PARCEL] = []
        desk = cls(house, peer)
        desk.reached_at(ADDRESS)
        for sent in order.sent:
            house.until(sent.at)
            house.deliver("shopify", sent)
        clock.advance(minutes=20)
        house.run()
        return desk

    def reached_at(self, url: str) -> None:
        """Where shops and customers find the service."""
        old = self.house.settings
        changed = old.model_copy(update={"server": old.server.model_copy(update={"public_url": url})})
        self.house.settings = self.house.world.settings = changed

    def shop(self, session: Any) -> ConnectedShop:
        return find(session, self.house.shops["shopify"], self.house.world.settings, self.house.world.secret)

    def order(self, session: Any) -> Order:
        found: Order = session.scalars(select(Order).where(Order.ref == "5001").with_for_update()).one()
        return found

    def open(self, reference: str = "caso-1") -> ReturnCase:
        """Mara opens a return of the shoe."""
        with transaction(self.house.engine) as session:
            wanted = [("SKU-11", 1)]
            shop, order = self.shop(session), self.order(session)
            return open_return.open_return(session, self.house.settings, shop, order, wanted, "No me valen", "api", reference, actor="test:mara")

    def tell(self) -> list[str]:
        """Shopify delivers what it has to tell; the topics."""
        told, self.peer.books.told[:] = list(self.peer.books.told), []
        for topic, body in told:
            self._sent += 1
            assert self.house.deliver("shopify", Sent(topic, json.dumps(body).encode(), now(), f"w-{self._sent}")) is not None
        return [topic for topic, _ in told]

    def work(self, followup: str, later: bool = False) -> Effect:
        """Run the job for the newest write of that kind. `later`: when its pause is over."""
        effect_id = self.effects(followup)[-1].id
        if later:
            self.rested()
        write_to_shop.write_to_shop(effect_id)
        return self.effects(followup)[-1]

    def rested(self) -> None:
        """Every pause is over."""
        with transaction(self.house.engine) as session:
            session.execute(update(Effect).where(Effect.state == "planned").values(not_before=real_now()))
            session.execute(update(Shop).where(Shop.api_paused_until.is_not(None)).values(api_paused_until=real_now()))

    def rest(self) -> None:
        """All that is to be done is done, questions included, and the shop has told of it."""
        for _ in range(6):
            self.rested()
            self.house.clock.advance(seconds=10)
            self.house.run()
            if not self.tell():
                return
        raise AssertionError("the shop tells without end")

    def effects(self, followup: str) -> list[Effect]:
        return self.house.effects(followup=followup)

    def case(self) -> ReturnCase:
        (case,) = self.house.returns()
        return case

    def labels(self) -> list[LabelRow]:
        with reading(self.house.engine) as session:
            return list(session.scalars(select(LabelRow)))

    def unread(self) -> int:
        with reading(self.house.engine) as session:
            return len(session.scalars(select(Inbound.id).where(Inbound.state.not_in(("done", "superseded")))).all())

    def story(self, effect: Effect) -> list[str]:
        with reading(self.house.engine) as session:
            return list(session.scalars(select(Attempt.outcome).where(Attempt.effect_id == effect.id).order_by(Attempt.id)))

    def dies(self, monkeypatch: pytest.MonkeyPatch, followup: str, place: str = "write.after_answer") -> None:
        """A worker dies there, and its claim is found by another."""

        def hit(name: str, holding: bytes = b"") -> None:
            if name == place:
                raise failpoints.FailpointReached(name)

        with monkeypatch.context() as patched:
            patched.setattr(failpoints, "hit", hit)
            with pytest.raises(failpoints.FailpointReached):
                write_to_shop.write_to_shop(self.effects(followup)[-1].id)
        with transaction(self.house.engine) as session:
            session.execute(update(Effect).where(Effect.state == "sending").values(lease_until=real_now()))
        mend(self.house.world)


@contextmanager
def shop(**changes: Any) -> Iterator[ShopifyPeer]:
    """Shopify, with a token that may do everything unless told otherwise."""
    peer = ShopifyPeer(**{"scopes": SCOPES, "strict": True, **changes})
    with peer.open():
        yield peer


def with_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """What deliveries leave open is asked of the shop, too."""
    monkeypatch.setitem(JOBS, "fetch", refetch.refetch)
