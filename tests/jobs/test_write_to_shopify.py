"""Whatever is written into a Shopify shop is written once by the real job, through every no and every silence that Shopify knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from connectors.shops.base import Reading
from connectors.shops.writes import Refund
from jobs import write_to_shop
from jobs.create_return_label import create_return_label
from jobs.deeds.coupon import plan_coupon
from jobs.deeds.mirror import plan_mirror
from jobs.deeds.refund import plan_refund
from jobs.deeds.returns import STEPS, take
from jobs.deeds.scan import plan_scan
from jobs.process_inbound import absorb
from postventa import alarms, state
from postventa.clock import now
from postventa.events import ReturnRequested, ShipmentOutForDelivery
from postventa.models import Effect, Order, Parcel, ReturnCase, Shop
from postventa.models.db import reading, transaction
from postventa.shops import find
from tests.conftest import TestClock
from tests.jobs.shopify_desk import PARCEL, Desk, shop, with_questions
from tests.jobs.test_write_to_shop import build, shop_of
from tests.peers.shop import CUT, Fault, Reply
from tests.peers.shopify import THROTTLED, ShopifyPeer
from tests.peers.shopify_books import ShopifyBooks
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House, lola
from tests.pipeline.stories import NOON, Sent, ShopifyOrder

pytest.importorskip("graphql", reason="graphql-core is not installed")

REVOKED = Reply(401, {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})


@pytest.fixture
def peer() -> Iterator[ShopifyPeer]:
    with shop() as running:
        yield running


@pytest.fixture
def desk(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: ShopifyPeer, monkeypatch: pytest.MonkeyPatch) -> Desk:
    with_questions(monkeypatch)
    return Desk.build(sqlite_engine, clock, tmp_path, peer)


def coupon(desk: Desk) -> None:
    with transaction(desk.house.engine) as session:
        plan_coupon(session, desk.shop(session), desk.order(session), key="k", secret=b"s", title="Gracias", percent=Decimal(10))


def pay(desk: Desk) -> None:
    with transaction(desk.house.engine) as session:
        wanted = Refund("5001", Decimal("25.00"), "EUR", lines=(("11", 1),), reason="No le valen")
        assert plan_refund(session, desk.shop(session), desk.order(session), wanted, key="R-1", actor="test:mara") is not None


def scan(desk: Desk) -> None:
    with transaction(desk.house.engine) as session:
        parcel = session.scalars(select(Parcel)).one()
        assert plan_scan(session, desk.shop(session), desk.order(session), parcel, "out_for_delivery", now(), "En reparto") is not None
        assert plan_scan(session, desk.shop(session), desk.order(session), parcel, "out_for_delivery", now()) is None


def label(desk: Desk) -> None:
    """All of a return is there but its label."""
    desk.open()
    desk.work("write_return")
    desk.house.clock.advance(minutes=1)
    create_return_label(desk.house.effects(kind="label")[0].id)


def asked(desk: Desk) -> None:
    """A return that somebody has to say yes to, here and there."""
    with transaction(desk.house.engine) as session:
        told = ReturnRequested("5001", now(), "pagina-1", (("11", 1),), "Me aprietan")
        (dossier,), _ = state.apply(session, desk.shop(session), [state.Telling((told,), opened_by="page")])
        plan_mirror(session, desk.shop(session), dossier.order, dossier.cases[0])
    desk.work("write_return")


def step(name: str) -> Callable[[Desk], None]:
    def plan(desk: Desk) -> None:
        asked(desk) if name != "close" else (desk.open(), desk.work("write_return"))
        with transaction(desk.house.engine) as session:
            case = session.scalars(select(ReturnCase)).one()
            decided = next(event for event, known in STEPS.items() if known == name)("5001", now(), case.ref, (), "Fuera de plazo")
            assert take(session, desk.shop(session), desk.order(session), case, decided) is not None
            assert take(session, desk.shop(session), desk.order(session), case, decided) is None

    return plan


def statuses(books: ShopifyBooks) -> list[str]:
    return [made["status"] for made in books.returns.values()]


def parcels(books: ShopifyBooks) -> list[str]:
    orders = [order for made in books.returns.values() for order in made["reverseFulfillmentOrders"]["nodes"]]
    return [parcel["deliverable"]["tracking"]["number"] for order in orders for parcel in order["reverseDeliveries"]["nodes"]]


@dataclass(frozen=True)
class Written:
    """`followup` and `mutation` of one kind; `count`: how often it was done."""

    plan: Callable[[Desk], Any]
    followup: str
    mutation: str
    count: Callable[[ShopifyBooks], int]


KINDS = {
    "return": Written(Desk.open, "write_return", "returnCreate", lambda books: len(books.returns)),
    "approve": Written(step("approve"), "write_return_step", "returnApproveRequest", lambda books: statuses(books).count("OPEN")),
    "decline": Written(step("decline"), "write_return_step", "returnDeclineRequest", lambda books: statuses(books).count("DECLINED")),
    "close": Written(step("close"), "write_return_step", "returnClose", lambda books: statuses(books).count("CLOSED")),
    "label": Written(label, "write_return_label", "reverseDeliveryCreateWithShipping", lambda books: len(parcels(books))),
    "scan": Written(scan, "write_scan", "fulfillmentEventCreate", lambda books: len(books.scans[PARCEL])),
    "refund": Written(pay, "write_refund", "refundCreate", lambda books: len(books.inputs)),
    "coupon": Written(coupon, "write_coupon", "discountCodeBasicCreate", lambda books: len(books.discounts)),
}


@pytest.mark.parametrize("name", KINDS)
def test_revoked_then_throttled_then_dead_at_the_answer_it_is_done_once(desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    kind, books = KINDS[name], desk.peer.books
    kind.plan(desk)
    for reply in (REVOKED, Reply(document=THROTTLED)):
        desk.peer.faults.append(Fault("POST", reply, holds=f"{kind.mutation}("))
        resting = desk.work(kind.followup, later=True)
        assert (resting.state, "in doubt" in resting.reason, kind.count(books)) == ("planned", False, 0)
        assert desk.peer.faults[-1].met == 1
        with reading(desk.house.engine) as session:
            assert [alarm.name for alarm in alarms.open_alarms(session)] == (["shop-refuses-us"] if reply is REVOKED else [])
    desk.rested()
    desk.dies(monkeypatch, kind.followup)
    done = desk.work(kind.followup, later=True)
    assert (done.state, kind.count(books)) == ("done", 1)
    assert desk.story(done)[-4:] == ["sending", "in_doubt", "sending", "sent"]
    assert (desk.work(kind.followup, later=True).state, kind.count(books)) == ("done", 1)


@pytest.mark.parametrize("name", KINDS)
def test_half_an_answer_with_an_error_is_a_doubt_that_looking_ends(desk: Desk, name: str) -> None:
    kind = KINDS[name]
    kind.plan(desk)
    broken = {"message": "Internal error", "path": [kind.mutation], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    desk.peer.faults.append(Fault("POST", Reply(document={"data": {kind.mutation: None}, "errors": [broken]}), holds=f"{kind.mutation}(", after=True))
    doubtful = desk.work(kind.followup)
    assert (doubtful.state, "in doubt" in doubtful.reason) == ("planned", True)
    assert (desk.work(kind.followup, later=True).state, kind.count(desk.peer.books)) == ("done", 1)


@pytest.mark.parametrize("name", KINDS)
def test_a_no_of_the_shops_ends_it_with_the_shops_words(desk: Desk, name: str) -> None:
    kind = KINDS[name]
    kind.plan(desk)
    answer = {kind.mutation: {"userErrors": [{"field": None, "message": "Hoy no se puede.", "code": "INVALID"}]}}
    desk.peer.faults.append(Fault("POST", Reply(document={"data": answer}), holds=f"{kind.mutation}("))
    ended = desk.work(kind.followup)
    assert (ended.state, "Hoy no se puede." in ended.reason, kind.count(desk.peer.books)) == ("dead", True, 0)
    assert desk.story(ended) == ["sending", "refused"]


def test_without_the_scope_each_ends_with_its_name_and_the_shop_is_not_taken_for_ill(desk: Desk) -> None:
    desk.peer.scopes = ("read_customers", "read_orders", "read_products", "read_returns", "read_discounts", "read_locations")
    for name, right in (("return", "write_returns"), ("scan", "write_fulfillments"), ("coupon", "write_discounts")):
        KINDS[name].plan(desk)
        ended = desk.work(KINDS[name].followup)
        assert (ended.state, right in ended.reason) == ("dead", True)
    with reading(desk.house.engine) as session:
        assert alarms.open_alarms(session) == []


def test_a_scan_that_we_told_says_nothing_new_when_it_comes_back(desk: Desk) -> None:
    with transaction(desk.house.engine) as session:
        learnt = Reading((ShipmentOutForDelivery("5001", now(), "901"),))
        absorb(session, desk.house.world, desk.shop(session), learnt, None)
    scan(desk)
    assert desk.work("write_scan").state == "done"
    (told,) = desk.peer.books.scans[PARCEL]
    assert (told["status"], told["message"]) == ("OUT_FOR_DELIVERY", "En reparto")
    body = {"id": 7, "fulfillment_id": 901, "order_id": 5001, "status": "out_for_delivery", "happened_at": told["happenedAt"]}
    for _ in range(2):
        desk.house.clock.advance(minutes=1)
        desk.house.run()
        desk.house.deliver("shopify", Sent("fulfillment_events/create", json.dumps(body).encode(), now(), "w-scan"))
    assert desk.house.sent()["out_for_delivery", "901"] == 1
    assert len(desk.effects("write_scan")) == 1


def test_a_shop_with_no_place_for_scans_and_returns_is_asked_for_none(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    with WooCommercePeer().open() as peer:
        house = build(sqlite_engine, clock, tmp_path, peer)  # type: ignore[arg-type]
        with transaction(house.engine) as session:
            order = session.scalars(select(Order)).one()
            parcel = Parcel(shop_id=order.shop_id, order_id=order.id, ref="PK1")
            assert plan_scan(session, shop_of(house, session), order, parcel, "delivered", now()) is None
            with pytest.raises(ValueError, match="none of"):
                plan_scan(session, shop_of(house, session), order, parcel, "lost", now())
    assert house.effects(kind="write") == []


def test_two_shops_at_once_each_with_its_own_token_though_one_of_them_fails(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    with shop(tokens={"shpat_lola"}) as hers, shop(domain="tes-de-otto.myshopify.com", tokens={"shpat_otto"}) as his:
        otto = {"key": "otto-0123456789abcdef", "name": "Tés de Otto", "domain": his.domain, "webhook_secrets": ["secreto-de-otto"]}
        settings = (lola(url=hers.url, access_token="shpat_lola"), lola(url=his.url, access_token="shpat_otto", **otto))
        house = House(sqlite_engine, clock, tmp_path, *settings)
        house.settings.security.allow_private_hosts.append("127.0.0.1")
        coupons = {peer.domain: _coupons(house, peer.domain) for peer in (hers, his)}
        hers.faults += [Fault("POST", reply, holds="discountCodeBasicCreate(", times=2) for reply in (CUT, REVOKED, Reply(500, {"errors": "?"}))]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write_to_shop.write_to_shop, [one for pair in zip(*coupons.values(), strict=True) for one in pair]))
    for peer, token in ((hers, "shpat_lola"), (his, "shpat_otto")):
        assert {call.headers["x-shopify-access-token"] for call in peer.calls} == {token}
    assert {effect.state for effect in house.effects(kind="write") if effect.id in coupons[his.domain]} == {"done"}
    assert len(his.books.discounts) == len(coupons[his.domain])
    assert not set(his.books.discounts) & set(hers.books.discounts)


def _coupons(house: House, domain: str, number: int = 6) -> list[int]:
    """So many coupons of one order, planned."""
    with reading(house.engine) as session:
        row = session.scalars(select(Shop).where(Shop.domain == domain)).one()
    house.shops["shopify"] = row.id
    (sent,) = ShopifyOrder().tell("orders/create").sent
    house.deliver("shopify", sent)
    with transaction(house.engine) as session:
        order = session.scalars(select(Order).where(Order.shop_id == row.id)).one()
        chosen = find(session, row.id, house.world.settings, house.world.secret)
        for key in range(number):
            plan_coupon(session, chosen, order, key=str(key), secret=domain.encode(), title="Gracias", percent=Decimal(10))
        return list(session.scalars(select(Effect.id).where(Effect.shop_id == row.id, Effect.kind == "write")))
