"""config.example.toml is complete, true, and usable as it stands."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from postventa.config import Brand, Carriers, ReturnAddress, Settings, ShopSettings, Withdrawal, load

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"
SECTIONS = {name: field.annotation for name, field in Settings.model_fields.items() if name not in ("shops", "source")}


@pytest.fixture
def written() -> dict[str, Any]:
    return tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))


@pytest.fixture
def with_shop(tmp_path: Path) -> Path:
    """The example as a merchant leaves it who took the # off the shop's lines."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    shop = [line[1:] if line.startswith("#") and not line.startswith(("# ", "#-")) else line for line in lines]
    (tmp_path / "config.toml").write_text("\n".join(shop), encoding="utf-8")
    return tmp_path / "config.toml"


def keys(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_is_there_and_none_that_does_not_exist(section: str, written: dict[str, Any]) -> None:
    model = SECTIONS[section]
    assert isinstance(model, type)
    assert set(written[section]) == keys(model)


def test_it_says_the_defaults(written: dict[str, Any]) -> None:
    assert set(written) == set(SECTIONS)
    example, default = load(EXAMPLE, {}), Settings()
    for section in SECTIONS:
        assert getattr(example, section) == getattr(default, section)


def test_the_shop_part_has_every_setting_of_a_shop(with_shop: Path) -> None:
    (shop,) = tomllib.loads(with_shop.read_text(encoding="utf-8"))["shops"]
    assert set(shop) == keys(ShopSettings)
    assert set(shop["brand"]) == keys(Brand)
    assert set(shop["withdrawal"]) == keys(Withdrawal)
    assert set(shop["return_address"]) == keys(ReturnAddress)
    assert {name: set(account) for name, account in shop["carriers"].items()} == {
        name: keys(type(field.default)) for name, field in Carriers.model_fields.items()
    }


def test_the_shop_part_loads_and_says_the_defaults_where_it_says_nothing_else(with_shop: Path) -> None:
    (shop,) = load(with_shop, {}).shops
    chosen = {"key", "platform", "name", "url", "webhook_secrets", "review_links", "status_map", "return_address", "care_tips"}
    for name, field in ShopSettings.model_fields.items():
        if name not in chosen:
            assert getattr(shop, name) == field.default, name


def test_every_setting_has_its_reason() -> None:
    bare = {"country", "currency", "legal_address", "support_email", "support_phone", "review_links", "return_address"}
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        name, equals, rest = line.lstrip("#").partition(" = ")
        if equals and name.isidentifier() and not line.startswith("# "):
            assert " # " in rest or name in bare, line
