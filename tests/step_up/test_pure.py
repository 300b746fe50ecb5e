"""Six digits, and what a browser keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from postventa.models import OneTimeCode
from postventa.step_up import Purpose, Scope, codes, proof, store
from postventa.step_up.store import Standing

SECRET, OTHER = b"a secret of thirty-two bytes or so", b"another secret of thirty-two bytes"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ANA = Scope(1, 7, "ana@correo.example", Purpose.DATA)
OTHERS = (
    replace(ANA, shop_id=2),
    replace(ANA, order_id=8),
    replace(ANA, email="eva@correo.example"),
    replace(ANA, purpose=Purpose.ADDRESS),
)


def test_a_code_is_six_digits_the_same_each_time_and_another_for_everything_else() -> None:
    salts = [codes.new_salt() for _ in range(300)]
    drawn = [codes.derived(SECRET, salt, ANA) for salt in salts]
    assert drawn == [codes.derived(SECRET, salt, ANA) for salt in salts]
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in drawn)
    assert len(set(drawn)) > 290
    assert any(code.startswith("0") for code in drawn), "nothing in front is lost"
    for scope in OTHERS:
        assert [codes.derived(SECRET, salt, scope) for salt in salts[:20]] != drawn[:20], scope
    assert [codes.derived(OTHER, salt, ANA) for salt in salts[:20]] != drawn[:20]


@pytest.mark.parametrize(
    ("typed", "code"),
    [("482913", "482913"), (" 482 913\n", "482913"), ("482-913.", "482913"), ("48291", ""), ("4829133", ""), ("48291a", ""), ("٤٨٢٩١٣", ""),
     ("", ""), (" " * 40 + "482913", "")],
)  # fmt: skip
def test_a_code_is_read_as_people_type_it(typed: str, code: str) -> None:
    assert codes.tidy(typed) == code


def test_a_proof_holds_for_its_scope_and_half_an_hour() -> None:
    told = proof.made(SECRET, ANA, NOON)
    assert proof.holds(SECRET, ANA, told, NOON + timedelta(minutes=29, seconds=59))
    assert not proof.holds(SECRET, ANA, told, NOON + timedelta(minutes=30))
    assert not proof.holds(OTHER, ANA, told, NOON)
    until, seal = told.split(".")
    for wrong in ("", ".", seal, f"{int(until) + 1}.{seal}", f"{until}.{'0' * 64}", f" {told}", f"{told}0", f"{'9' * 12}.{seal}"):
        assert not proof.holds(SECRET, ANA, wrong, NOON), wrong
    for scope in OTHERS:
        assert not proof.holds(SECRET, scope, told, NOON), scope
        assert proof.name(SECRET, scope) != proof.name(SECRET, ANA)


def test_where_a_code_stands() -> None:
    row = OneTimeCode(tries=4, expires_at=NOON, used_at=None)
    assert [store.standing(row, NOON - timedelta(seconds=1)), store.standing(row, NOON), store.standing(None, NOON)] == [
        Standing.OPEN,
        Standing.EXPIRED,
        Standing.NONE,
    ]
    row.tries = 5
    assert store.standing(row, NOON) == Standing.BURNT
    row.used_at = NOON
    assert store.standing(row, NOON) == Standing.USED
