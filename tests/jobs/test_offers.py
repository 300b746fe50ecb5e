"""What a customer may choose from is asked by a job, once within five minutes, and read by a page."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from jobs import offers
from jobs.refetch import refetch
from postventa.events import ProductSnapshot, VariantSnapshot
from postventa.models.db import reading, transaction
from postventa.shops import find
from tests.conftest import TestClock
from tests.jobs.test_import_history import KEYS, house_of
from tests.peers.shopify import ShopifyPeer, not_approved
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import WooOrder

BOWL = {"id": 20, "name": "Cuenco", "type": "simple", "price": "25.00", "stock_quantity": 2, "purchasable": True, "manage_stock": True}


@pytest.fixture
def shop() -> Iterator[WooCommercePeer]:
    peer = WooCommercePeer(products={20: dict(BOWL)}, orders={4001: WooOrder(4001).tell().body})
    with peer.open():
        yield peer


@pytest.fixture
def house(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer) -> House:
    return house_of(sqlite_engine, clock, tmp_path, alba(url=shop.url, **KEYS))


def asked(house: House, what: str, *about: str, platform: str = "woocommerce") -> bool:
    """Ask as a page does, and let the job do its work; whether it was news."""
    with transaction(house.engine) as session:
        effect = getattr(offers, f"ask_{what}")(session, find(session, house.shops[platform], house.world.settings, house.world.secret), *about)
        number = effect.id if effect is not None else None
    if number is not None:
        refetch(number)
    return number is not None


def read(house: House, what: str, *about: str, platform: str = "woocommerce") -> Any:
    with reading(house.engine) as session:
        return getattr(offers, what)(session, find(session, house.shops[platform], house.world.settings, house.world.secret), *about)


def test_the_answer_is_there_when_the_job_was_and_is_asked_for_once(house: House, shop: WooCommercePeer) -> None:
    assert read(house, "kinds", "20", "ES") is None
    assert asked(house, "kinds", "20", "ES")
    (bowl,) = read(house, "kinds", "20", "ES")
    assert bowl == VariantSnapshot("20", price=Decimal("25.00"), currency="EUR", available=2, product_title="Cuenco")
    calls = len(shop.calls)
    assert not asked(house, "kinds", "20", "ES")
    assert len(shop.calls) == calls


def test_an_answer_grows_old(house: House, shop: WooCommercePeer) -> None:
    asked(house, "kinds", "20")
    house.clock.advance(minutes=5)
    assert read(house, "kinds", "20") is not None, "until the next one is there"
    shop.products[20]["stock_quantity"] = 1
    assert asked(house, "kinds", "20")
    assert [kind.available for kind in read(house, "kinds", "20")] == [1]
    house.clock.advance(minutes=10)
    assert read(house, "kinds", "20") is None


def test_words_find_products_whatever_their_letters(house: House, shop: WooCommercePeer) -> None:
    assert asked(house, "search", "  CUENCO ")
    assert read(house, "found", "cuenco") == (ProductSnapshot("20", "Cuenco"),)
    assert not asked(house, "search", "   ")
    shop.products |= {
        21: {**BOWL, "id": 21, "name": "Jarra", "stock_status": "outofstock"},
        22: {**BOWL, "id": 22, "name": "Jarra", "status": "draft"},
    }
    assert asked(house, "search", "jarra")
    assert read(house, "found", "jarra") == ()
    assert asked(house, "kinds", "22")
    assert read(house, "kinds", "22") == ()


def test_a_product_that_is_gone_and_a_right_that_lacks_are_told_apart(house: House, shop: WooCommercePeer) -> None:
    asked(house, "kinds", "99")
    assert read(house, "kinds", "99") == ()
    shop.sees_products = False
    asked(house, "kinds", "20")
    with pytest.raises(offers.Unanswered, match="does not let us see its products"):
        read(house, "kinds", "20")


SHOE = {
    "legacyResourceId": "110", "title": "Zapato Nerja", "status": "ACTIVE", "onlineStoreUrl": "https://zapateria-lola.example/products/nerja",
    "tracksInventory": True, "totalInventory": 4,
    "variants": {"nodes": [
        {"legacyResourceId": "1100", "title": "38 / Rojo", "sku": "Z-38", "availableForSale": True, "inventoryQuantity": 4,
         "selectedOptions": [{"name": "Talla", "value": "38"}, {"name": "Color", "value": "Rojo"}],
         "contextualPricing": {"price": {"amount": "49.9", "currencyCode": "EUR"}}, "inventoryItem": {"tracked": True}},
        {"legacyResourceId": "1101", "title": "Default Title", "inventoryQuantity": -2,
         "selectedOptions": [{"name": "Title", "value": "Default Title"}], "availableForSale": False,
         "contextualPricing": {"price": {"amount": "55.0", "currencyCode": "EUR"}}, "inventoryItem": {"tracked": False}},
    ]},
}  # fmt: skip


HIDDEN: dict[str, dict[str, Any]] = {"111": {"status": "DRAFT", "onlineStoreUrl": None}, "112": {"totalInventory": 0}}


def test_shopify_says_the_same(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer(products={"gid://shopify/Product/110": SHOE})
    with peer.open():
        house = house_of(sqlite_engine, clock, tmp_path, lola(url=peer.url, access_token="shpat_lola"))
        asked(house, "kinds", "110", "ES", platform="shopify")
        small, other = read(house, "kinds", "110", "ES", platform="shopify")
        assert small == VariantSnapshot(
            "1100", "38 / Rojo", "Z-38", "", 0, (("Talla", "38"), ("Color", "Rojo")), Decimal("49.9"), "EUR", True, 4, True, "Zapato Nerja"
        )
        assert (other.title, other.options, other.available, other.sellable) == ("", (), None, False)
        asked(house, "search", "nerja", platform="shopify")
        assert [one.title for one in read(house, "found", "nerja", platform="shopify")] == ["Zapato Nerja"]
        peer.products |= {f"gid://shopify/Product/{ref}": {**SHOE, "legacyResourceId": ref, **kind} for ref, kind in HIDDEN.items()}
        asked(house, "search", "zapato", platform="shopify")
        assert [one.ref for one in read(house, "found", "zapato", platform="shopify")] == ["110"], "what is hidden or sold out is not offered"
        asked(house, "kinds", "111", "ES", platform="shopify")
        assert read(house, "kinds", "111", "ES", platform="shopify") == ()
        peer.hidden["product"] = not_approved("product")
        asked(house, "kinds", "110", "PT", platform="shopify")
        with pytest.raises(offers.Unanswered):
            read(house, "kinds", "110", "PT", platform="shopify")
