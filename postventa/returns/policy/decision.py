"""What a policy says of a return, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from postventa.returns.policy.said import PLAIN, say
from postventa.returns.wish import ExchangeFor, Method, RefundWhen, Resolution


class Verdict(StrEnum):
    """The mildest first."""

    APPROVE = "approve"
    ASK = "ask"
    """A person decides."""
    REJECT = "reject"


@dataclass(frozen=True)
class Why:
    """Who decided one action of a line: a rule by its name, `default` or `law`; and why (a name of `said.REASONS`), for the merchant's staff."""

    action: str
    value: str
    by: str
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """Why."""
        return say(self.code, language, self.facts)


@dataclass(frozen=True)
class Asked:
    """Something that only the shop can say of a product, and on which a rule depends."""

    condition: str
    """Its name among those of `conditions.When`."""
    words: tuple[str, ...] | None
    """None: the shop has not said it yet, so nobody knows whether such a rule holds."""


@dataclass(frozen=True)
class LineDecision:
    """What holds for one line."""

    ref: str
    verdict: Verdict
    refusal: str
    """Why not: `window`, `rule`, or nothing."""
    said: dict[str, str]
    """The merchant's own words for it, by language; empty: none."""
    last_day: date | None
    """Until when it may go back; None: the delivery is not known, so that nothing has ended."""
    withdrawal: bool
    """The law gives a right to return it without any reason."""
    fault: bool
    """The reason is the shop's to answer for."""
    methods: tuple[Method, ...]
    resolutions: tuple[Resolution, ...]
    fee_flat: Decimal
    fee_percent: Decimal
    destination: str
    photo: bool
    keep_percent: Decimal
    bonus_percent: Decimal
    refund_when: RefundWhen
    exchange_for: ExchangeFor
    why: tuple[Why, ...]
    asked: tuple[Asked, ...] = ()
    """What the rules ask about the product, and what was known of it."""


@dataclass(frozen=True)
class Decision:
    """What holds for the whole return: what all its lines agree on."""

    lines: tuple[LineDecision, ...]

    @property
    def verdict(self) -> Verdict:
        """The strictest of any line; lines that go to different places are a person's to sort out."""
        order = list(Verdict)
        worst = max((order.index(line.verdict) for line in self.lines), default=0)
        apart = len({line.destination for line in self.lines}) > 1
        return max(order[worst], Verdict.ASK, key=order.index) if apart else order[worst]

    @property
    def methods(self) -> tuple[Method, ...]:
        return tuple(m for m in Method if self.lines and all(m in line.methods for line in self.lines))

    @property
    def resolutions(self) -> tuple[Resolution, ...]:
        return tuple(r for r in Resolution if self.lines and all(r in line.resolutions for line in self.lines))

    @property
    def destination(self) -> str:
        return next(iter(_distinct(line.destination for line in self.lines)), "")

    @property
    def photo(self) -> bool:
        return any(line.photo for line in self.lines)

    @property
    def refund_when(self) -> RefundWhen:
        """The latest moment that any line waits for."""
        order = list(RefundWhen)
        return order[max((order.index(line.refund_when) for line in self.lines), default=order.index(RefundWhen.AT_ARRIVAL))]

    @property
    def fee_flat(self) -> Decimal:
        """Once for the parcel: the highest of its lines, and none if one of them is free by the shop's own fault."""
        return max((line.fee_flat for line in self.lines), default=Decimal(0)) if not any(line.fault for line in self.lines) else Decimal(0)

    @property
    def bonus_percent(self) -> Decimal:
        return min((line.bonus_percent for line in self.lines), default=Decimal(0))

    @property
    def withdrawal(self) -> bool:
        """Whether the law gives a right to all of it."""
        return bool(self.lines) and all(line.withdrawal for line in self.lines)

    def document(self) -> list[dict[str, Any]]:
        """As it is kept with the return: which rule decided what, for whoever asks later."""
        return [
            {
                "line": line.ref,
                "verdict": line.verdict.value,
                "last_day": line.last_day.isoformat() if line.last_day else None,
                "withdrawal": line.withdrawal,
                "fault": line.fault,
                "why": [[why.action, why.value, why.by, why.sentence(PLAIN)] for why in line.why],
                "asked": {one.condition: None if one.words is None else list(one.words) for one in line.asked},
            }
            for line in self.lines
        ]


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
