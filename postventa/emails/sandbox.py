"""Liquid with nothing dangerous in it: conditions and placeholders over plain values, no loops, no includes, no growth.

Merchants write these texts, so a template must not be able to read objects, call anything, or use up time or memory. Time is bounded
because nothing repeats: the language left here has no loop, no variable of its own and no filter that multiplies. What comes out is plain
text; the layout escapes every paragraph as a whole, so neither data nor wording can ever become markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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

LITERALS = frozenset({"true", "false", "nil", "null", "blank", "empty"})
_PLAIN = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
"""A placeholder with nothing but a name in it."""

Facts = Mapping[str, str | int | bool | None]


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
    simple = None if strict else _simple(source)
    if simple is not None:
        text = "".join([_shown(facts.get(piece)) if named else piece for named, piece in simple])
        if len(text) <= LONGEST_SOURCE:
            return text  # else Liquid says whether that is too much
    try:
        return _parse(source, strict).render(facts)
    except LiquidError as error:
        raise WordingError(" ".join(str(error).split())) from None
    except RecursionError:
        raise WordingError("this text has too many conditions inside one another") from None


@lru_cache(maxsize=2048)
def _simple(source: str) -> tuple[tuple[bool, str], ...] | None:
    """The pieces of a text that has placeholders and nothing else of Liquid: filling those by hand takes a tenth of the time. None: it has more."""
    pieces = _PLAIN.split(source)
    if len(source) > LONGEST_SOURCE or not LITERALS.isdisjoint(pieces[1::2]) or any("{" in piece or "}" in piece for piece in pieces[::2]):
        return None
    return tuple((index % 2 == 1, piece) for index, piece in enumerate(pieces))


def _shown(value: str | int | bool | None) -> str:
    """As Liquid says it."""
    return value if isinstance(value, str) else "" if value is None else str(value).lower()
