"""What a policy says of a return: the rules in their order, then the law. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from postventa.returns.policy.asked import asked
from postventa.returns.policy.decision import Decision, LineDecision, Verdict, Why
from postventa.returns.policy.document import Fee, Policy, Rule
from postventa.returns.policy.facts import Facts, LineFacts
from postventa.returns.policy.law import DAYS, Exemption, may_withdraw
from postventa.returns.policy.match import holds
from postventa.returns.wish import Method, Resolution

ACTIONS = ("decision", "exemption", "window", "fee", "methods", "resolutions", "destination", "photo", "keep", "bonus", "refund_when", "exchange_for")
GUARANTEE = timedelta(days=3 * 366)
"""For so long after the delivery a defect is the shop's to look at (art. 120), whatever its own days for returns are."""


def explain(policy: Policy, facts: Facts) -> Decision:
    """For each line what holds, and which rule, the default or the law decided it."""
    return Decision(tuple(_Line(policy, facts, replace(line, above=policy.above(line.reason))).decided() for line in facts.lines))


@dataclass
class _Line:
    """One line while it is decided; every answer leaves its reason in `why`."""

    policy: Policy
    facts: Facts
    line: LineFacts
    why: list[Why] = field(default_factory=list)

    def decided(self) -> LineDecision:
        said = {action: self._first(action) for action in ACTIONS}
        exemption: Exemption | None = said["exemption"]
        free, fault = may_withdraw(self.facts, exemption), self.policy.is_fault(self.line.reason)
        last_day = self._last_day(int(said["window"]))
        verdict, refusal, words = self._verdict(said["decision"], last_day, free=free, fault=fault)
        flat, percent = self._fee(said["fee"], free=free, fault=fault)
        return LineDecision(
            ref=self.line.ref,
            verdict=verdict,
            refusal=refusal,
            said=words,
            last_day=last_day,
            withdrawal=free,
            fault=fault,
            methods=self._methods(said["methods"]),
            resolutions=self._resolutions(said["resolutions"], said["keep"], free=free or fault),
            fee_flat=flat,
            fee_percent=percent,
            destination=said["destination"],
            photo=self._photo(said["photo"], free=free),
            keep_percent=said["keep"],
            bonus_percent=said["bonus"],
            refund_when=said["refund_when"],
            exchange_for=said["exchange_for"],
            why=tuple(self.why),
            asked=tuple(asked(self.policy, self.line)),
        )

    def _applying(self) -> Iterator[tuple[Rule, bool | None]]:
        for rule in self.policy.rules:
            if (answer := holds(rule.when, self.facts, self.line)) is not False:
                yield rule, answer

    def _first(self, action: str) -> Any:
        """The first rule's word for it, else the default's."""
        for rule, answer in self._applying():
            value = getattr(rule.then, action)
            if answer and value not in (None, ""):
                self._note(action, value, rule.name, "first")
                return value
        value = getattr(self.policy.fallback, action)
        if value not in (None, ""):
            self._note(action, value, "default", "nobody")
        return value

    def _verdict(self, wanted: Verdict, last_day: date | None, *, free: bool, fault: bool) -> tuple[Verdict, str, dict[str, str]]:
        """The verdict, what refuses it, and the merchant's words for that."""
        if self._is_over(last_day) and not free:
            return self._too_late(last_day, fault=fault)
        if wanted is Verdict.REJECT and (free or fault):
            return self._not_to_be_refused(free=free)
        if wanted is Verdict.REJECT:
            return Verdict.REJECT, "rule", self._words()
        doubt = next((rule for rule, answer in self._applying() if answer is None and rule.then.decision), None)
        if wanted is Verdict.APPROVE and doubt is not None and not free:
            self._note("decision", Verdict.ASK, doubt.name, "not_known", rule=doubt.name)
            return Verdict.ASK, "", {}
        return wanted, "", self._words() if wanted is Verdict.ASK else {}

    def _too_late(self, last_day: date | None, *, fault: bool) -> tuple[Verdict, str, dict[str, str]]:
        if fault and self.facts.days[0] <= GUARANTEE.days:
            self._note("decision", Verdict.ASK, "law", "guarantee")
            return Verdict.ASK, "", {}
        self._note("decision", Verdict.REJECT, "window", "last_day", day=f"{last_day}")
        return Verdict.REJECT, "window", {}

    def _not_to_be_refused(self, *, free: bool) -> tuple[Verdict, str, dict[str, str]]:
        if free:
            self._note("decision", Verdict.APPROVE, "law", "right", days=f"{DAYS}")
            return Verdict.APPROVE, "", {}
        self._note("decision", Verdict.ASK, "law", "fault")
        return Verdict.ASK, "", {}

    def _words(self) -> dict[str, str]:
        """What the rule that decided says to the customer."""
        deciding = next((rule for rule, answer in self._applying() if answer and rule.then.decision), None)
        return deciding.then.said if deciding is not None else self.policy.default.said

    def _is_over(self, last_day: date | None) -> bool:
        return last_day is not None and self.facts.at.astimezone(ZoneInfo(self.facts.zone)).date() > last_day

    def _last_day(self, window: int) -> date | None:
        if self.facts.delivered_at is None:
            return None
        return self.facts.delivered_at.astimezone(ZoneInfo(self.facts.zone)).date() + timedelta(days=window)

    def _fee(self, fee: Fee, *, free: bool, fault: bool) -> tuple[Decimal, Decimal]:
        """Sending back may cost something within the days of withdrawal only if that was said before, and nothing but the sending (art. 108)."""
        if fee == Fee():
            return fee.flat, fee.percent
        if fault:
            self._note("fee", "0", "law", "fee_fault")
            return Decimal(0), Decimal(0)
        if free and not self.policy.cost_told:
            self._note("fee", "0", "law", "fee_untold")
            return Decimal(0), Decimal(0)
        if free and fee.percent:
            self._note("fee", f"{fee.flat}", "law", "fee_sending")
            return fee.flat, Decimal(0)
        return fee.flat, fee.percent

    def _methods(self, wanted: Sequence[Method]) -> tuple[Method, ...]:
        return tuple(method for method in Method if method in wanted)

    def _resolutions(self, wanted: Sequence[Resolution], keep: Decimal, *, free: bool) -> tuple[Resolution, ...]:
        """Who may withdraw gets the money back if she wants; goods are kept where something is paid for that."""
        named = {*wanted} - ({Resolution.KEEP_ITEM} if keep <= 0 else set())
        if free and Resolution.REFUND not in named:
            self._note("resolutions", Resolution.REFUND, "law", "refund")
            named.add(Resolution.REFUND)
        return tuple(resolution for resolution in Resolution if resolution in named)

    def _photo(self, wanted: bool, *, free: bool) -> bool:
        if wanted and free:
            self._note("photo", "no", "law", "photo")
            return False
        return wanted

    def _note(self, action: str, value: Any, by: str, code: str, **facts: str) -> None:
        self.why.append(Why(action, _shown(value), by, code, facts))


def _shown(value: Any) -> str:
    """A value as staff read it."""
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    if isinstance(value, Fee):
        parts = [f"{value.flat} for the parcel"] * bool(value.flat) + [f"{value.percent} %"] * bool(value.percent)
        return " and ".join(parts) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value}"
