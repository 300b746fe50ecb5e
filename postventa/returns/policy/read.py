"""A policy from text, with errors that say where and what to do, and warnings of what will not do what it seems to."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from postventa.returns.policy.conditions import When
from postventa.returns.policy.decision import Verdict
from postventa.returns.policy.document import Fee, Policy, Rule
from postventa.returns.policy.law import DAYS, MARGIN

LONGEST = 200_000
"""Characters of a document."""


class BadPolicy(ValueError):
    """It cannot be used; `problems` says each place and what was expected there."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Checked:
    """A policy that can be used, and what its author should know about it."""

    policy: Policy
    warnings: tuple[str, ...]


def read(text: str, name: str = "the policy") -> Checked:
    """From TOML, or from JSON (a text that begins with `{`). Raises `BadPolicy`."""
    if len(text) > LONGEST:
        raise BadPolicy([f"{name}: longer than {LONGEST} characters"])
    return check(_parsed(text, name), name)


def check(raw: Any, name: str = "the policy") -> Checked:
    """From plain data. Raises `BadPolicy`."""
    try:
        policy = Policy.model_validate(raw)
    except ValidationError as error:
        raise BadPolicy([_told(name, item, raw) for item in error.errors()]) from None
    return Checked(policy, tuple(_warnings(policy)))


def _parsed(text: str, name: str) -> Any:
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text, parse_float=Decimal)
        return tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadPolicy([f"{name}: not readable as TOML or JSON: {error}"]) from None


def _told(name: str, item: Any, raw: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    what = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        what = "unknown name; docs/returns.md lists all of them"
    if item["type"] == "greater_than_equal" and item["loc"][-1:] == ("window",):
        what = f"at least {DAYS} days: a rule may not narrow the consumer's withdrawal"
    given = f" (got {item['input']!r})" if isinstance(item["input"], str | int | Decimal) else ""
    rule = _rule_called(item["loc"], raw)
    return f"{name}: {where}{rule}: {what}{given}" if where else f"{name}: {what}"


def _rule_called(loc: tuple[Any, ...], raw: Any) -> str:
    """` ("Rebajas")`: the rule by its name, since nobody counts them."""
    if len(loc) < 2 or loc[0] != "rules" or not isinstance(raw, dict):
        return ""
    rules = raw.get("rules")
    rule = rules[loc[1]] if isinstance(rules, list | tuple) and isinstance(loc[1], int) and loc[1] < len(rules) else None
    return f' ("{rule["name"]}")' if isinstance(rule, dict) and isinstance(rule.get("name"), str) else ""


def _warnings(policy: Policy) -> Iterator[str]:
    for rule in policy.rules:
        yield from _about(rule, policy)
    if policy.default.decision is Verdict.REJECT:
        yield f"default: refuses everything; what can be withdrawn from within {DAYS} days is taken back all the same"


def _about(rule: Rule, policy: Policy) -> Iterator[str]:
    then = rule.then
    if then.decision is Verdict.REJECT and not then.exemption and not _only_later(rule.when):
        yield f'rule "{rule.name}": refuses, but within {DAYS} days of the delivery the law has it taken back, unless exemption names a legal ground'
    if then.decision is Verdict.REJECT and not then.said:
        yield f'rule "{rule.name}": say why with `why`, so that the customer reads more than a no'
    if then.fee is not None and then.fee != Fee() and not policy.cost_told and not _only_later(rule.when):
        yield f'rule "{rule.name}": its fee is not taken within {DAYS} days, since cost_told does not say that customers were told of it before'


def _only_later(when: When) -> bool:
    """Whether it applies only when nobody can withdraw any more."""
    days = when.days is not None and when.days.from_ is not None and when.days.from_ > DAYS + MARGIN
    return days or any(map(_only_later, when.all_))
