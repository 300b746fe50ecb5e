"""What a mail says, as paragraphs: our own Spanish texts from the follow-up's folder, translated, or the merchant's own.

A body is paragraphs with an empty line between them. One that starts with `# ` is the heading; `[[items]]` places a block and
`[[button:Ver mi pedido]]` one with words; everything else is text with Liquid placeholders. README.md lists the blocks and variables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from postventa.locale import translate

FOLLOWUPS = Path(__file__).parent.parent / "followups"
PARTS = ("subject", "preview", "body")
_BLOCK = re.compile(r"\[\[\s*([a-z_]+)\s*(?::(.*))?\]\]", re.DOTALL)


@dataclass(frozen=True)
class Paragraph:
    """One piece of a body; `words` is Liquid (empty for a block without words)."""

    words: str
    kind: str = "text"
    """`text`, `heading`, or the name of a block."""


@dataclass(frozen=True)
class Wording:
    """The three parts of a mail's words, as Liquid in the recipient's language."""

    subject: str
    preview: str
    body: tuple[Paragraph, ...]


def read(part: str, followup: str) -> str:
    """The Spanish source of one part; raises `FileNotFoundError` for a follow-up that has no wording."""
    return (FOLLOWUPS / followup / f"{part}.liquid").read_text(encoding="utf-8").strip()


def paragraphs(body: str) -> tuple[Paragraph, ...]:
    """A body taken apart."""
    pieces = (re.sub(r"[ \t]*\n[ \t]*", "\n", piece).strip() for piece in re.split(r"\n\s*\n", body.replace("\r\n", "\n")))
    return tuple(_paragraph(piece) for piece in pieces if piece)


def _paragraph(piece: str) -> Paragraph:
    block = _BLOCK.fullmatch(piece)
    if block:
        return Paragraph((block[2] or "").strip(), block[1])
    if piece.startswith("# "):
        return Paragraph(piece[2:].strip(), "heading")
    return Paragraph(piece)


@cache
def shipped(followup: str, language: str) -> Wording:
    """Our own wording of a follow-up in a language."""
    body = tuple(Paragraph(translate(language, p.words) if p.words else "", p.kind) for p in paragraphs(read("body", followup)))
    return Wording(translate(language, read("subject", followup)), translate(language, read("preview", followup)), body)


def choose(followup: str, language: str, own: Mapping[str, str]) -> Wording:
    """The merchant's own parts where there are any, ours for the rest."""
    ours = shipped(followup, language)
    body = paragraphs(own["body"]) if own.get("body", "").strip() else ours.body
    return Wording(own.get("subject", "").strip() or ours.subject, own.get("preview", "").strip() or ours.preview, body)


def names() -> tuple[str, ...]:
    """The follow-ups that have wording."""
    return tuple(sorted(p.parent.name for p in FOLLOWUPS.glob("*/body.liquid")))
