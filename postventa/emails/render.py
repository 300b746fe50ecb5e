"""A mail's words and blocks, put together: subject, preview, HTML and plain text."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from postventa.emails import wording
from postventa.emails.blocks import BLOCKS
from postventa.emails.clean import cut, plain
from postventa.emails.data import MailData
from postventa.emails.facts import facts
from postventa.emails.foot import foot, masthead
from postventa.emails.layout import STRONG, WEAK, kit, markup, without_markup
from postventa.emails.sandbox import Facts, WordingError, fill
from postventa.emails.structured import json_ld
from postventa.emails.view import Piece, View, together
from postventa.value import value

T = TypeVar("T")

log = logging.getLogger(__name__)

SUBJECT, PREVIEW = 78, 110
"""Most signs of a subject and of the preview line."""
FILLER = ("&#847;&zwnj;&nbsp;" * 10 + "\n") * 3
"""Keeps mail programs from showing the mail's first words behind a short preview line."""

_EMPHASIS = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


@value
class Rendered:
    subject: str
    preview: str
    html: str
    text: str


def render(mail: MailData, *, strict: bool = False) -> Rendered:
    """The mail's words. A merchant's text that cannot be used gives way to ours, and the log says so.

    `strict`: an unknown variable or unusable text raises `WordingError` (for tests and previews).
    """
    view = View(mail, kit(mail.shop.brand.colour))
    known = facts(view)
    ours = wording.shipped(mail.followup, mail.language)
    texts = wording.choose(mail.followup, mail.language, mail.wording)

    def part(name: str, build: Callable[[wording.Wording], str]) -> str:
        return _safely(mail, name, lambda: build(texts), lambda: build(ours), strict)

    subject = part("subject", lambda w: _headline(fill(w.subject, known, strict=strict), SUBJECT)) or plain(mail.shop.name, SUBJECT)
    preview = part("preview", lambda w: _headline(fill(w.preview, known, strict=strict), PREVIEW))
    body = _safely(mail, "body", lambda: _body(view, texts, known, subject, strict), lambda: _body(view, ours, known, subject, strict), strict)
    end = foot(view)
    return Rendered(subject, preview, _page(view, subject, preview, body, end), _text(view, body, end))


def _safely(mail: MailData, part: str, theirs: Callable[[], T], ours: Callable[[], T], strict: bool) -> T:
    try:
        return theirs()
    except WordingError as error:
        if strict or not mail.wording.get(part):
            raise
        log.warning("the shop's own %s of %s (%s) cannot be used, ours goes out instead: %s", part, mail.followup, mail.language, error)
        return ours()


def _headline(text: str, longest: int) -> str:
    """One line without emphasis; the isolating signs are for bodies."""
    return cut(plain(_EMPHASIS.sub(r"\1", text), longest * 4), longest)


def _body(view: View, texts: wording.Wording, known: Facts, subject: str, strict: bool) -> Piece:
    """All paragraphs and blocks; exactly one `h1`, whatever the merchant wrote."""
    pieces = [] if any(p.kind == "heading" for p in texts.body) else [_title(view, subject)]
    titled = False
    for paragraph in texts.body:
        words = _words(paragraph.words, known, strict)
        if paragraph.kind == "heading":
            pieces.append(view.heading(without_markup(words)) if titled else _title(view, words or subject))
            titled = True
        elif paragraph.kind == "text":
            pieces.append(Piece(view.html("text", words=words), without_markup(words)) if words else Piece())
        else:
            pieces.append(_block(view, paragraph.kind, words))
    return together(pieces)


def _title(view: View, words: str) -> Piece:
    text = without_markup(words)
    return Piece(view.html("heading", words=text), f"{text}\n{'=' * min(len(text), 60)}")


def _block(view: View, name: str, words: str) -> Piece:
    if name not in BLOCKS:
        raise WordingError(f"there is no block [[{name}]]; there are {', '.join(sorted(BLOCKS))}")
    return BLOCKS[name](view, without_markup(words))


def _words(source: str, known: Facts, strict: bool) -> str:
    """A paragraph's text; `**emphasis**` counts where the author wrote it, not where data has stars."""
    return fill(_emphasised(source), known, strict=strict).strip()


@lru_cache(maxsize=4096)
def _emphasised(source: str) -> str:
    return _EMPHASIS.sub(f"{STRONG}\\1{WEAK}", source)


def _page(view: View, subject: str, preview: str, body: Piece, end: Piece) -> str:
    return view.kit.make(
        "page",
        lang=view.mail.language,
        title=markup(subject),
        preview=markup(preview) + FILLER,
        data=json_ld(view.mail),
        masthead=masthead(view),
        body=body.html,
        foot=end.html,
    )


def _text(view: View, body: Piece, end: Piece) -> str:
    name = plain(view.mail.shop.name, 60)
    return f"{name}\n\n{body.text}\n\n-- \n{end.text}\n"


def problems(part: str, text: str) -> list[str]:
    """What is wrong with a merchant's own `subject`, `preview` or `body`, in words for its author; empty when it can be used."""
    found: list[str] = []
    for paragraph in wording.paragraphs(text) if part == "body" else (wording.Paragraph(text),):
        if paragraph.kind not in ("text", "heading", *BLOCKS):
            found.append(f"there is no block [[{paragraph.kind}]]; there are {', '.join(sorted(BLOCKS))}")
        try:
            fill(paragraph.words, {})
        except WordingError as error:
            found.append(str(error))
    return found
