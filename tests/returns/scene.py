"""An order that was delivered, its shop, and what a customer and the shop's people do about a return of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from jobs import customer_return
from jobs.return_photos import OfLines
from postventa.clock import now
from postventa.models import Effect, Order, ReturnCase
from postventa.models.db import reading, transaction
from postventa.returns.policy import check
from postventa.returns.policy.store import put
from postventa.returns.quote import Quote, quote
from postventa.returns.wish import Wish, WishLine
from postventa.shops import ConnectedShop, find
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House, alba
from tests.pipeline.stories import DAY, NOON, WooOrder

ORDER = 4001
LINES = [
    {
        "id": 1, "name": "Taza «Alba»", "product_id": 10, "quantity": 3, "total": "24.79", "taxes": [{"id": 3, "total": "5.21"}],
        "total_tax": "5.21", "sku": "TAZA",
    },
    {
        "id": 2, "name": "Cuenco", "product_id": 20, "quantity": 1, "total": "16.53", "taxes": [{"id": 3, "total": "3.47"}],
        "total_tax": "3.47", "sku": "CUENCO",
    },
]  # fmt: skip
CUP = Wish((WishLine("1", 1, "unwanted"),), method="drop_off")
ALL_WAYS = {"default": {"methods": ["printed_label", "drop_off"], "resolutions": ["refund", "exchange", "store_credit", "repair", "keep_item"]}}


def build(engine: Engine, clock: TestClock, folder: Path, peer: WooCommercePeer, **changes: Any) -> House:
    """An order of cups for 30.00 and a bowl for 20.00, paid by card and delivered the day after."""
    clock.set(NOON)
    made = House(engine, clock, folder, alba(**{"url": peer.url, "consumer_key": "ck_alba", "consumer_secret": "cs", **changes}))
    made.settings.security.allow_private_hosts.append("127.0.0.1")
    order = WooOrder(ORDER).tell("order.created", line_items=LINES, payment_method="stripe").tell(after=DAY, status="entregado")
    peer.orders[ORDER] = order.body
    for sent in order.sent:
        made.until(sent.at)
        made.deliver("woocommerce", sent)
    made.until(NOON + 2 * DAY)
    return made


def shop_of(house: House, session: Session) -> ConnectedShop:
    return find(session, house.shops["woocommerce"], house.settings, house.world.secret)


def order_of(session: Session) -> Order:
    return session.scalars(select(Order).where(Order.ref == str(ORDER))).one()


def rules(house: House, document: dict[str, Any]) -> None:
    with transaction(house.engine) as session:
        put(session, shop_of(house, session), check(document), author="mara")


def asked(house: House, wish: Wish) -> Quote:
    with reading(house.engine) as session:
        return quote(session, shop_of(house, session), order_of(session), wish)


def opened(house: House, wish: Wish = CUP, key: str = "form-1", photos: OfLines | None = None) -> ReturnCase:
    with transaction(house.engine) as session:
        shop, order = shop_of(house, session), order_of(session)
        case = customer_return.open_case(session, house.world, shop, order, wish, form_key=key, photos=photos)
        session.expunge_all()
    return case


def staff(house: House, deed: Callable[..., Any], case: ReturnCase, *more: Any, **named: Any) -> Any:
    """A step by somebody of the shop."""
    with transaction(house.engine) as session:
        return deed(session, house.world, shop_of(house, session), case.number, *more, actor="jon", **named)


def case_of(house: House, number: str) -> ReturnCase:
    return next(case for case in house.returns() if case.number == number)


def mails(house: House) -> list[str]:
    house.clock.advance(minutes=1)
    house.run()
    return [str(mail["X-Postventa-Followup"]) for mail in house.postman.mails if str(mail["X-Postventa-Followup"]).startswith("return")]


def last_words(house: House) -> str:
    """What the last mail says in plain text."""
    part = house.postman.mails[-1].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def paid_after(house: House, *hours: int, first: int = 0) -> None:
    """So many returns of other things: arrived a day after they were opened, and paid that many hours later. `first`: how many there are."""
    with transaction(house.engine) as session:
        order = order_of(session)
        own = {"shop_id": order.shop_id, "order_id": order.id}
        for place, waited in enumerate(hours, first):
            at = now() - timedelta(days=10 + place)
            arrived = at + timedelta(hours=24)
            told = {"ref": f"r{place}", "number": f"R-{place}", "source": "portal", "state": "closed", "lines": [["x", 1]]}
            session.add(ReturnCase(**own, **told, created_at=at, received_at=arrived))
            times = {"at": at, "due_at": at, "planned_at": at, "not_before": at, "done_at": arrived + timedelta(hours=waited)}
            write = {"kind": "write", "followup": "write_refund", "recipient": "", "state": "done", "legal_basis": "operational"}
            session.add(Effect(**own, **write, **times, key=f"k{place}", subject_ref=f"R-{place}"))
