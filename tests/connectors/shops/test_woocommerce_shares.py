"""Refunds in a row add up to what was paid, to the cent, however they are cut."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.reading import Part
from connectors.shops.woocommerce.writes import shares
from connectors.shops.woocommerce.writes.shares import Sum

CENTS = st.sampled_from([Decimal("0.01"), Decimal(1), Decimal("0.001")])
AMOUNTS = st.decimals(Decimal(0), Decimal(10_000), places=6)


@st.composite
def bought(draw: st.DrawFn) -> tuple[Sum, list[int]]:
    """A line with its taxes, and in which lots its pieces go back."""
    paid = Sum(draw(AMOUNTS), {rate: draw(AMOUNTS) for rate in draw(st.sets(st.integers(1, 9), max_size=3))})
    return paid, draw(st.lists(st.integers(1, 7), min_size=1, max_size=6))


@given(bought(), CENTS)
def test_lots_add_up_to_what_was_paid_and_none_is_negative(line: tuple[Sum, list[int]], cent: Decimal) -> None:
    paid, lots = line
    gone, before = Sum(), 0
    for lot in lots:
        money = shares.share(paid, gone, sum(lots), before, lot, cent)
        assert money.net >= 0
        assert all(amount >= 0 and amount == amount.quantize(cent) for amount in money.taxes.values())
        assert money.net == money.net.quantize(cent)
        gone, before = gone.plus(money), before + lot
    assert gone.gross == paid.gross.quantize(cent, ROUND_HALF_UP)


@given(bought(), CENTS)
def test_a_single_piece_is_worth_its_share_but_for_the_last_cents(line: tuple[Sum, list[int]], cent: Decimal) -> None:
    paid, lots = line
    pieces = sum(lots)
    money = shares.share(paid, Sum(), pieces, 0, 1, cent)
    assert abs(money.gross - paid.gross / pieces) <= cent


@given(bought(), CENTS, st.data())
def test_a_part_is_exactly_the_part_that_was_asked_for(line: tuple[Sum, list[int]], cent: Decimal, data: st.DataObject) -> None:
    left = shares.rest(line[0], Sum(), cent)
    steps = int(left.gross / cent)
    asked = data.draw(st.integers(0, steps)) * cent
    part = shares.part_of(left, asked, cent)
    assert part.gross == asked
    assert all(0 <= amount <= left.taxes[rate] for rate, amount in part.taxes.items())


BOUGHT = st.lists(st.tuples(st.decimals(Decimal("0.01"), Decimal(1000), places=6), st.sampled_from([0, 4, 10, 21])), min_size=1, max_size=4)


@given(BOUGHT, st.integers(0, 100))
def test_what_is_due_is_spread_so_that_nets_and_taxes_that_are_rounded_apart_come_to_it(bought: list[tuple[Decimal, int]], percent: int) -> None:
    cent = Decimal("0.01")
    lines = {str(place): Sum(net, {rate: net * rate / 100}) for place, (net, rate) in enumerate(bought)}
    due = shares.rounded(sum((shares.rounded(line.gross, cent) for line in lines.values()), Decimal(0)) * percent / 100, cent)
    parts = shares.spread(lines, due, cent)
    assert sum(parts.values()) == due
    for ref, line in lines.items():
        net = shares.net_of(line, parts[ref])
        told = sum((shares.rounded(net * rate / 100, cent) for rate in line.taxes), shares.rounded(net, cent))
        halves = (net * 1000) % 10 == 5  # of a cent: both are rounded up
        assert told - parts[ref] in ((0, cent) if halves else (0,))


def test_what_somebody_else_refunded_by_hand_is_not_refunded_again() -> None:
    cent, paid = Decimal("0.01"), Sum(Decimal("82.644628"), {3: Decimal("17.355372")})
    by_hand = Sum(Decimal("70.00"), {3: Decimal("14.70")})
    assert shares.share(paid, by_hand, 4, 1, 1, cent).gross == Decimal("15.30"), "less than a quarter is left"
    assert shares.share(paid, by_hand, 4, 1, 3, cent).gross == Decimal("15.30")


def test_a_cup_of_four_is_split_as_the_shop_itself_does() -> None:
    """Recorded: order 50, refund 51."""
    line = Part({"total": "41.322314", "taxes": [{"id": 3, "total": "8.677686", "subtotal": "8.677686"}]})
    money = shares.share(shares.told(line), Sum(), 4, 0, 1, Decimal("0.01"))
    assert (money.net, dict(money.taxes)) == (Decimal("10.33"), {3: Decimal("2.17")})
