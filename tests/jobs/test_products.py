"""What was bought is asked of its shop once in a while, and kept with an age."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from connectors.reading import Part
from connectors.shops.shopify import products as of_shopify
from connectors.shops.woocommerce import products as of_woocommerce
from jobs import products as job
from jobs.refetch import refetch
from postventa import effects, products
from postventa.events import VariantSnapshot
from postventa.models import Product
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.jobs.test_import_history import KEYS, house_of
from tests.peers.shopify import ShopifyPeer, not_approved
from tests.peers.woocommerce import PREFIX, WooCommercePeer
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import ShopifyOrder, WooOrder

CUP: dict[str, Any] = {
    "id": 10, "name": "Taza &laquo;Alba&raquo;", "type": "variable", "permalink": "https://ceramica-alba.example/taza", "sku": "TAZA",
    "weight": "0.3",
    "images": [{"src": "https://ceramica-alba.example/taza.jpg"}], "categories": [{"name": "Piel &amp; barro"}], "brands": [{"name": "Alba"}],
    "tags": [{"id": 7, "name": "Final &amp; sale"}, {"name": ""}, {"name": "Outlet"}],
}  # fmt: skip
BLUE = {
    "id": 101, "sku": "TAZA-A", "weight": "0.35", "image": {"src": "https://ceramica-alba.example/azul.jpg"}, "attributes": [{"option": "Azul"}],
}  # fmt: skip
RED = {"id": 102, "sku": "TAZA-R", "weight": "", "image": None, "attributes": [{"option": "Rojo"}]}


@pytest.fixture
def shop() -> Iterator[WooCommercePeer]:
    peer = WooCommercePeer(products={10: CUP, 20: {**CUP, "id": 20, "type": "simple", "images": [], "categories": [], "brands": [], "tags": []}})
    peer.variations[10] = [BLUE, RED]
    with peer.open():
        yield peer


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer) -> House:
    made = house_of(engine, clock, tmp_path, alba(url=shop.url, **KEYS))
    made.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    return made


def ask(house: House) -> None:
    """Look for what was bought, and put the questions."""
    job.look_all(house.world)
    house.clock.advance(seconds=3)
    with reading(house.engine) as session:
        due = [effect.id for effect in effects.due(session, 100) if effect.kind == "fetch"]
    for effect_id in due:
        refetch(effect_id)


def known(house: House, platform: str = "woocommerce") -> dict[str, Product]:
    with reading(house.engine) as session:
        return dict(products.find(session, house.shops[platform], ["10", "20", "110", "120"]))


def test_a_product_has_its_pictures_kinds_categories_and_weights(house: House) -> None:
    ask(house)
    cup, bowl = known(house)["10"], known(house)["20"]
    assert (cup.title, cup.url, cup.vendor) == ("Taza «Alba»", "https://ceramica-alba.example/taza", "Alba")
    assert cup.categories == ["Piel & barro"]
    assert (cup.tags, bowl.tags) == (["Final & sale", "Outlet"], [])
    assert products.variant(cup, "101") == VariantSnapshot("101", "Azul", "TAZA-A", "https://ceramica-alba.example/azul.jpg", 350)
    assert products.variant(cup, "102") == VariantSnapshot("102", "Rojo", "TAZA-R", "", 300), "what it does not say holds for the product"
    assert products.picture(cup, "102") == "https://ceramica-alba.example/taza.jpg"
    assert products.variant(bowl, "") == VariantSnapshot("20", "", "TAZA", "", 300)


def test_what_is_known_is_not_asked_again_until_it_is_old(house: House, shop: WooCommercePeer) -> None:
    ask(house)
    asked = len(shop.calls)
    house.deliver("woocommerce", WooOrder(4002).tell("order.created").sent[0])
    ask(house)
    assert len(shop.calls) == asked
    with transaction(house.engine) as session:
        session.execute(update(Product).values(seen_at=house.clock.now() - 3 * products.AGE))
    house.deliver("woocommerce", WooOrder(4003).tell("order.created").sent[0])
    ask(house)
    assert len(shop.calls) > asked


def test_what_was_described_before_tags_were_asked_for_is_asked_again(house: House) -> None:
    ask(house)
    with transaction(house.engine) as session:
        session.execute(update(Product).values(tags=None))
    house.deliver("woocommerce", WooOrder(4002).tell("order.created").sent[0])
    ask(house)
    assert known(house)["10"].tags == ["Final & sale", "Outlet"]


def test_a_product_that_is_gone_keeps_what_was_said_of_it(house: House, shop: WooCommercePeer) -> None:
    ask(house)
    with transaction(house.engine) as session:
        session.execute(update(Product).values(seen_at=house.clock.now() - 3 * products.AGE))
    shop.products.clear()
    house.deliver("woocommerce", WooOrder(4002).tell("order.created").sent[0])
    ask(house)
    cup = known(house)["10"]
    assert (cup.title, cup.gone) == ("Taza «Alba»", True)


def test_a_key_that_may_not_see_products_is_no_trouble_of_the_shops(house: House, shop: WooCommercePeer) -> None:
    shop.sees_products = False
    ask(house)
    assert {effect.state for effect in house.effects(kind="fetch")} == {"done"}
    assert (known(house)["10"].title, known(house)["10"].gone, known(house)["10"].tags) == ("", False, None)
    asked = len(shop.calls)
    house.deliver("woocommerce", WooOrder(4002).tell("order.created").sent[0])
    ask(house)
    assert len(shop.calls) == asked, "it is not asked with every order"


def test_two_orders_of_one_breath_ask_once(house: House, shop: WooCommercePeer) -> None:
    house.deliver("woocommerce", WooOrder(4002).tell("order.created").sent[0])
    ask(house)
    assert sum(call.path == f"{PREFIX}products/10" for call in shop.calls) == 1


SHOE: dict[str, Any] = {
    "legacyResourceId": "110", "title": "Zapato Nerja", "vendor": "Lola", "productType": "Zapatos", "tags": ["outlet", "  Verano  26 ", "outlet"],
    "onlineStoreUrl": "https://zapateria-lola.example/nerja",
    "category": {"name": "Calzado"}, "featuredMedia": {"preview": {"image": {"url": "https://cdn.example/nerja.jpg"}}},
    "collections": {"nodes": [{"title": "Verano"}, {"title": "Zapatos"}]},
    "variants": {"nodes": [{
        "legacyResourceId": "1100", "title": "38", "sku": "SKU-11", "media": {"nodes": [{"preview": {"image": {"url": "https://cdn.example/38.jpg"}}}]},
        "inventoryItem": {"measurement": {"weight": {"value": 0.4, "unit": "KILOGRAMS"}}},
    }]},
}  # fmt: skip


def test_shopify_tells_the_same(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer(products={"gid://shopify/Product/110": SHOE})
    with peer.open():
        house = house_of(engine, clock, tmp_path, lola(url=peer.url, access_token="shpat_lola"))
        house.deliver("shopify", ShopifyOrder().tell("orders/create").sent[0])
        ask(house)
        shoe, sandal = known(house, "shopify")["110"], known(house, "shopify")["120"]
        assert (shoe.categories, shoe.tags, sandal.tags) == (["Calzado", "Zapatos", "Verano"], ["outlet", "Verano 26"], None)
        assert products.variant(shoe, "1100") == VariantSnapshot("1100", "38", "SKU-11", "https://cdn.example/38.jpg", 400)
        assert sandal.gone


def test_protected_fields_that_are_null_break_nothing(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer(products={"gid://shopify/Product/110": SHOE}, hidden={"product.variants": not_approved("product.variants")})
    with peer.open():
        house = house_of(engine, clock, tmp_path, lola(url=peer.url, access_token="shpat_lola"))
        house.deliver("shopify", ShopifyOrder().tell("orders/create").sent[0])
        ask(house)
        shoe = known(house, "shopify")["110"]
        assert (shoe.title, shoe.variants) == ("Zapato Nerja", [])
        assert products.picture(shoe, "1100") == "https://cdn.example/nerja.jpg"


@pytest.mark.parametrize(
    ("weight", "unit", "grams"),
    [("1.5", "kg", 1500), ("2", "lbs", 907), ("10", "oz", 283), ("7", "g", 7), ("", "kg", 0), ("1", "", 0), ("mucho", "kg", 0), ("NaN", "g", 0),
     ("-1", "kg", 0), ("1e30", "kg", 0)],
)  # fmt: skip
def test_weights_are_grams_or_not_known(weight: str, unit: str, grams: int) -> None:
    assert of_woocommerce.grams(weight, unit) == grams


@pytest.mark.parametrize("weight", [{}, {"value": None, "unit": "GRAMS"}, {"value": 1, "unit": "STONES"}, {"value": "x", "unit": "GRAMS"}])
def test_a_weight_that_shopify_does_not_tell_is_not_known(weight: dict[str, Any]) -> None:
    assert of_shopify.grams(Part(weight)) == 0


def test_a_shop_without_keys_is_asked_nothing(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    house = house_of(engine, clock, tmp_path, alba())
    house.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    job.look_all(house.world)
    assert house.effects(kind="fetch") == []
    with reading(engine) as session:
        assert session.scalars(select(Product)).all() == []
