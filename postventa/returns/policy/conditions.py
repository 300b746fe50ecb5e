"""On what a rule depends: conditions as data. What each asks about is told in `facts.py`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from postventa.returns.wish import Method, Resolution

OURS = "rules."
"""What the types of our own faults begin with, before a code of `said.FAULTS`."""


def fault(code: str, **facts: object) -> PydanticCustomError:
    """To be raised by a validator. Of the facts, `rule` and `where` name the place if the validator knows it better."""
    return PydanticCustomError(f"{OURS}{code}", code, {name: f"{value}" for name, value in facts.items()})


class Part(BaseModel):
    """Unknown names are errors: a mistyped one would be a rule that never works."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)


class Range(Part):
    """Both ends included; either may be missing."""

    from_: Decimal | None = Field(default=None, alias="from")
    to: Decimal | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Range:
        if self.from_ is None and self.to is None:
            raise fault("range_empty")
        if self.from_ is not None and self.to is not None and self.from_ > self.to:
            raise fault("range_reversed", low=self.from_, high=self.to)
        return self


class When(Part):
    """All that is named has to hold. `all`, `any` and `not` hold further conditions."""

    country: tuple[str, ...] = ()
    """ISO 3166-1 alpha-2."""
    product: tuple[str, ...] = ()
    """The shop's number of a product or variant, or a SKU."""
    category: tuple[str, ...] = ()
    """In the shop's words, whatever their case: WooCommerce's categories, Shopify's type and collections."""
    tag: tuple[str, ...] = ()
    """What the shop marks the product with, whatever its case."""
    vendor: tuple[str, ...] = ()
    price: Range | None = None
    """What one piece was paid with."""
    discount: Range | None = None
    """How much the order was reduced by, in percent."""
    reason: tuple[str, ...] = ()
    """A code of `reasons.py`; one with reasons below it stands for all of them."""
    days: Range | None = None
    """Since the last parcel arrived, in calendar days of the shop."""
    customer: tuple[str, ...] = ()
    """The shop's own number of a customer."""
    earlier_returns: Range | None = None
    """Of this customer, within a year."""
    resolution: tuple[Resolution, ...] = ()
    method: tuple[Method, ...] = ()
    all_: tuple[When, ...] = Field(default=(), alias="all")
    any_: tuple[When, ...] = Field(default=(), alias="any")
    not_: When | None = Field(default=None, alias="not")

    @field_validator("country")
    @classmethod
    def _is_a_country(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [code for code in value if len(code) != 2 or not code.isalpha()]
        if wrong:
            raise fault("country", value=wrong[0])
        return tuple(code.upper() for code in value)

    @field_validator("product", "category", "tag", "vendor")
    @classmethod
    def _says_something(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "" in value:
            raise fault("empty_text")
        return value

    @field_validator("customer")
    @classmethod
    def _is_no_address(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any("@" in name for name in value):
            raise fault("address")
        return value

    @property
    def within(self) -> tuple[When, ...]:
        """The conditions that this one holds."""
        return (*self.all_, *self.any_, *((self.not_,) if self.not_ is not None else ()))

    def reasons(self) -> Iterator[str]:
        """Every reason that it names, at whatever depth."""
        yield from self.reason
        for inner in self.within:
            yield from inner.reasons()

    @model_validator(mode="after")
    def _is_not_empty(self) -> When:
        for inner in self.within:
            if inner == When():
                raise fault("hollow")
        return self
