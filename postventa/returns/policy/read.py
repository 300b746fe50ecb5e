"""A policy from text, with errors that say where and what to do, and warnings of what will not do what it seems to."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from postventa.returns.policy.conditions import When
from postventa.returns.policy.decision import Verdict
from postventa.returns.policy.document import Fee, Policy, Rule
from postventa.returns.policy.law import DAYS, MARGIN
from postventa.returns.policy.misfits import finding
from postventa.returns.policy.said import Finding

LONGEST = 200_000
"""Characters of a document."""
AT = re.compile(r" \(at line (\d+), column (\d+)\)$")
"""What Python's TOML parser ends its messages with."""
KINDS_OF_SYNTAX = (
    ("open", ("Unclosed", "Unterminated", "Expected '\"'", 'Expected "\'"')),
    ("key", ("Expected '=' after", "Invalid statement", "Expecting property name", "Expecting ':'", "Invalid initial character for a key")),
    ("twice", ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate inline")),
    ("rest", ("Expected newline", "Extra data", "Expecting ','", "Expected ']'")),
    ("sign", ("Illegal character", "Invalid control", "Invalid \\\\", "Unescaped", "Found invalid character", "Invalid hex", "Escaped character")),
)
"""What a parser's message begins with -> which of `said.SYNTAX` it is; any other one is about a value."""


class BadPolicy(ValueError):
    """It cannot be used; `problems` says each place and what was expected there."""

    def __init__(self, problems: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Checked:
    """A policy that can be used, and what its author should know about it."""

    policy: Policy
    warnings: tuple[Finding, ...]


def read(text: str, name: str = "the policy") -> Checked:
    """From TOML, or from JSON (a text that begins with `{`). Raises `BadPolicy`."""
    if len(text) > LONGEST:
        raise BadPolicy([Finding("too_long", {"most": f"{LONGEST}"}, name)])
    return check(_parsed(text, name), name)


def check(raw: Any, name: str = "the policy") -> Checked:
    """From plain data. Raises `BadPolicy`."""
    try:
        policy = Policy.model_validate(raw)
    except ValidationError as error:
        raise BadPolicy([finding(name, item, raw) for item in error.errors()]) from None
    return Checked(policy, tuple(_warnings(policy)))


def _parsed(text: str, name: str) -> Any:
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text, parse_float=Decimal)
        return tomllib.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        over = error.pos >= len(text.rstrip())
        raise BadPolicy([_unreadable(name, error.msg, error.lineno, error.colno, over=over)]) from None
    except tomllib.TOMLDecodeError as error:
        at = AT.search(str(error))  # without a place it is the end of the text
        line, column = (int(at[1]), int(at[2])) if at else (text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1)
        raise BadPolicy([_unreadable(name, str(error), line, column, over=at is None)]) from None
    except RecursionError:
        raise BadPolicy([Finding("too_deep", {}, name)]) from None


def _unreadable(name: str, message: str, line: int, column: int, *, over: bool) -> Finding:
    """`over`: the text ended before what it had begun."""
    kind = next((kind for kind, starts in KINDS_OF_SYNTAX if message.startswith(starts)), "value")
    kind = "open" if over and kind in ("value", "rest") else kind
    return Finding("syntax", {"line": f"{line}", "column": f"{column}", "detail": kind}, name, line=line)


def _warnings(policy: Policy) -> Iterator[Finding]:
    for rule in policy.rules:
        yield from _about(rule, policy)
    if policy.default.decision is Verdict.REJECT:
        yield Finding("refuses_all", {"days": f"{DAYS}"}, where="default")


def _about(rule: Rule, policy: Policy) -> Iterator[Finding]:
    then, days = rule.then, {"days": f"{DAYS}"}
    if then.decision is Verdict.REJECT and not then.exemption and not _only_later(rule.when):
        yield Finding("refuses_early", days, rule=rule.name)
    if then.decision is Verdict.REJECT and not then.said:
        yield Finding("no_why", rule=rule.name)
    if then.fee is not None and then.fee != Fee() and not policy.cost_told and not _only_later(rule.when):
        yield Finding("fee_early", days, rule=rule.name)


def _only_later(when: When) -> bool:
    """Whether it applies only when nobody can withdraw any more."""
    days = when.days is not None and when.days.from_ is not None and when.days.from_ > DAYS + MARGIN
    return days or any(map(_only_later, when.all_))
