"""What is wrong with a document, beside the line where it is. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

AT_LINE = re.compile(r"\bline (\d+)")
RULE = re.compile(r'^(?:rules\.\d+ \("(.+?)"\)|rule "(.+?)")')
PATH = re.compile(r"^([\w.-]+)(?: |:)")


@dataclass(frozen=True)
class Fault:
    """`line`: from 1 on; 0: nobody can say. `words`: the reader's, which name things as the document does."""

    line: int
    words: str


def placed(problems: Iterable[str], text: str) -> list[Fault]:
    """Each with its line: the one that it names, the rule's, or the last part of the path that stands in the text."""
    return [Fault(_line(words, text), words) for words in (problem.removeprefix(": ") for problem in problems)]


def _line(words: str, text: str) -> int:
    if found := AT_LINE.search(words):
        return int(found[1])
    rows, start = text.split("\n"), 0
    if found := RULE.match(words):
        name = json.dumps(found[1] or found[2], ensure_ascii=False)
        start = next((place for place, row in enumerate(rows) if name in row), 0)
    path = PATH.match(words)
    keys = [part for part in path[1].split(".") if not part.isdigit()] if path else []
    for key in reversed(keys[1:] or keys):
        named = re.compile(rf'(?:^|[\s{{,\[."]){re.escape(key)}["\]\s]*[=:\]]')
        place = next((place for place in range(start, len(rows)) if named.search(rows[place])), None)
        if place is not None:
            return place + 1
    return start + 1 if start else 0
