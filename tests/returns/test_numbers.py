"""A return's number: derived, told apart, read back."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from postventa.returns.numbers import ALPHABET, DATA, read_number, return_number
from tests.cast import MARA, OTTO

NUMBERS = st.builds(return_number, st.just(MARA.key), st.text(max_size=20), st.text(max_size=20))


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_number_is_short_and_has_no_letters_to_confuse(order: str, case: str) -> None:
    assert re.fullmatch(r"R-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", return_number(MARA.key, order, case))


def test_the_same_return_always_has_the_same_number() -> None:
    assert return_number("a-key-of-a-shop", "1042", "77") == "R-69CE-H7C3"


def test_other_shops_orders_and_returns_have_other_numbers() -> None:
    parts = [(MARA.key, "1", "23"), (MARA.key, "12", "3"), (MARA.key, "1", "24"), (OTTO.key, "1", "23")]

    assert len({return_number(*part) for part in parts}) == 4


def test_a_number_that_is_taken_has_a_next_choice() -> None:
    choices = [return_number(MARA.key, "1042", "77", attempt) for attempt in range(5)]

    assert len(set(choices)) == 5
    assert choices[0] == return_number(MARA.key, "1042", "77")


def test_thirty_thousand_returns_share_no_number_in_practice() -> None:
    numbers = {return_number(MARA.key, str(order), "1") for order in range(30_000)}

    # 1.3 % of all keys would see one pair here, one in 10,000 would see two.
    assert len(numbers) >= 29_999


@given(NUMBERS)
def test_a_number_is_read_however_it_is_typed(number: str) -> None:
    for typed in (number, number.lower(), number.replace("-", ""), f" {number.replace('-', ' ')}\n", number[2:]):
        assert read_number(typed) == number


@given(NUMBERS)
def test_lookalike_letters_are_read_as_what_was_meant(number: str) -> None:
    assert read_number("R" + number[1:].replace("0", "O").replace("1", "l")) == number


@given(NUMBERS, st.integers(0, DATA), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_noticed(number: str, place: int, wrong: str) -> None:
    symbols = list(number.replace("-", "")[1:])
    if symbols[place] == wrong:
        return
    symbols[place] = wrong

    assert read_number("".join(symbols)) is None


def test_what_is_no_number_is_not_read() -> None:
    assert [read_number(typed) for typed in ("", "R-", "#1042", "R-69CE-H7C33", "R" * 5000, "ñandúñand")] == [None] * 6
