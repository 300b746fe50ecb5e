"""Whether conditions hold: yes, no, or None where nobody knows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from postventa.returns.policy.conditions import Range, When
from postventa.returns.policy.facts import Facts, LineFacts


def holds(when: When, facts: Facts, line: LineFacts) -> bool | None:
    """Whether all of it holds. One part that does not is enough for a no, whatever is not known."""
    return _every([*_about_line(when, line), *_about_order(when, facts), *_combined(when, facts, line)])


def _about_line(when: When, line: LineFacts) -> Iterable[bool | None]:
    if when.product:
        yield bool(({line.product_ref, line.variant_ref, line.sku} - {""}) & set(when.product))
    if when.category:
        yield None if line.categories is None else _named(when.category, line.categories)
    if when.tag:
        yield None if line.tags is None else _named(when.tag, line.tags)
    if when.vendor:
        yield None if line.vendor is None else _named(when.vendor, (line.vendor,))
    if when.price:
        yield _within(when.price, line.price, line.price)
    if when.reason:
        yield line.reason in when.reason or (bool(line.above) and line.above in when.reason)


def _about_order(when: When, facts: Facts) -> Iterable[bool | None]:
    if when.country:
        yield facts.country in when.country if facts.country else None
    if when.discount:
        yield _within(when.discount, facts.discount, facts.discount)
    if when.days:
        yield _within(when.days, *map(Decimal, facts.days))
    if when.customer:
        yield facts.customer_ref in when.customer
    if when.earlier_returns:
        yield _within(when.earlier_returns, Decimal(facts.earlier_returns), Decimal(facts.earlier_returns))
    if when.resolution:
        yield facts.resolution in when.resolution
    if when.method:
        yield facts.method in when.method


def _combined(when: When, facts: Facts, line: LineFacts) -> Iterable[bool | None]:
    yield from (holds(inner, facts, line) for inner in when.all_)
    if when.any_:
        yield _any([holds(inner, facts, line) for inner in when.any_])
    if when.not_:
        inside = holds(when.not_, facts, line)
        yield None if inside is None else not inside


def _every(parts: Sequence[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _any(parts: Sequence[bool | None]) -> bool | None:
    return True if True in parts else None if None in parts else False


def _named(wanted: Iterable[str], there: Iterable[str]) -> bool:
    return bool({name.casefold() for name in wanted} & {name.casefold() for name in there})


def _within(bounds: Range, least: Decimal, most: Decimal) -> bool | None:
    """Whether something from `least` to `most` lies within: surely, surely not, or perhaps."""
    low, high = bounds.from_, bounds.to
    if (low is not None and most < low) or (high is not None and least > high):
        return False
    return True if (low is None or least >= low) and (high is None or most <= high) else None
