"""What a merchant can put right is told to her once for each time that it is so, in her shop's words and language; her operator hears it too."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from connectors.errors import ConnectorError, Refused
from jobs import shop_api, tell_merchant, watch
from jobs.send_message import send_message
from jobs.tell_operator import tell_operator
from postventa import alarms
from postventa.config import LANGUAGES
from postventa.emails import render
from postventa.emails.preview import sample
from postventa.models import Alarm, Shop
from postventa.models.db import transaction
from postventa.shops import ConnectedShop, find
from tests.conftest import TestClock
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import NOON

ELSEWHERE = {"privacy_waiting", "webhooks_restored"}
"""What is to be done is done here, or nothing is: no place in the shop is named."""
MARA = "mara@ceramica-alba.example"
REFUSED = Refused("ceramica-alba.example does not accept our keys")


@pytest.fixture
def house(engine: Engine, redis_url: str, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON)
    (tmp_path / "var").mkdir()
    return House(engine, clock, tmp_path, alba(), lola(alert_email="lola@zapateria-lola.example"), redis_url=redis_url)


def configured(house: House, **sections: dict[str, Any]) -> None:
    old = house.world.settings
    house.world.settings = old.model_copy(update={name: getattr(old, name).model_copy(update=values) for name, values in sections.items()})


def shop(house: House, platform: str = "woocommerce") -> ConnectedShop:
    with transaction(house.engine) as session:
        return find(session, house.shops[platform], house.world.settings, house.world.secret)


def fails(house: House, error: ConnectorError = REFUSED, platform: str = "woocommerce") -> None:
    with transaction(house.engine) as session:
        shop_api.failed(session, house.world, find(session, house.shops[platform], house.world.settings, house.world.secret), error)


def works(house: House) -> None:
    with transaction(house.engine) as session:
        shop_api.answered(session, find(session, house.shops["woocommerce"], house.world.settings, house.world.secret))


def send(house: House) -> list[EmailMessage]:
    """Everything that merchants are told goes out; what arrived since the last time."""
    before = len(house.postman.mails)
    for effect in house.effects(kind="alert", state="planned"):
        send_message(effect.id)
    return house.postman.mails[before:]


def test_refused_keys_are_told_once_while_they_are_refused_and_again_when_it_happens_again(house: House) -> None:
    fails(house)
    (mail,) = send(house)
    assert (mail["To"], mail["Subject"]) == (MARA, "Cerámica Alba ya no acepta nuestras claves")
    for _ in range(3):
        fails(house)
    assert send(house) == []
    works(house)
    assert send(house) == [], "that it is over needs no mail"
    fails(house)
    assert [mail["To"] for mail in send(house)] == [MARA]


def test_a_shop_that_only_does_not_answer_is_told_to_nobody(house: House) -> None:
    fails(house, ConnectorError("it does not answer"))
    assert send(house) == []


def test_each_of_two_shops_of_one_name_is_told_of_its_own_trouble(house: House) -> None:
    with transaction(house.engine) as session:
        session.execute(update(Shop).values(name="Tienda"))
    fails(house)
    fails(house, platform="shopify")
    assert [mail["To"] for mail in send(house)] == [MARA, "lola@zapateria-lola.example"]


def operators_mails(house: House, address: str) -> list[str]:
    configured(house, alerts={"email": address})
    fails(house)
    with transaction(house.engine) as session:
        (alarm,) = alarms.open_alarms(session)
    before = len(house.postman.mails)
    tell_operator(alarm.id)
    told = house.postman.mails[before:]
    with transaction(house.engine) as session:
        (alarm,) = alarms.open_alarms(session)
        assert alarm.told_at is not None, "it counts as told"
    return [str(mail["Subject"]) for mail in told]


def test_whoever_is_operator_and_merchant_reads_it_once(house: House) -> None:
    assert operators_mails(house, "Mara@ceramica-alba.example") == []
    assert [mail["To"] for mail in send(house)] == [MARA]


def test_an_operator_who_is_somebody_else_is_told_besides(house: House) -> None:
    assert operators_mails(house, "jon@posventa.example") == ["[Postventa] page: shop-refuses-us (Cerámica Alba)"]
    assert [mail["To"] for mail in send(house)] == [MARA]


def test_a_shop_without_an_address_has_the_reason_in_the_ledger_and_its_operator_is_told(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(alert_email=""))
    assert operators_mails(house, "jon@posventa.example") == ["[Postventa] page: shop-refuses-us (Cerámica Alba)"]
    assert send(house) == []
    (effect,) = house.effects(followup="keys_refused")
    assert (effect.state, "set alert_email" in effect.reason) == ("suppressed", True)


@pytest.mark.parametrize(("public_url", "told"), [("https://postventa.example.com", {"woocommerce", "shopify"}), ("http://127.0.0.1:8000", set())])
def test_a_secret_that_can_be_guessed_is_told_where_strangers_can_try(house: House, public_url: str, told: set[str]) -> None:
    configured(house, server={"public_url": public_url})
    for _ in range(2):
        watch.watch(house.world)  # the secrets of these tests have 15 characters
    assert {str(mail["X-Postventa-Followup"]) for mail in send(house)} == ({"weak_secret"} if told else set())
    assert {alarm.subject for alarm in opened(house)} == ({"Cerámica Alba", "Zapatería Lola"} if told else set())


def opened(house: House) -> list[Alarm]:
    with transaction(house.engine) as session:
        return alarms.open_alarms(session)


def test_missing_rights_stand_in_the_mail_as_the_platform_calls_them(house: House) -> None:
    rights = "read_returns, read_orders"
    with transaction(house.engine) as session:
        tell_merchant.raise_alarm(session, "webhooks-not-restored", shop(house, "shopify"), "warn", "Zapatería Lola: ...", rights)
    (mail,) = send(house)
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Permiso que falta: read_returns, read_orders" in " ".join(body.get_content().split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("followup", sorted(ELSEWHERE))
def test_what_is_not_to_be_clicked_in_a_shop_names_none(followup: str, language: str) -> None:
    said = [render(sample(followup, language, platform=name), strict=True).text for name in ("shopify", "woocommerce")]
    assert said[0] == said[1]
    assert not [name for name in ("Shopify", "WooCommerce") if name in said[0]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("followup", sorted(set(tell_merchant.MAILS.values()) - ELSEWHERE))
def test_each_platform_is_told_in_every_language_where_to_click(followup: str, language: str) -> None:
    shopify, woocommerce = (render(sample(followup, language, platform=name), strict=True).text for name in ("shopify", "woocommerce"))
    assert "Shopify" in shopify
    assert "WooCommerce" not in shopify
    if followup != "app_uninstalled":  # only Shopify has apps that are uninstalled
        assert "WooCommerce" in woocommerce
        assert "Shopify" not in woocommerce
