"""Quotes, the versions of rules, and what is kept of a return: photos, figures, and what an erasure leaves."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from jobs import customer_return, return_goods
from jobs.customer_return import Refused
from jobs.erase_customer import Lock, erase_customer
from postventa.models import Alarm, ReturnCase, ReturnPhoto
from postventa.models.db import reading, transaction
from postventa.privacy.gather import gather
from postventa.privacy.people import Person
from postventa.returns.figures import time_to_money
from postventa.returns.policy.store import in_force, rollback, versions
from postventa.returns.wish import Wish, WishLine
from postventa.reviews.photos import Photo
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House
from tests.pipeline.stories import DAY, NOON
from tests.returns.scene import ALL_WAYS, CUP, asked, build, case_of, opened, order_of, paid_after, rules, shop_of, staff


def test_without_keys_for_the_shop_a_person_pays(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> None:
    house = build(sqlite_engine, clock, tmp_path, peer, consumer_key="", consumer_secret="")
    case = opened(house, replace(CUP, method=""))
    staff(house, return_goods.receive, case)
    with reading(house.engine) as session:
        assert "gave us no keys" in session.scalars(select(Alarm.message)).one()


def test_a_whole_order_that_is_withdrawn_from_brings_the_ordinary_delivery_back(house: House) -> None:
    rules(house, {"standard_shipping": "3.00"})
    with transaction(house.engine) as session:
        order = order_of(session)
        order.shipping_total, order.total = Decimal("5.00"), Decimal("55.00")
    whole = Wish((WishLine("1", 3), WishLine("2", 1)))
    assert asked(house, whole).sums.refund == Decimal("53.00")
    assert asked(house, Wish((WishLine("1", 3), WishLine("2", 1, "unwanted")), "keep_item")).problems[0].code == "resolution"
    assert asked(house, Wish((WishLine("1", 3),))).sums.shipping == 0
    house.until(NOON + 25 * DAY)
    assert asked(house, whole).problems[0].code == "reason", "after the days of withdrawal a reason is asked for"


def test_the_customer_changes_and_calls_off_what_has_not_left_yet(house: House) -> None:
    rules(house, ALL_WAYS)
    case = opened(house)
    with transaction(house.engine) as session:
        shop = shop_of(house, session)
        changed = customer_return.change(session, house.world, shop, case.number, resolution="store_credit", note="Mejor un vale")
        assert (changed.resolution, changed.method, changed.wish["note"]) == ("store_credit", "drop_off", "Mejor un vale")
        with pytest.raises(Refused):
            customer_return.change(session, house.world, shop, case.number, method="pigeon")
        for _ in range(2):
            assert customer_return.cancel(session, house.world, shop, case.number, reason="Me lo quedo").state == "cancelled"
    assert [choice.left for choice in asked(house, Wish()).lines] == [3, 1]


def test_rules_come_in_versions_and_an_older_one_comes_back_as_a_new_one(house: House) -> None:
    rules(house, {"default": {"window": 60}})
    rules(house, {"default": {"window": 20}})
    with transaction(house.engine) as session:
        shop = shop_of(house, session)
        rollback(session, shop, 1, author="mara")
        held = in_force(session, shop)
        assert (held.version, held.policy.fallback.window, [row.version for row in versions(session, shop)]) == (3, 60, [3, 2, 1])
        versions(session, shop)[0].document = {"windows": 3}
        broken = in_force(session, shop)
        assert (broken.version, broken.policy.fallback.window, [one.code for one in broken.trouble]) == (2, 20, ["unknown"])
        with pytest.raises(LookupError, match="no version 9"):
            rollback(session, shop, 9, author="mara")


def test_the_configuration_files_rules_stand_above_the_stored_ones(
    sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer
) -> None:
    house = build(sqlite_engine, clock, tmp_path, peer, return_policy="[default]\nwindow = 90")
    with reading(house.engine) as session:
        held = in_force(session, shop_of(house, session))
    assert (held.source, held.policy.fallback.window) == ("file", 90)
    with pytest.raises(ValueError, match="change them there"):
        rules(house, {})


def test_photos_are_kept_with_the_return_and_asked_for_where_the_rules_say_so(house: House) -> None:
    rules(house, {"default": {**ALL_WAYS["default"], "photo": True}})
    house.until(NOON + 25 * DAY)
    with pytest.raises(Refused) as refused:
        opened(house)
    assert [problem.code for problem in refused.value.why] == ["photo"]
    for shown, code in (({"2": 1}, "photo"), ({"1": 6}, "many_photos")):
        with pytest.raises(Refused) as refused:
            opened(house, photos={ref: [Photo(f"{one:032}", b"jpeg", 4, 3) for one in range(count)] for ref, count in shown.items()})
        assert [problem.code for problem in refused.value.why] == [code]
    opened(house, photos={"1": [Photo("0" * 32, b"jpeg", 4, 3)]})
    with reading(house.engine) as session:
        assert session.execute(select(ReturnPhoto.taken_by, ReturnPhoto.line_ref)).all() == [("customer", "1")]


def test_how_long_the_money_really_takes_is_said_from_five_cases_on(house: House) -> None:
    def figures() -> Any:
        with reading(house.engine) as session:
            return time_to_money(session, house.shops["woocommerce"])

    assert figures() is None
    paid_after(house, 1, 2, 3, 50, 100)
    found = figures()
    assert (found.from_arrival, found.from_opening, found.cases) == (3.0, 27.0, 5)
    with reading(house.engine) as session:
        assert session.scalar(select(func.count()).select_from(ReturnCase)) == 5


def test_an_erased_customer_leaves_the_sums_and_takes_her_words_and_photos_along(house: House) -> None:
    case = opened(house, replace(CUP, method="", note="Se lo regalo a mi hermana"), photos={"1": [Photo("1" * 32, b"jpeg", 4, 3)]})
    with transaction(house.engine) as session:
        person = Person(email="ana@cliente.example")
        held = gather(session, house.shops["woocommerce"], person, house.world.secret)
        assert held.files["returns/1.jpg"] == b"jpeg"
        erase_customer(session, house.shops["woocommerce"], person, Lock(house.world.secret, 0))
    with reading(house.engine) as session:
        assert session.scalars(select(ReturnPhoto.id)).all() == []
    kept = case_of(house, case.number)
    assert (kept.wish, kept.quoted["refund"]) == ({}, "10.00")
