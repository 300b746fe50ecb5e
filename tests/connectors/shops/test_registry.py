"""Platforms are found where the recipe says."""

from __future__ import annotations

from pathlib import Path

import connectors.shops
from connectors.shops import SHOPS

FOLDER = Path(connectors.shops.__file__).parent
TESTS = Path(__file__).parent


def test_folders_and_registry_agree() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}

    assert folders == set(SHOPS)


def test_every_platform_goes_by_its_registered_name_and_explains_itself() -> None:
    for name, platform in SHOPS.items():
        assert platform.name == name
        assert (FOLDER / name / "README.md").read_text(encoding="utf-8").lower().startswith(f"# {name}")


def test_every_platform_keeps_the_contract() -> None:
    for name in SHOPS:
        assert "ShopContract" in (TESTS / f"test_{name}_contract.py").read_text(encoding="utf-8")
