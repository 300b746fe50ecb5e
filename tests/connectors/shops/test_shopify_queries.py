"""Our queries against the schema that Shopify publishes: a field that went away is found here and not in a shop."""

from __future__ import annotations

import gzip
import importlib
from typing import Any

import pytest

from connectors.shops.shopify import queries
from tests.connectors.shops.recorded import FIXTURES

QUERIES = {name: text for name, text in vars(queries).items() if name.isupper() and not name.startswith("_") and name != "API_VERSION"}


@pytest.fixture(scope="module")
def schema() -> Any:
    graphql = pytest.importorskip("graphql", reason="graphql-core is not installed")
    packed = FIXTURES / f"shopify/schema/admin_schema_{queries.API_VERSION}.nodesc.graphql.gz"
    # Shopify's schema breaks one of the specification's newer rules about deprecations; it is sound otherwise.
    return graphql.build_schema(gzip.decompress(packed.read_bytes()).decode(), assume_valid=True)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_query_asks_for_what_there_is_and_for_nothing_that_is_going_away(schema: Any, name: str) -> None:
    graphql, rules = importlib.import_module("graphql"), importlib.import_module("graphql.validation")
    document = graphql.parse(QUERIES[name])
    assert graphql.validate(schema, document) == []
    assert graphql.validate(schema, document, [rules.NoDeprecatedCustomRule]) == []


def test_all_queries_are_checked() -> None:
    assert set(QUERIES) == {"CHANGED", "CHECK", "PARCELS", "ORDER", "RETURN", "WEBHOOKS", "WEBHOOK_ADD", "WEBHOOK_CHANGE", "WEBHOOK_REMOVE"}
