"""A status map suggested from what a shop calls its statuses, for a merchant to confirm. Pure; what is not understood stays unknown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.shops.woocommerce.status import DEFAULTS, DRAFTS, UNPLACED, word
from connectors.shops.woocommerce.status_words import DOUBT, PHRASES, SLUGS
from postventa.events import Step

Sureness = Literal["sure", "likely", "unknown"]
_STEPS = {phrase: step for step, languages in PHRASES.items() for phrases in languages.values() for phrase in phrases}
_LONGEST_FIRST = sorted(_STEPS, key=len, reverse=True)


@dataclass(frozen=True)
class Suggestion:
    """`sure`: the label says just that; `likely`: it says that among other words, or another thing than WooCommerce means; `unknown`: no `step`."""

    status: str
    label: str
    step: Step | None
    sureness: Sureness


def suggest(statuses: Mapping[str, str]) -> tuple[Suggestion, ...]:
    """For each status that needs an explanation, in the shop's order. What WooCommerce itself defines needs none, unless it was renamed."""
    return tuple(found for status, label in statuses.items() if (found := _suggestion(word(status), label)) is not None)


def _suggestion(status: str, label: str) -> Suggestion | None:
    step, sureness = read_label(label)
    if status in UNPLACED | DRAFTS or status == "trash":
        return None
    if status in DEFAULTS:
        renamed = status == "completed" and step not in (None, Step.SHIPPED)
        return Suggestion(status, label, step, "likely") if renamed else None
    slug = SLUGS.get(status)
    if slug is not None and step in (None, slug) and not _doubtful(label):
        return Suggestion(status, label, slug, "sure")
    if slug is not None and step is not None:
        return Suggestion(status, label, step, "likely")  # people read the label, so that counts
    return Suggestion(status, label, step, sureness)


def read_label(label: str) -> tuple[Step | None, Sureness]:
    """The step that a label names, and how sure that is."""
    text = folded(label)
    if text in _STEPS:
        return _STEPS[text], "sure"
    if _doubtful(label):
        return None, "unknown"
    steps = set(_steps_within(f" {text} "))
    return (steps.pop(), "likely") if len(steps) == 1 else (None, "unknown")


def _steps_within(text: str) -> Iterator[Step]:
    """The longest phrase first, and what it is made of means nothing besides: "pendiente de envio" is no "envio"."""
    for phrase in _LONGEST_FIRST:
        if f" {phrase} " in text:
            text = text.replace(f" {phrase} ", " | ")
            yield _STEPS[phrase]


def folded(label: str) -> str:
    """Small letters without accents, other signs and doubled blanks: `En preparación…` is `en preparacion`."""
    plain = unicodedata.normalize("NFKD", label.casefold().replace("·", "").replace("’", "'"))
    return " ".join(re.sub(r"[^\w']+|_", " ", "".join(sign for sign in plain if not unicodedata.combining(sign))).split())


def _doubtful(label: str) -> bool:
    return not DOUBT.isdisjoint(folded(label).split())
