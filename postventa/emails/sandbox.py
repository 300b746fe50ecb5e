"""Liquid with nothing dangerous in it: conditions and placeholders over plain values, no loops, no includes, no growth.

Merchants write these texts, so a template must not be able to read objects, call anything, or use up time or memory. Time is bounded
because nothing repeats: the language left here has no loop, no variable of its own and no filter that multiplies. What comes out is plain
text; the layout escapes every paragraph as a whole, so neither data nor wording can ever become markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from liquid import BoundTemplate, Environment, StrictUndefined
from liquid.exceptions import LiquidError

LONGEST_SOURCE = 20_000
LONGEST_TAG = 400
"""Signs between `{%` and `%}`: the parser needs quadratic time for a tag that never ends (python-liquid 2.3: 12 s for 20,000 signs)."""
TAGS = frozenset({"if", "unless", "case", "comment", "output", "content", "illegal"})
FILTERS = frozenset(
    {"append", "capitalize", "default", "downcase", "lstrip", "prepend", "rstrip", "size", "strip", "truncate", "truncatewords", "upcase"}
)

_TAG = re.compile(r'\{% (if|unless|elsif|else|endif|endunless)(?: ([a-z_]{1,40}(?: == "[^"{}%]{0,40}"| > [0-9]{1,9})?))? %\}')
"""A tag, and a condition on one fact: that it is there, is a certain word, or more than a number."""
_FLAT = re.compile(r"(?:if(?: elsif)*(?: else)? endif ?|unless(?: elsif)*(?: else)? endunless ?)*")
"""Tags in an order in which none stands inside another."""
CONDITIONAL, ENDS = frozenset({"if", "unless", "elsif"}), frozenset({"endif", "endunless"})
_PLACE = re.compile(r"\{\{ {0,9}([a-z_]{1,40}) {0,9}\}\}")
"""A placeholder with nothing but a name in it."""

Facts = Mapping[str, str | int | bool | None]
Run = tuple[tuple[bool, str], ...]
"""Text without conditions: (whether it is a fact's name, the name or the words themselves)."""
Choice = tuple[tuple[Callable[[Facts], bool], Run], ...]
"""(condition, what is said under it): the first one counts."""


@dataclass(frozen=True)
class Simple:
    """A text that is understood without Liquid."""

    choices: tuple[Choice, ...]
    names: frozenset[str]


class WordingError(Exception):
    """A text that cannot be used; the message says why, in words for its author."""


class Sandbox(Environment):
    """python-liquid with short lists of tags and filters."""

    block_nesting_limit = 20
    context_depth_limit = 10
    output_stream_limit = 50_000


def _sandbox(strict: bool) -> Sandbox:
    sandbox = Sandbox(undefined=StrictUndefined) if strict else Sandbox()
    sandbox.tags = {name: tag for name, tag in sandbox.tags.items() if name in TAGS}
    sandbox.filters = {name: call for name, call in sandbox.filters.items() if name in FILTERS}
    return sandbox


_lenient, _strict = _sandbox(False), _sandbox(True)


@lru_cache(maxsize=2048)
def _parse(source: str, strict: bool) -> BoundTemplate:
    if len(source) > LONGEST_SOURCE:
        raise WordingError(f"this text is too long: {len(source)} signs, at most {LONGEST_SOURCE}")
    for opening, closing in (("{%", "%}"), ("{{", "}}")):
        for piece in source.split(opening)[1:]:
            if not 0 <= piece.find(closing) <= LONGEST_TAG:
                raise WordingError(f"a {opening} in this text is not closed with {closing}")
    return (_strict if strict else _lenient).from_string(source)


def fill(source: str, facts: Facts, *, strict: bool = False) -> str:
    """`source` with its placeholders filled in; an unknown one is blank, or an error when `strict`. Raises `WordingError`."""
    if "{" not in source:
        return source
    text = None if strict else _by_hand(source, facts)
    if text is not None:
        return text
    try:
        return _parse(source, strict).render(facts)
    except LiquidError as error:
        raise WordingError(" ".join(str(error).split())) from None
    except RecursionError:
        raise WordingError("this text has too many conditions inside one another") from None


def _by_hand(source: str, facts: Facts) -> str | None:
    """The text in a tenth of Liquid's time. None where Liquid has the word: more of its language, a name that nobody knows, too long a text."""
    simple = _simple(source)
    if simple is None or not simple.names <= facts.keys():
        return None
    try:
        runs = [_chosen(choice, facts) for choice in simple.choices]
    except TypeError:
        return None
    text = "".join([_shown(facts[piece]) if named else piece for run in runs for named, piece in run])
    return text if len(text) <= LONGEST_SOURCE else None


def _chosen(choice: Choice, facts: Facts) -> Run:
    for holds, run in choice:
        if holds(facts):
            return run
    return ()


@lru_cache(maxsize=2048)
def _simple(source: str) -> Simple | None:
    """A text with plain placeholders and conditions that do not stand inside one another; None: it has more of Liquid."""
    pieces = _TAG.split(source)
    tags, conditions = ["endif", *pieces[1::3]], ["", *pieces[2::3]]  # the beginning is like what follows an `endif`
    if len(source) > LONGEST_SOURCE or not _FLAT.fullmatch(" ".join(tags[1:])):
        return None
    choices: list[Choice] = []
    for tag, condition, words in zip(tags, conditions, pieces[::3], strict=True):
        run = _run(words)
        # Liquid leaves out branches of nothing but blanks; that is left to it.
        if run is None or bool(condition) != (tag in CONDITIONAL) or (tag not in ENDS and words.isspace()):
            return None
        branch = (_condition(condition, negated=tag == "unless") if condition else _always, run)
        if tag in ("elsif", "else"):
            choices[-1] = (*choices[-1], branch)
        elif run or tag not in ENDS:
            choices.append((branch,))
    named = {piece for choice in choices for _, run in choice for is_name, piece in run if is_name}
    return Simple(tuple(choices), frozenset(named | {condition.partition(" ")[0] for condition in conditions if condition}))


def _run(words: str) -> Run | None:
    """Words with plain placeholders; None: there is something else in braces."""
    pieces = _PLACE.split(words)
    if any("{" in piece or "}" in piece for piece in pieces[::2]):
        return None
    return tuple((index % 2 == 1, piece) for index, piece in enumerate(pieces) if piece)


def _condition(text: str, *, negated: bool) -> Callable[[Facts], bool]:
    """As Liquid takes it: only what is missing and what is `false` is not there."""
    name, relation, value = [*text.split(" ", 2), "", ""][:3]
    if relation == ">":
        return lambda facts: _is_above(facts[name], int(value)) is not negated
    if relation == "==":
        return lambda facts: (facts[name] == value[1:-1]) is not negated
    return lambda facts: (facts[name] is None or facts[name] is False) is negated


def _is_above(value: str | int | bool | None, number: int) -> bool:
    if isinstance(value, int):
        return value > number
    raise TypeError  # Liquid says what it thinks of that


def _always(_: Facts) -> bool:
    return True


def _shown(value: str | int | bool | None) -> str:
    """As Liquid says it."""
    return value if isinstance(value, str) else "" if value is None else str(value).lower()
