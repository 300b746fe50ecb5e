"""What is owed for a statement is paid once, to the cent, and counted for that statement alone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from connectors.shops.writes import Refund
from jobs.deeds.refund import plan_refund
from jobs.deeds.store_credit import plan_store_credit
from jobs.withdrawals import decide, look_after
from postventa import shops, state
from postventa.clock import now
from postventa.events import OrderRefunded, ReturnApproved, ReturnRequested
from postventa.models import Effect, Order, OrderLine, ReturnCase, Withdrawal
from postventa.models.db import reading, transaction
from postventa.withdrawal.refund import owed
from tests.conftest import TestClock
from tests.pipeline.stories import NOON
from tests.withdrawal.counter import ANA, Counter

KEYS = {"consumer_key": "ck_0123456789", "consumer_secret": "cs_0123456789"}


@pytest.fixture
def paying(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> Iterator[Counter]:
    """A shop that pays by itself what is withdrawn from and back."""
    clock.set(NOON)
    made = Counter(sqlite_engine, clock, tmp_path, **KEYS, withdrawal={"refund": "automatic"})
    made.order()
    yield made
    made.app.extensions["postventa"].redis().close()
    made.app.extensions["postventa"].engine.dispose()


def some(counter: Counter, ref: str, quantity: int) -> None:
    """Ana withdraws from that much of her order."""
    with reading(counter.engine) as session:
        order = session.scalars(select(Order.id)).one()
    counter.withdraw(counter.phone(), counter.link(order), email=ANA, scope="some", item=ref, **{f"quantity-{ref}": str(quantity)})
    counter.work()


def back(counter: Counter) -> None:
    """All parcels are back, and the clock's minute comes."""
    with transaction(counter.engine) as session:
        session.execute(update(ReturnCase).values(received_at=now()))
    look_after.look_after(counter.world)


def told(counter: Counter, amount: str, *lines: tuple[str, int], ref: str = "r9") -> None:
    """The shop tells of a refund."""
    counter.clock.advance(minutes=1)
    with transaction(counter.engine) as session:
        (shop,) = shops.all_of(session, counter.settings, counter.world.secret)
        event = OrderRefunded("1042", now(), ref, Decimal(amount), "EUR", lines=lines)
        state.apply(session, shop, [state.Telling((event,))])


def refunds(counter: Counter) -> list[tuple[str, list[Any]]]:
    wanted: list[Any] = [effect.data["wanted"] for effect in counter.effects(followup="write_refund")]
    return [(one["amount"], one["lines"]) for one in wanted]


def states(counter: Counter) -> list[str]:
    return [row.state for row in counter.statements()]


def test_parts_are_rounded_line_by_line_as_the_shop_rounds_them() -> None:
    odd = [OrderLine(ref=ref, quantity=2, total=Decimal("10.01")) for ref in ("a", "b")]
    assert owed(odd, (("a", 1), ("b", 1)), Decimal(0), None, Decimal(99)).amount == Decimal("10.02")


def test_the_last_piece_is_worth_what_the_others_left_and_what_went_back_before_is_not_owed() -> None:
    cups = [OrderLine(ref="cups", quantity=3, total=Decimal("10.00"))]
    assert owed(cups, (("cups", 1),), Decimal(0), None, Decimal(99), taken={"cups": (1, 1)}).amount == Decimal("3.34")
    rest = owed(cups, (), Decimal("5.00"), None, Decimal(99), taken={"cups": (1,)})
    assert (rest.amount, rest.lines) == (Decimal("11.67"), (("cups", 2),))


def test_yen_have_no_cents() -> None:
    cups = [OrderLine(ref="cups", quantity=3, total=Decimal(1000))]
    assert owed(cups, (("cups", 1),), Decimal(0), None, Decimal(9999), cent=Decimal(1)).amount == Decimal(333)


def test_what_was_paid_for_one_statement_settles_no_other(paying: Counter) -> None:
    some(paying, "l1", 1)
    some(paying, "l2", 2)
    told(paying, "30", ("l1", 1))
    look_after.look_after(paying.world)
    assert states(paying) == ["refunded", "open"]
    told(paying, "30", ("l2", 2), ref="r10")
    look_after.look_after(paying.world)
    assert states(paying) == ["refunded", "refunded"]


def test_for_which_of_two_a_sum_by_itself_was_is_a_persons_to_say_until_all_is_back(paying: Counter) -> None:
    some(paying, "l1", 1)
    some(paying, "l2", 2)
    told(paying, "30")
    look_after.look_after(paying.world)
    assert states(paying) == ["open", "open"]
    told(paying, "35", ref="r10")
    look_after.look_after(paying.world)
    assert states(paying) == ["refunded", "refunded"]


def test_a_refund_of_ours_for_something_else_settles_none(paying: Counter) -> None:
    some(paying, "l1", 1)
    with transaction(paying.engine) as session:
        (shop,) = shops.all_of(session, paying.settings, paying.world.secret)
        order = session.scalars(select(Order)).one()
        made = plan_refund(session, shop, order, Refund("1042", Decimal(30), "EUR", (("l2", 2),)), key="R-OTHER", actor="jon")
        assert made is not None
        session.get_one(Effect, made.id).data = {**made.data, "ref": "r9"}
    told(paying, "30")
    look_after.look_after(paying.world)
    assert states(paying) == ["open"]


def test_both_are_paid_once_when_the_goods_are_back(paying: Counter) -> None:
    some(paying, "l1", 1)
    some(paying, "l2", 2)
    for _ in range(3):
        back(paying)
    assert refunds(paying) == [("30.00", [["l1", 1]]), ("30.00", [["l2", 2]])]


def test_what_another_return_pays_is_not_paid_by_the_statement_too(paying: Counter) -> None:
    """Ana asked for a credit for the bowl first, and then withdrew from it."""
    with transaction(paying.engine) as session:
        (shop,) = shops.all_of(session, paying.settings, paying.world.secret)
        order = session.scalars(select(Order)).one()
        asked = (ReturnRequested("1042", now(), "portal-1", (("l1", 1),)), ReturnApproved("1042", now(), "portal-1", (("l1", 1),)))
        state.apply(session, shop, [state.Telling(asked, opened_by="portal")])
        plan_store_credit(session, shop, order, key="R-1", amount=Decimal(30), currency="EUR", actor="jon")
    some(paying, "l1", 1)
    back(paying)
    assert refunds(paying) == []
    with transaction(paying.engine) as session, pytest.raises(ValueError, match="in another return"):
        decide.pay(session, paying.world, session.scalars(select(Withdrawal)).one(), None, "jon")
