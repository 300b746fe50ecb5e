"""Every GraphQL operation that stands in our code, found by looking at all of it, and what Shopify's schema says about each."""

from __future__ import annotations

import ast
import gzip
import importlib
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from connectors.shops.shopify import mutations, queries
from tests.connectors.shops.recorded import FIXTURES
from tests.papers import ROOT
from tests.peers.shopify import schema

SCHEMA = FIXTURES / "shopify/schema"
FOLDERS = ("postventa", "connectors", "webhooks", "jobs")
OPERATION = re.compile(r"^\s*(query|mutation|subscription)\s+(\w+)\s*[({]")
KEYED = re.compile(r"refundCreate|inventory\w*|location\w*(Add|Edit|Activate|Deactivate)")
"""Mutations that Shopify refuses without a key since 2026-04, which the schema does not say.

https://shopify.dev/changelog/making-idempotency-mandatory-for-inventory-adjustments-and-refund-mutations
"""


def in_code() -> dict[str, str]:
    """Name of each operation -> its text with the fragments that it uses, as it is sent."""
    named = [value for file in (queries, mutations) for value in vars(file).values() if isinstance(value, str) and OPERATION.match(value)]
    return {match[2]: text for text in named if (match := OPERATION.match(text))}


def beginnings() -> Iterator[tuple[str, str]]:
    """(file, name of the operation) of every text in our code that begins like one, wherever it stands."""
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and (match := OPERATION.match(node.value)):
                    yield str(file.relative_to(ROOT)), match[2]


def objections(text: str) -> list[str]:
    """What is wrong with an operation: unknown or deprecated fields and arguments, and changes that need a key and have none."""
    graphql, rules = importlib.import_module("graphql"), importlib.import_module("graphql.validation")
    document = graphql.parse(text)
    found = [error.message for error in graphql.validate(schema(), document)]
    found += [error.message for error in graphql.validate(schema(), document, [rules.NoDeprecatedCustomRule])]
    return found + [f"{name} needs @idempotent(key: $key)" for name in _without_key(document)]


def _without_key(document: Any) -> list[str]:
    roots = [root for part in document.definitions if getattr(part, "operation", None) is not None for root in part.selection_set.selections]
    changing = [root for root in roots if hasattr(root, "name") and KEYED.fullmatch(root.name.value)]
    return [root.name.value for root in changing if not any(directive.name.value == "idempotent" for directive in root.directives or ())]


@cache
def _access() -> tuple[dict[str, tuple[str, ...]], dict[tuple[str, str], tuple[str, ...]]]:
    """Scopes, one of which it takes: of types, and of fields."""
    packed = SCHEMA / f"admin_offline_scopes_{queries.API_VERSION}.json.gz"
    items = json.loads(gzip.decompress(packed.read_bytes()))["items"]
    types = {item["typeName"]: tuple(item["offlineScopes"]) for item in items if item["type"] == "type" and item["offlineScopes"]}
    fields = {
        (item["typeName"], item["fieldName"]): tuple(item["offlineScopes"]) for item in items if item["type"] == "field" and item["offlineScopes"]
    }
    return types, fields


def scopes_of(text: str) -> set[frozenset[str]]:
    """What an operation takes: of each set one scope at least."""
    graphql = importlib.import_module("graphql")
    types, fields = _access()
    info, found = graphql.TypeInfo(schema()), set()

    class Visitor(graphql.Visitor):  # type: ignore[misc,name-defined]
        def enter_field(self, node: Any, *_: Any) -> None:
            parent, kind = info.get_parent_type(), graphql.get_named_type(info.get_type())
            for wanted in (fields.get((parent.name, node.name.value), ()), types.get(kind.name, ())):
                if wanted:
                    found.add(frozenset(wanted))

    graphql.visit(graphql.parse(text), graphql.TypeInfoVisitor(info, Visitor()))
    return found
