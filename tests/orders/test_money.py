"""What goes back is right to the cent: parts add up to what was paid, and never is it more than is left."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postventa.orders.money import Books, Bought, Choice, Gone, Wrong, reckon

ODD = Bought("1", "Taza", 3, Decimal("29.99"))
BOWL = Bought("2", "Cuenco", 1, Decimal("9.96"))
ORDER = Books("EUR", Decimal("44.90"), Decimal("4.95"), (ODD, BOWL))


def after(*gone: Gone) -> Books:
    return Books(ORDER.currency, ORDER.total, ORDER.shipping, ORDER.lines, gone)


def one(line: str, pieces: int = 1) -> Choice:
    return Choice(lines=((line, pieces),))


def test_the_last_piece_takes_what_the_others_left() -> None:
    first, second = Gone(Decimal("10.00"), (("1", 1),)), Gone(Decimal("10.00"), (("1", 1),))
    assert reckon(after(), one("1")).amount == Decimal("10.00")
    assert reckon(after(first), one("1")).amount == Decimal("10.00")
    assert reckon(after(first, second), one("1")).amount == Decimal("9.99")
    assert reckon(after(first), one("1", 2)).amount == Decimal("19.99")


def test_lines_shipping_and_what_is_withheld_are_one_sum_and_the_rest_stays() -> None:
    found = reckon(ORDER, Choice((("1", 2), ("2", 1)), shipping=Decimal("2.00"), withheld=Decimal("1.50")))
    assert (found.amount, found.left) == (Decimal("30.45"), Decimal("14.45"))
    assert [worth for _, _, worth in found.lines] == [Decimal("19.99"), Decimal("9.96")]


@given(st.integers(1, 40), st.integers(0, 10**7), st.data())
@settings(max_examples=200, deadline=None)
def test_however_a_line_goes_back_its_parts_add_up(quantity: int, cents: int, data: st.DataObject) -> None:
    line = Bought("1", "Taza", quantity, Decimal(cents) / 100)
    books, gone, given_back = Books("EUR", line.total, Decimal(0), (line,)), list[Gone](), Decimal(0)
    while left := books.pieces_left(line):
        pieces = data.draw(st.integers(1, left))
        amount = Decimal(0)
        with suppress(Wrong):  # it is worth nothing
            amount = reckon(books, one("1", pieces)).amount
        assert amount >= 0
        given_back += amount
        gone.append(Gone(amount, (("1", pieces),)))
        books = Books("EUR", line.total, Decimal(0), (line,), tuple(gone))
    assert given_back == line.total
    assert books.left == 0


def test_what_is_on_its_way_counts_as_gone() -> None:
    books = after(Gone(Decimal("29.99"), (("1", 3),), coming=True))
    assert (books.left, books.coming, books.refunded) == (Decimal("14.91"), Decimal("29.99"), Decimal(0))
    with pytest.raises(Wrong, match="only 0 are left"):
        reckon(books, one("1"))


def test_after_a_courtesy_everything_else_ends_with_what_there_is() -> None:
    found = reckon(after(Gone(Decimal("5.00"))), Choice((("1", 3), ("2", 1)), shipping=Decimal("4.95")))
    assert (found.amount, found.left, found.capped) == (Decimal("39.90"), Decimal(0), True)


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        (Choice(), "nothing"),
        (Choice((("1", 1),), amount=Decimal(1)), "both"),
        (Choice(amount=Decimal("0.005")), "sum"),
        (Choice(amount=Decimal(-1)), "sum"),
        (Choice(amount=Decimal("NaN")), "sum"),
        (one("9"), "unknown-line"),
        (one("1", 4), "pieces"),
        (Choice(shipping=Decimal("4.96")), "shipping"),
        (Choice((("2", 1),), withheld=Decimal("9.96")), "withheld"),
        (Choice(amount=Decimal("44.91")), "too-much"),
    ],
)
def test_what_cannot_be_meant_is_said(choice: Choice, name: str) -> None:
    with pytest.raises(Wrong) as caught:
        reckon(ORDER, choice)
    assert caught.value.name == name


def test_a_currency_without_cents_is_rounded_to_whole_coins() -> None:
    line = Bought("1", "Taza", 3, Decimal(1000))
    books = Books("JPY", Decimal(1000), Decimal(0), (line,))
    assert reckon(books, one("1")).amount == 333
    with pytest.raises(Wrong, match="decimals"):
        reckon(books, Choice(amount=Decimal("0.5")))
