"""What `shopify.app.toml` asks Shopify for is what the code reads, and no more."""

from __future__ import annotations

import tomllib
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.shops import SHOPS
from connectors.shops.base import is_read
from connectors.shops.shopify import queries
from connectors.shops.shopify.storefront import read
from connectors.shops.shopify.subscriptions import COMPLIANCE, OPTIONAL, RIGHTS, SPARED, granted
from jobs.shopify_install import CALLBACK
from postventa.web.shopify.proxy import PATH
from tests.papers import ROOT
from webhooks.reception import PREFIX, is_address

APP = tomllib.loads((ROOT / "deploy/shopify/shopify.app.toml").read_text(encoding="utf-8"))
SUBSCRIPTIONS = APP["webhooks"]["subscriptions"]
SCOPES = APP["access_scopes"]["scopes"].split(",")
PROXY = "write_app_proxy"
"""Without it Shopify passes nothing on from storefronts; nothing is written into the shop for it."""


def listed(kind: str) -> list[str]:
    return [topic for one in SUBSCRIPTIONS for topic in one.get(kind, [])]


@pytest.mark.parametrize("topic", listed("topics") + listed("compliance_topics"))
def test_every_topic_is_one_that_we_read(topic: str) -> None:
    assert is_read(SHOPS["shopify"].topics, topic)


def test_every_topic_that_we_read_and_may_have_is_there_once() -> None:
    spared = {topic for topic, right in RIGHTS.items() if right in SPARED}
    assert sorted(listed("topics")) == sorted(set(RIGHTS) - spared)
    assert sorted(listed("compliance_topics")) == sorted(COMPLIANCE)
    read = {topic for topic in SHOPS["shopify"].topics if is_read(SHOPS["shopify"].topics, topic)}
    assert read == set(RIGHTS) | set(COMPLIANCE)


@pytest.mark.parametrize("topic", listed("topics"))
def test_every_topic_has_its_scope(topic: str) -> None:
    assert granted(RIGHTS[topic], SCOPES)


def test_every_scope_is_needed_by_an_operation_or_a_topic_and_none_is_missing() -> None:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    from tests.connectors.shops.operations import in_code, scopes_of

    wanted = {name: scopes_of(text) for name, text in in_code().items()}
    asked = {*SCOPES, *OPTIONAL}
    assert all(any(granted(scope, asked) for scope in choice) for choices in wanted.values() for choice in choices), "some operation would be refused"
    needed = {scope for choices in wanted.values() for choice in choices for scope in choice} | set(RIGHTS.values())
    assert asked - {PROXY} <= needed
    assert APP["access_scopes"]["optional_scopes"] == list(OPTIONAL)
    assert not [scope for scope in SCOPES if scope.startswith("write_") and scope != PROXY], "whoever has nothing written grants nothing for it"


def test_storefronts_lead_to_the_place_that_answers_them() -> None:
    assert PROXY in SCOPES
    assert urlsplit(APP["app_proxy"]["url"]).path == PATH
    assert read(f"shop=a.myshopify.com&path_prefix=/{APP['app_proxy']['prefix']}/{APP['app_proxy']['subpath']}&timestamp=1").prefix


def test_deliveries_come_in_at_the_address_that_all_shops_share() -> None:
    assert {one["uri"] for one in SUBSCRIPTIONS} == {SHOPS["shopify"].shared_path}
    assert all(is_address(one["uri"].removeprefix(PREFIX)) for one in SUBSCRIPTIONS)


def test_it_opens_in_the_admin_and_speaks_the_version_that_we_ask() -> None:
    assert APP["embedded"] is True
    assert APP["webhooks"]["api_version"] == queries.API_VERSION
    assert APP["access_scopes"]["use_legacy_install_flow"] is False


def test_merchants_are_sent_back_to_us_only() -> None:
    home = urlsplit(APP["application_url"])
    assert home.scheme == "https"
    assert APP["auth"]["redirect_urls"] == [f"https://{home.netloc}{CALLBACK}"]


def test_nothing_stands_in_it_but_placeholders() -> None:
    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for item in value.values() for text in texts(item)]
        return [text for item in value for text in texts(item)] if isinstance(value, list) else [str(value)]

    assert APP["client_id"] == "CHANGE-ME"
    assert not any(word in text for text in texts(APP) for word in ("shpss_", "shpat_", "secret"))
