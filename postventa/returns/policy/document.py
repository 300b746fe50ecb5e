"""A shop's rules for returns, as data: TOML or JSON with these names.

For each action the first rule decides whose conditions hold and that says something about that action; where none does, `default`; the law stands
above all of them (`law.py`). Whether a condition holds may be unknown (a product that its shop did not describe yet): such a rule does not apply,
and if it could have changed the verdict, a person decides.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field, field_validator, model_validator

from postventa.config import LANGUAGES
from postventa.events import Address
from postventa.returns.policy.conditions import Part, When, fault
from postventa.returns.policy.decision import Verdict
from postventa.returns.policy.law import DAYS, Exemption
from postventa.returns.reasons import ABOVE, CODES, KINDS
from postventa.returns.wish import ExchangeFor, Method, RefundWhen, Resolution

MOST_RULES = 200


class Fee(Part):
    """What a return costs: a sum for the parcel, a part of what the goods were paid with, or both."""

    flat: Decimal = Field(default=Decimal(0), ge=0, le=1000, decimal_places=2)
    percent: Decimal = Field(default=Decimal(0), ge=0, le=100)


class Then(Part):
    """What a rule says. What it leaves out is for later rules to say."""

    decision: Verdict | None = None
    why: str | dict[str, str] = ""
    """For the customer, of a refusal: one text, or one for each language."""
    exemption: Exemption | None = None
    """The legal ground for which the goods may not be withdrawn from at all."""
    window: int | None = Field(default=None, ge=DAYS, le=3650)
    """Days; the law's are the fewest."""
    fee: Fee | None = None
    methods: tuple[Method, ...] | None = Field(default=None, min_length=1)
    resolutions: tuple[Resolution, ...] | None = Field(default=None, min_length=1)
    destination: str | None = None
    photo: bool | None = None
    keep: Decimal | None = Field(default=None, ge=0, le=100)
    """The part of the price, in percent, that goes back when the customer keeps the goods; 0: that is not offered."""
    bonus: Decimal | None = Field(default=None, ge=0, le=100)
    """What a credit is worth more than a refund, in percent."""
    refund_when: RefundWhen | None = None
    exchange_for: ExchangeFor | None = None
    """What she may choose instead: another kind of the same product, or anything that the shop sells."""

    @field_validator("why")
    @classmethod
    def _in_our_languages(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        if isinstance(value, dict) and (unknown := set(value) - set(LANGUAGES)):
            raise fault("language", value=min(unknown), choices=", ".join(LANGUAGES))
        return value

    @property
    def said(self) -> dict[str, str]:
        """The words by language; a single text is in Spanish, the source of all texts."""
        return self.why if isinstance(self.why, dict) else {"es": self.why} if self.why else {}


class Rule(Part):
    """Conditions and what follows; `name` is what staff read."""

    name: str = Field(min_length=1, max_length=120)
    when: When = When()
    then: Then

    @model_validator(mode="after")
    def _does_something(self) -> Rule:
        if self.then == Then():
            raise fault("idle")
        return self


class Destination(Part):
    """A place where returns go."""

    name: str = Field(min_length=1)
    street: str = Field(min_length=1)
    postcode: str = Field(min_length=1)
    city: str = Field(min_length=1)
    province: str = ""
    country: str = Field(default="ES", pattern=r"^[A-Z]{2}$")
    phone: str = ""
    email: str = ""

    def address(self) -> Address:
        """As labels know it."""
        return Address(**self.model_dump())


class OwnReason(Part):
    """A reason of the merchant's own, below one of ours or beside them."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    under: str = ""
    words: dict[str, str] = Field(min_length=1)
    shopify: str = "OTHER"
    fault: bool = False
    kinds: tuple[str, ...] = KINDS

    @field_validator("kinds")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(value) - set(KINDS):
            raise fault("not_among", value=min(unknown), choices=", ".join(KINDS))
        return value


FIRST = Then(
    decision=Verdict.APPROVE,
    window=30,
    fee=Fee(),
    methods=(Method.PRINTED_LABEL, Method.OWN_CARRIER),
    resolutions=(Resolution.REFUND, Resolution.EXCHANGE, Resolution.STORE_CREDIT),
    destination="",
    photo=False,
    keep=Decimal(0),
    bonus=Decimal(0),
    refund_when=RefundWhen.AT_ARRIVAL,
    exchange_for=ExchangeFor.PRODUCT,
)
"""What holds where nobody says anything: thirty days, free of charge, the money when the goods are back."""


class Policy(Part):
    """All of it. Without any rule it is a sensible one for a shop in the EU."""

    cost_told: bool = False
    """Customers were told before they bought that they pay for sending it back. Otherwise the law has the shop pay within the days of withdrawal."""
    standard_shipping: Decimal | None = Field(default=None, ge=0)
    """What the ordinary delivery costs, which goes back with a whole order that is withdrawn from; None: what was paid for the delivery."""
    default: Then = Then()
    destinations: dict[str, Destination] = {}
    kinds: dict[str, tuple[str, ...]] = {}
    """Kind of product -> the shop's categories of it, for the reasons that are offered."""
    reasons: tuple[OwnReason, ...] = ()
    rules: tuple[Rule, ...] = Field(default=(), max_length=MOST_RULES)

    @property
    def fallback(self) -> Then:
        """`default` with what it leaves out."""
        said = {name: value for name in Then.model_fields if (value := getattr(self.default, name)) not in (None, "")}
        return FIRST.model_copy(update=said)

    def above(self, code: str) -> str:
        """The reason that one stands below; empty: none."""
        return next((own.under for own in self.reasons if own.code == code), ABOVE.get(code, ""))

    def is_fault(self, code: str) -> bool:
        """Whether the shop answers for that reason."""
        own = next((own for own in self.reasons if own.code == code), None)
        return own.fault if own is not None else code in CODES and CODES[code].fault

    @model_validator(mode="after")
    def _hangs_together(self) -> Policy:
        """What parts of it name has to be there."""
        if unknown := set(self.kinds) - set(KINDS):
            raise fault("not_among", where="kinds", value=min(unknown), choices=", ".join(KINDS))
        names = [rule.name for rule in self.rules]
        if twice := {name for name in names if names.count(name) > 1}:
            raise fault("same_name", value=min(twice))
        codes = {*CODES, *(own.code for own in self.reasons)}
        for place, then in (({"where": "default"}, self.default), *(({"rule": rule.name}, rule.then) for rule in self.rules)):
            if then.destination and then.destination not in self.destinations:
                raise fault("no_destination", **place, value=then.destination)
        for rule in self.rules:
            if unknown := set(rule.when.reasons()) - codes:
                raise fault("no_reason", rule=rule.name, value=min(unknown), choices=", ".join(sorted(codes)))
        if unknown := {own.under for own in self.reasons if own.under} - set(CODES):
            raise fault("no_reason_of_ours", where="reasons", value=min(unknown))
        return self

    def document(self) -> dict[str, Any]:
        """As it is stored, without what is as it would be anyway."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
