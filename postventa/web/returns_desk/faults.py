"""What is wrong with a document, beside the line where it is. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from postventa.returns.policy import Finding


@dataclass(frozen=True)
class Fault:
    """`line`: from 1 on; 0: nobody can say. `where`: the path, as the document names things; `words`: the reader's."""

    line: int
    where: str
    words: str


def placed(problems: Iterable[Finding], text: str, language: str) -> list[Fault]:
    """Each with its line: the one that it names, the rule's, or the last part of the path that stands in the text."""
    return [Fault(_line(problem, text), problem.where, _words(problem, language)) for problem in problems]


def _words(problem: Finding, language: str) -> str:
    """The sentence without the path, which stands beside it."""
    return replace(problem, name="", where="").sentence(language)


def _line(problem: Finding, text: str) -> int:
    if problem.line:
        return problem.line
    rows, start = text.split("\n"), 0
    if problem.rule:
        name = json.dumps(problem.rule, ensure_ascii=False)
        start = next((place for place, row in enumerate(rows) if name in row), 0)
    keys = [part for part in problem.where.split(".") if part and not part.isdigit()]
    for key in reversed(keys[1:] or keys):
        named = re.compile(rf'(?:^|[\s{{,\[."]){re.escape(key)}["\]\s]*[=:\]]')
        place = next((place for place in range(start, len(rows)) if named.search(rows[place])), None)
        if place is not None:
            return place + 1
    return start + 1 if start else 0
