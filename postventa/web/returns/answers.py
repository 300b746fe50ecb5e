"""What she answered so far, as the address of the page has it. Nothing of it is trusted but as a wish: the rules are asked anew with every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from postventa.returns.problems import LONGEST_REF
from postventa.returns.wish import Method, Resolution, Swap, Wish, WishLine

MOST = 200
"""Lines that one return may have."""
CODE = 40
"""Longest code of a reason, a resolution, a way or a slot."""
TALK = "talk"
"""In place of a variant: she says in words what she wants instead."""
OF = "@"
"""Between a variant and its product, where that is another one than the one that goes back."""


@dataclass(frozen=True)
class Answers:
    """By line: how many, why, and what comes instead."""

    items: tuple[str, ...] = ()
    counts: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    swaps: Mapping[str, str] = field(default_factory=dict)
    resolution: str = ""
    method: str = ""
    slot: str = ""

    def wish(self) -> Wish:
        """As the rules are asked about it."""
        lines = tuple(WishLine(ref, self.count(ref), self.reasons.get(ref, "")) for ref in self.items)
        slot = self.slot if self.method == Method.PICKUP else ""
        return Wish(lines, self.resolution or Resolution.REFUND, self.method, exchange=self._exchange(), slot=slot)

    def count(self, ref: str) -> int:
        """0 for what is no count: the rules refuse it."""
        told = self.counts.get(ref, "1")
        return int(told) if told.isascii() and told.isdecimal() and len(told) < 7 else 0

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """For the address, or a form's hidden fields. `without`: what the form itself asks: item, why, swap, as, by, slot."""
        told: list[tuple[str, str]] = []
        for ref in self.items if "item" not in without else ():
            told += [("item", ref), (f"q-{ref}", self.counts.get(ref, "1"))]
        told += [(f"why-{ref}", code) for ref, code in self.reasons.items() if code and "why" not in without]
        told += [(f"swap-{ref}", variant) for ref, variant in self.swaps.items() if variant and "swap" not in without]
        chosen = (("as", self.resolution), ("by", self.method), ("slot", self.slot if self.method == Method.PICKUP else ""))
        told += [(name, value) for name, value in chosen if value and name not in without]
        return told

    def settled(self, resolution: str = "", method: str | None = None) -> Answers:
        """With what there is no choice about."""
        return replace(self, resolution=resolution or self.resolution, method=self.method if method is None else method)

    def _exchange(self) -> tuple[Swap, ...]:
        if self.resolution != Resolution.EXCHANGE:
            return ()
        chosen = [(ref, self.swaps.get(ref, "")) for ref in self.items]
        if any(variant in ("", TALK) for _, variant in chosen):
            return ()  # in part by words is wholly a person's to sort out
        return tuple(Swap(ref, variant, self.count(ref), product) for ref, told in chosen for variant, product in (parted(told),))


def of(wish: Wish) -> Answers:
    """What a return stands for, as she would have chosen it."""
    lines, swaps = wish.lines, {one.ref: f"{one.variant_ref}{OF}{one.product_ref}" if one.product_ref else one.variant_ref for one in wish.exchange}
    talk = dict.fromkeys((line.ref for line in lines), TALK) if wish.resolution == Resolution.EXCHANGE and not swaps else {}
    return Answers(
        items=tuple(line.ref for line in lines),
        counts={line.ref: str(line.quantity) for line in lines},
        reasons={line.ref: line.reason for line in lines},
        swaps={**talk, **swaps},
        resolution=wish.resolution,
        method=wish.method,
        slot=wish.slot,
    )


def read(told: MultiDict[str, str]) -> Answers:
    """What an address or a form holds; too much of anything is left out."""
    items = tuple(dict.fromkeys(_short(ref, LONGEST_REF) for ref in told.getlist("item")[:MOST]))
    return Answers(
        items=items,
        counts={ref: told.get(f"q-{ref}", "1")[:8] for ref in items},
        reasons={ref: _reason(told, ref) for ref in items},
        swaps={ref: _short(told.get(f"swap-{ref}", ""), 2 * LONGEST_REF) for ref in items},
        resolution=_short(told.get("as", ""), CODE),
        method=_short(told.get("by", ""), CODE),
        slot=_short(told.get("slot", ""), CODE),
    )


def parted(chosen: str) -> tuple[str, str]:
    """(variant, product) of what comes instead of a line; without a product it is another kind of the same one."""
    variant, _, product = chosen.partition(OF)
    return variant, product


def _reason(told: MultiDict[str, str], ref: str) -> str:
    """The reason below the one that was chosen, if one of those was chosen too."""
    top = _short(told.get(f"why-{ref}", ""), CODE)
    return _short(told.get(f"more-{ref}-{top}", ""), CODE) or top


def _short(text: str, longest: int) -> str:
    """As no database minds it."""
    return text.replace("\0", "")[: longest + 1]
