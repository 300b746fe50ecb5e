"""What py-spy saw: lines of `function (file:line);function (file:line) count`, outermost first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

PLACE = re.compile(r"^(?P<function>.*) \((?P<file>.*?)(?::\d+)?\)$")
IDLE = ("wait (threading.py", "select (selectors.py", "poll (select", "_read_from_socket (redis/", "read_response (redis/")


@dataclass
class Frame:
    """One function as it was called from those above it."""

    name: str
    count: int = 0
    below: dict[str, Frame] = field(default_factory=dict)


def read(file: Path) -> list[tuple[list[str], int]]:
    """(functions from the outermost on, samples)."""
    found = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        stack, _, count = line.rpartition(" ")
        if stack and count.isdigit():
            found.append(([short(name) for name in stack.split(";")], int(count)))
    return found


def short(name: str) -> str:
    """`function (package/file.py)`: without line and without the folders that are the same for all of a machine."""
    match = PLACE.match(name)
    if match is None:
        return name
    path = match["file"].partition("site-packages/")[2] or match["file"]
    return f"{match['function']} ({'/'.join(path.split('/')[-3:])})"


def top(stacks: Iterable[tuple[list[str], int]], most: int = 15) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """The functions with the largest share of samples: themselves, and with all that they call."""
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for stack, count in stacks:
        own[stack[-1]] += count
        for name in set(stack):
            whole[name] += count
    all_of_it = max(1, own.total())
    return [(n, c / all_of_it) for n, c in own.most_common(most)], [(n, c / all_of_it) for n, c in whole.most_common(most)]


def merged(stacks: Iterable[tuple[list[str], int]]) -> Frame:
    """All stacks as one tree, for a picture."""
    root = Frame("all")
    for stack, count in stacks:
        root.count += count
        at = root
        for name in stack:
            at = at.below.setdefault(name, Frame(name))
            at.count += count
    return root
