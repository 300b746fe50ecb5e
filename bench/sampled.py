"""What py-spy saw: lines of `function (file:line);function (file:line) count`, outermost first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

PLACE = re.compile(r"^(?P<function>.*) \((?P<file>.*?)(?::\d+)?\)$")
PACKAGES, AROUND = ("jobs/", "postventa/", "webhooks/", "connectors/"), ("postventa/runtime/", "postventa/cli/")
WAITS = ("Condition.wait (threading.py)", "SocketBuffer._read_from_socket (redis/_parsers/socket.py)", "EpollSelector.select (selectors.py)")
"""Ends of stacks that wait for others: py-spy takes some of these for work."""


@dataclass
class Frame:
    """One function as it was called from those above it."""

    name: str
    count: int = 0
    below: dict[str, Frame] = field(default_factory=dict)


def read(file: Path) -> list[tuple[list[str], int]]:
    """(functions from the outermost on, samples) of those that were at work."""
    found = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        stack, _, count = line.rpartition(" ")
        names = [short(name) for name in stack.split(";")]
        if stack and count.isdigit() and names[-1] not in WAITS:
            found.append((names, int(count)))
    return found


def short(name: str) -> str:
    """`function (package/file.py)`: without line and without the folders that are the same for all of a machine."""
    match = PLACE.match(name)
    if match is None:
        return name
    library = match["file"].partition("site-packages/")[2]
    path = library or match["file"]
    package = next((name for name in PACKAGES if f"/{name}" in f"/{path}"), "") if not library else ""
    path = package + f"/{path}".rpartition(f"/{package}")[2] if package else "/".join(path.split("/")[-3:])
    return f"{match['function']} ({path})"


def top(stacks: Iterable[tuple[list[str], int]], most: int = 15) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """The functions with the largest share of samples: themselves; and those of our own that do the work, with all that they call."""
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for stack, count in stacks:
        own[stack[-1]] += count
        for name in {name for name in stack if ours(name)}:
            whole[name] += count
    all_of_it = max(1, own.total())
    return [(n, c / all_of_it) for n, c in own.most_common(most)], [(n, c / all_of_it) for n, c in whole.most_common(most)]


def ours(name: str) -> bool:
    """Whether the function is the product's own, and not of what starts and watches its processes."""
    return any(f"({package}" in name for package in PACKAGES) and not any(f"({part}" in name for part in AROUND)


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
