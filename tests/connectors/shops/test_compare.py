"""Which webhooks are ours, what is wrong with them, and what puts it right."""

from __future__ import annotations

import pytest

from connectors.shops import SHOPS
from connectors.shops.base import Subscriptions, Webhook
from connectors.shops.compare import Address, Step, steps

URL = "https://posventa.example/webhooks/woocommerce/alba-0123456789abcdef"
ADDRESS = Address(URL)
CREATED, UPDATED = "order.created", "order.updated"
TOPICS = SHOPS["woocommerce"].topics


def plan(*listed: Webhook, wanted: tuple[str, ...] = (CREATED,), address: Address = ADDRESS) -> list[Step]:
    return list(steps(Subscriptions(listed, wanted), TOPICS, address))


def hook(ref: str = "1", topic: str = CREATED, url: str = URL, trouble: str = "") -> Webhook:
    return Webhook(ref, topic, url, trouble)


def test_what_is_well_is_left_alone() -> None:
    assert plan(hook()) == []


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://Posventa.example/webhooks/woocommerce/alba-0123456789abcdef",
        "https://posventa.example:443/webhooks/woocommerce/alba-0123456789abcdef/",
    ],
)
def test_another_spelling_of_our_address_is_not_corrected_for_ever(url: str) -> None:
    assert plan(hook(url=url)) == []


def test_what_is_missing_is_made() -> None:
    assert plan(wanted=(CREATED, UPDATED)) == [Step(CREATED, "was missing"), Step(UPDATED, "was missing")]


def test_what_was_switched_off_is_switched_on() -> None:
    assert plan(hook("7", trouble="was switched off")) == [Step(CREATED, "was switched off", "7")]


@pytest.mark.parametrize(
    "url",
    [
        "https://old.example/webhooks/woocommerce/alba-0123456789abcdef",
        "http://posventa.example/webhooks/woocommerce/alba-0123456789abcdef",
        "https://old.example/below/webhooks/woocommerce/alba-0123456789abcdef",
        "https://old.example:8443/webhooks/woocommerce/alba-0123456789abcdef",
    ],
)
def test_what_led_to_where_we_were_is_led_to_where_we_are(url: str) -> None:
    (step,) = plan(hook(url=url))
    assert (step.ref, step.remove) == ("1", False)
    assert step.why.startswith("led to http")
    assert "alba-0123456789abcdef" not in step.why, "the key is nobody's business"


def test_of_two_for_one_topic_the_better_one_stays() -> None:
    old = "https://old.example/webhooks/woocommerce/alba-0123456789abcdef"
    assert plan(hook("1", url=old), hook("2"), hook("3")) == [
        Step(CREATED, "was there twice", "3", remove=True),
        Step(CREATED, "was there twice", "1", remove=True),
    ]
    assert plan(hook("1", trouble="is paused"), hook("2")) == [Step(CREATED, "was there twice", "1", remove=True)]
    assert [(step.ref, step.remove) for step in plan(hook("1", url=old), hook("2", trouble="is paused"))] == [("2", False), ("1", True)]


@pytest.mark.parametrize(
    "url",
    [
        "https://erp.example/hook",
        "https://posventa.example/webhooks/woocommerce/otto-0123456789abcdef",
        "https://posventa.example/webhooks/shopify/alba-0123456789abcdef",
        "https://erp.example/?to=/webhooks/woocommerce/alba-0123456789abcdef",
        "https://erp.example/xwebhooks/woocommerce/alba-0123456789abcdef",
        "arn:aws:events:eu-west-1::event-source/aws.partner/shopify.com/1/webhooks",
        "pubsub://project:topic",
        "https://[nonsense",
        "https://posventa.example:port/webhooks/woocommerce/alba-0123456789abcdef",
        "",
    ],
)
def test_webhooks_of_other_programs_are_never_touched(url: str) -> None:
    other = [hook("8", url=url), hook("9", url=url, trouble="was switched off"), hook("10", topic=UPDATED, url=url)]
    assert plan(hook(), *other) == []


def test_a_topic_that_the_merchant_added_is_kept_at_work_and_one_that_we_do_not_read_is_his_idea() -> None:
    customer = hook("2", "customer.updated", trouble="was switched off")
    product = hook("3", "product.updated", trouble="was switched off")
    assert plan(hook(), customer, product) == [Step("customer.updated", "was switched off", "2")]


def test_the_address_that_all_shops_of_an_app_share_will_do() -> None:
    own, shared = "https://posventa.example/webhooks/shopify/lola-0123456789abcdef", "https://posventa.example/webhooks/shopify"
    found = Subscriptions((Webhook("1", "orders/create", shared),), ("orders/create",))
    assert list(steps(found, SHOPS["shopify"].topics, Address(own, shared))) == []
    elsewhere = Subscriptions((Webhook("1", "orders/create", "https://old.example/webhooks/shopify"),), ())
    assert list(steps(elsewhere, SHOPS["shopify"].topics, Address(own, shared))) == [], "without a key nobody knows whose that is"
