"""What parts of an order are worth: in whatever pieces they go back, they add up to what was paid."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postventa.returns.money import ZERO, add_up, cent_of, share

CENT = Decimal("0.01")
MONEY = st.integers(0, 5_000_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def in_parts(draw: st.DrawFn) -> tuple[Decimal, list[int]]:
    """A line's total, and how its pieces go back."""
    return draw(MONEY), draw(st.lists(st.integers(1, 9), min_size=1, max_size=8))


@given(in_parts())
def test_parts_add_up_to_the_whole_to_the_cent(line: tuple[Decimal, list[int]]) -> None:
    total, parts = line
    shares = [share(total, sum(parts), parts[:place], part, CENT) for place, part in enumerate(parts)]
    assert sum(shares, ZERO) == total
    assert all(one >= 0 for one in shares)
    assert share(total, sum(parts), parts, 1, CENT) == 0, "nothing is left of it"


@given(st.lists(MONEY, max_size=5), MONEY, MONEY, MONEY, st.integers(0, 100))
def test_never_more_than_is_left_goes_back(goods: list[Decimal], shipping: Decimal, fee: Decimal, left: Decimal, bonus: int) -> None:
    sums = add_up(goods, shipping, fee, left, Decimal(bonus), CENT)
    assert 0 <= sums.refund <= left
    assert sums.goods + sums.shipping - sums.fee == sums.refund, "what a shop checks"
    assert sums.refund + sums.bonus == sums.credit


@pytest.mark.parametrize(
    ("taken", "wanted", "worth"), [((), 1, "3.33"), ((1,), 1, "3.33"), ((1, 1), 1, "3.34"), ((2,), 1, "3.33"), ((1,), 2, "6.67"), ((3,), 1, "0")]
)
def test_the_last_piece_takes_the_odd_cent(taken: tuple[int, ...], wanted: int, worth: str) -> None:
    assert share(Decimal("10.00"), 3, taken, wanted, CENT) == Decimal(worth)


def test_yen_have_no_cents() -> None:
    assert (cent_of("JPY"), cent_of("EUR"), cent_of("")) == (Decimal(1), CENT, CENT)
