"""Orders, their lines and addresses are values like any other frozen dataclass, however they are made."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from postventa.events import Address, LineSnapshot, OrderSnapshot

AT = datetime(2026, 11, 22, 14, 31, tzinfo=UTC)
LINE = LineSnapshot("1", "Botas", 2, Decimal("24.90"), sku="B-1")
ORDER = OrderSnapshot("7", "#1042", "paid", AT, AT, "EUR", total=Decimal("24.90"), shipping_address=Address(city="Lugo"), lines=(LINE,))


@pytest.mark.parametrize("value", [Address("Ana", street="Rúa Nova 1"), LINE, ORDER])
def test_they_are_compared_copied_and_kept_by_what_they_hold(value: Any) -> None:
    for same in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value)), replace(value)):
        assert same == value
        assert hash(same) == hash(value)
        assert repr(same) == repr(value)
    assert list(vars(value)) == [field.name for field in fields(value)]


def test_what_is_not_said_is_the_default() -> None:
    assert (LINE.weight_g, LINE.requires_shipping, LINE.image_url) == (0, True, "")
    assert ORDER.billing_address == Address()
    assert not ORDER.billing_address
    assert replace(LINE, quantity=1) == LineSnapshot(ref="1", title="Botas", quantity=1, total=Decimal("24.90"), sku="B-1")


def test_nothing_is_changed_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        LINE.title = "Zuecos"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del LINE.title


def test_what_must_be_said_is_asked_for_and_what_is_unknown_refused() -> None:
    made: Any = LineSnapshot
    with pytest.raises(TypeError, match="missing 3 required positional arguments"):
        made("1")
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        made("1", "Botas", 2, Decimal(1), colour="red")
