"""What does not fit the form of a policy, as findings: the validation library's verdicts in our words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from postventa.returns.policy.conditions import OURS
from postventa.returns.policy.law import DAYS
from postventa.returns.policy.said import Finding

CODES = {
    "extra_forbidden": "unknown",
    "missing": "missing",
    "greater_than_equal": "least",
    "less_than_equal": "most",
    "string_type": "text",
    "string_too_short": "empty_text",
    "string_too_long": "long_text",
    "too_short": "empty_list",
    "too_long": "long_list",
    "tuple_type": "list",
    "enum": "choice",
    "model_type": "table",
    "dict_type": "table",
    "decimal_max_places": "places",
    "decimal_type": "number",
    "decimal_parsing": "number",
    "finite_number": "number",
    "int_type": "whole",
    "int_parsing": "whole",
    "int_from_float": "whole",
    "bool_type": "truth",
    "bool_parsing": "truth",
}
"""The library's names -> ours (`said.FAULTS`); what has none is `other`."""
FACTS = {"ge": "least", "le": "most", "max_length": "most", "decimal_places": "most", "expected": "choices"}


def finding(name: str, item: Mapping[str, Any], raw: Any) -> Finding:
    """One of the library's errors about the document `raw`."""
    kind, place, facts = str(item["type"]), tuple(item["loc"]), dict(item.get("ctx", {}))
    where, rule = ".".join(_named(place)), _rule_called(place, raw)
    if kind.startswith(OURS):
        where, rule = str(facts.pop("where", where)), str(facts.pop("rule", rule))
        return Finding(kind.removeprefix(OURS), {key: f"{value}" for key, value in facts.items()}, name, where, rule, _given(item))
    told = {FACTS[key]: f"{value}".replace("'", "").replace(" or ", ", ") for key, value in facts.items() if key in FACTS}
    return Finding(_code(kind, place), told or {"least": f"{DAYS}"}, name, where, rule, _given(item))


def _named(place: tuple[Any, ...]) -> Iterator[str]:
    """The path as its author wrote it: without the library's names for one form of several."""
    return (f"{part}" for part in place if "[" not in f"{part}" and part != "constrained-str")


def _code(kind: str, place: tuple[Any, ...]) -> str:
    if kind == "greater_than_equal" and place[-1:] == ("window",):
        return "narrow"
    if kind == "string_pattern_mismatch":
        return "two_letters" if place[-1:] == ("country",) else "own_code"
    return CODES.get(kind, "other")


def _given(item: Mapping[str, Any]) -> str:
    return f"{item['input']!r}" if isinstance(item["input"], str | int) else f"{item['input']}" if isinstance(item["input"], Decimal) else ""


def _rule_called(place: tuple[Any, ...], raw: Any) -> str:
    """The rule by its name, since nobody counts them."""
    if len(place) < 2 or place[0] != "rules" or not isinstance(raw, dict):
        return ""
    rules = raw.get("rules")
    rule = rules[place[1]] if isinstance(rules, list | tuple) and isinstance(place[1], int) and place[1] < len(rules) else None
    return str(rule["name"]) if isinstance(rule, dict) and isinstance(rule.get("name"), str) else ""
