"""Whatever the shop tells of the image of our return, and whenever we learn that it is one: the same case, the same label, the same mails."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select, update

from connectors.shops.base import Reading
from connectors.shops.writes import Done
from jobs import open_return, process_inbound
from jobs.deeds import mirror as deed
from postventa.clock import now
from postventa.events import ReturnSeen
from postventa.models import Base, Effect, Order, ReturnCase
from postventa.models.db import transaction
from postventa.shops import ConnectedShop, find
from tests.conftest import TestClock
from tests.pipeline.house import House, lola
from tests.pipeline.stories import HOUR, Sent, ShopifyOrder
from tests.pipeline.test_any_order import EXAMPLES

IMAGE = 8001
HEAD = {"id": IMAGE, "admin_graphql_api_id": f"gid://shopify/Return/{IMAGE}"}
ORDER = {"order": {"id": 5001, "admin_graphql_api_id": "gid://shopify/Order/5001"}}
ANSWER, ASKED = "our answer is kept", "the shop was asked what is in it"


def told(number: str) -> dict[str, dict[str, Any]]:
    """What the shop says of it: with a word of ours, without any, by its number alone."""
    item = {"quantity": 1, "return_reason_note": f"{number} No me valen", "fulfillment_line_item": {"line_item": {"id": 11}}}
    return {
        "returns/approve": {**HEAD, **ORDER, "status": "open", "return_line_items": []},
        "returns/request": {**HEAD, **ORDER, "status": "open", "return_line_items": [item]},
        "returns/process": {**HEAD, **ORDER, "status": "open", "return_line_items": []},
        "returns/close": {**HEAD, "order_id": 5001, "status": "closed"},
    }


MAILS = {("return_label", "caso-1"): 1, ("return_received", "caso-1"): 1}
STEPS = (*told(""), ANSWER, ASKED)


def shop_of(house: House, session: Any) -> ConnectedShop:
    return find(session, house.shops["shopify"], house.world.settings, house.world.secret)


def play(engine: Engine, clock: TestClock, folder: Path, steps: list[str]) -> tuple[list[ReturnCase], Counter[tuple[str, str]]]:
    """From nothing: an order, a return of ours that is on its way to the shop, and then all this."""
    with transaction(engine) as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in ("audit", "shop"):  # what stands in the audit log stays
                session.execute(delete(table))
    order = ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR)
    clock.set(order.at)
    house = House(engine, clock, folder, lola(access_token="shpat_lola", url="http://127.0.0.1:9"))
    for sent in order.sent:
        house.deliver("shopify", sent)
    with transaction(engine) as session:
        shop, row = shop_of(house, session), session.scalars(select(Order)).one()
        case = open_return.open_return(session, house.settings, shop, row, [("11", 1)], "No me valen", "api", "caso-1", actor="test:mara")
        session.execute(update(Effect).where(Effect.kind == "write").values(due_at=clock.now() + timedelta(days=900)))
    for place, step in enumerate(steps):
        clock.advance(minutes=1)
        _one(house, case.number, step, place)
        _run(house)
    clock.advance(minutes=1)
    _run(house)
    return house.returns(), house.sent()


def _one(house: House, number: str, step: str, place: int) -> None:
    if step == ANSWER:
        with transaction(house.engine) as session:
            effect = session.scalars(select(Effect).where(Effect.followup == deed.NAME)).one()
            effect.state = "done"
            deed.DEED.after(session, effect, Done(str(IMAGE), "return #5001-R1"))
    elif step == ASKED:
        with transaction(house.engine) as session:
            seen = ReturnSeen("5001", now(), str(IMAGE), (("11", 1),), f"{number} No me valen")
            process_inbound.absorb(session, house.world, shop_of(house, session), Reading((seen,)), None)
    else:
        house.deliver("shopify", Sent(step, json.dumps(told(number)[step]).encode(), now(), f"w-{place}"))


def _run(house: House) -> None:
    """All but questions, which are the test's own steps."""
    with transaction(house.engine) as session:
        session.execute(update(Effect).where(Effect.kind == "fetch", Effect.state == "planned").values(state="cancelled"))
    house.run()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_it_stays_one_return_with_one_label_in_any_order(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, data: st.DataObject) -> None:
    steps = data.draw(st.permutations(STEPS)) + data.draw(st.lists(st.sampled_from([step for step in STEPS if step != ANSWER]), max_size=3))
    (case,), mails = play(sqlite_engine, clock, tmp_path, steps)
    assert (case.ref, case.shop_ref, case.state, case.source, case.reason) == ("caso-1", str(IMAGE), "closed", "api", "No me valen")
    assert {mail: count for mail, count in mails.items() if mail[0].startswith("return")} == MAILS
