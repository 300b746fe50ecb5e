"""A shop's rules in words: what each depends on and what follows from it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from postventa.returns.policy import Policy
from postventa.returns.policy.conditions import Range, When
from postventa.returns.policy.document import Fee, Then
from postventa.returns.spoken import reason_word
from postventa.web.returns_desk import words
from postventa.web.staff.page import language, t


@dataclass(frozen=True)
class Said:
    """A rule as staff read it: (what, how) of what has to hold, and of what follows."""

    name: str
    when: tuple[tuple[str, str], ...]
    then: tuple[tuple[str, str], ...]


def told(policy: Policy) -> list[Said]:
    """The rules in their order, and last what holds where none of them says anything."""
    rules = [Said(rule.name, tuple(_conditions(policy, rule.when)), tuple(_actions(policy, rule.then))) for rule in policy.rules]
    return [*rules, Said("", (), tuple(_actions(policy, policy.fallback)))]


def _conditions(policy: Policy, when: When) -> Iterator[tuple[str, str]]:
    for name, label in words.CONDITIONS.items():
        value = getattr(when, name)
        if value not in (None, ()):
            yield t(label), _condition(policy, name, value)
    for inner in when.all_:
        yield from _conditions(policy, inner)
    if when.any_:
        either = t("o")
        yield t("Una de estas"), f" {either} ".join(_joined(policy, inner) for inner in when.any_)
    if when.not_ is not None:
        yield t("Y no"), _joined(policy, when.not_)


def _joined(policy: Policy, when: When) -> str:
    return ", ".join(f"{what}: {how}" for what, how in _conditions(policy, when))


def _condition(policy: Policy, name: str, value: Any) -> str:
    if isinstance(value, Range):
        return _range(value)
    if name == "reason":
        return ", ".join(reason_word(policy, language(), code) for code in value)
    return ", ".join(words.value(f"{one}") for one in value)


def _range(value: Range) -> str:
    low, high = (f"{end:f}" if end is not None else "" for end in (value.from_, value.to))
    return t("de {low} a {high}", low=low, high=high) if low and high else t("desde {low}", low=low) if low else t("hasta {high}", high=high)


def _actions(policy: Policy, then: Then) -> Iterator[tuple[str, str]]:
    for name, label in words.ACTIONS.items():
        value = getattr(then, name)
        if value not in (None, ""):
            yield t(label), _action(policy, name, value)
    said = then.said
    if said:
        yield t("La persona lee"), said.get(language()) or said.get("es") or next(iter(said.values()))


def _action(policy: Policy, name: str, value: Any) -> str:
    if isinstance(value, Fee):
        parts = [t("{sum} por el paquete", sum=f"{value.flat:f}")] * bool(value.flat) + [f"{value.percent:f} %"] * bool(value.percent)
        return " + ".join(parts) or t(words.VALUES["none"])
    if name == "destination":
        place = policy.destinations[value]
        return f"{place.name}, {place.postcode} {place.city}"
    if isinstance(value, bool):
        return t(words.VALUES["yes" if value else "no"])
    if isinstance(value, tuple):
        return ", ".join(words.value(f"{one}") for one in value)
    return f"{value:f}" if isinstance(value, Decimal) else words.value(f"{value}")
