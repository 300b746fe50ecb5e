"""The project's papers taken apart: code spans, fenced blocks, tables, headings and links."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_FENCE = re.compile(r"^([ \t]*)```(\w*)\n(.*?)^[ \t]*```[ \t]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    language: str
    text: str


def text_of(paper: Path) -> str:
    return paper.read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    return [Block(language, textwrap.dedent(body)) for _, language, body in _FENCE.findall(text)]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def spans(text: str) -> list[str]:
    """Code spans of the prose, each on one line."""
    return [" ".join(found.split()) for found in re.findall(r"`([^`]+)`", prose(text))]


def headings(text: str) -> list[tuple[int, str]]:
    return [(len(marks), words.strip()) for marks, words in re.findall(r"^(#{1,6}) (.+)$", prose(text), re.MULTILINE)]


def anchor(words: str) -> str:
    """The address that a heading gets: small letters, hyphens for blanks, nothing else but letters and digits."""
    return re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", prose(text))


def sections(text: str) -> dict[str, str]:
    """Heading -> what stands below it until the next heading."""
    parts = re.split(r"^#{1,6} (.+)$", prose(text), flags=re.MULTILINE)
    return dict(zip((words.strip() for words in parts[1::2]), parts[2::2], strict=True))


def rows(section: str) -> list[list[str]]:
    """The cells of a section's tables, without their heads."""
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    rules = {i for i, row in enumerate(cells) if all(re.fullmatch(r":?-+:?", cell) for cell in row)}
    return [row for i, row in enumerate(cells) if i not in rules and i + 1 not in rules]


def word(cell: str) -> str:
    """The one code span of a cell."""
    return cell.strip("`")


def said_commands(text: str) -> Iterator[list[str]]:
    """Every command line that a paper tells people to type, as words, without `sudo` and the like before it."""
    shell = (line for block in blocks(text) if block.language == "sh" for line in re.split(r"\n|&&", block.text))
    for line in (*shell, *spans(text)):
        words = _words(line)
        if words[:2] == ["sudo", "-u"]:
            words = words[3:]
        if words[:1] == ["sudo"]:
            words = words[1:]
        if words[:2] == ["docker", "compose"] and "exec" in words:
            words = words[words.index("exec") + 2 :]
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words = words[1:]
        if words:
            yield [Path(words[0]).name, *words[1:]]


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:  # an apostrophe: no command
        return []
