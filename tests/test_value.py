"""Values are compared, hashed and replaced like frozen dataclasses, and the type checker keeps them as they are."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import field, replace
from pathlib import Path

import pytest

from postventa.value import value

CHANGED = """
from postventa.value import value

@value
class Size:
    eu: int

Size(38).eu = 39
"""


@value
class Size:
    eu: int
    kinds: tuple[str, ...] = field(default=())


def test_values_are_equal_and_hashed_by_what_is_in_them() -> None:
    assert Size(38) == Size(38)
    assert {Size(38), Size(38), Size(39)} == {Size(38), Size(39)}
    assert replace(Size(38), eu=39) == Size(39)
    assert Size(38, ("a",)) != Size(38)


@pytest.mark.timeout(240)
def test_the_type_checker_refuses_to_change_one(tmp_path: Path) -> None:
    source = tmp_path / "changed.py"
    source.write_text(CHANGED, encoding="utf-8")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(source)]
    checked = subprocess.run(mypy, capture_output=True, text=True, check=False, timeout=200, cwd=Path(__file__).parent.parent)
    assert 'Property "eu" defined in "Size" is read-only' in checked.stdout, checked.stdout + checked.stderr
