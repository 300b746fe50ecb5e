"""Care tips and manuals."""

from __future__ import annotations

from postventa.emails.blocks.items import picture
from postventa.emails.blocks.links import ghosts
from postventa.emails.clean import isolated, lines, web_url
from postventa.emails.layout import markup
from postventa.emails.view import Piece, View, shown, together
from postventa.events import LineSnapshot


def tips(view: View, _: str) -> Piece:
    """Item by item: its name, then the tips' text or a button to the manual."""
    return together(_tip(view, line, words) for line, words in view.mail.tips)


def _tip(view: View, line: LineSnapshot, words: str) -> Piece:
    manual = web_url(words)
    if manual:
        return together([_title(view, line), ghosts(view, [(view.word("manual"), manual)])], "\n")
    told = [isolated(text) for text in lines(words).split("\n\n") if text]
    body = together(Piece(view.html("text", words=text), text) for text in told)
    return together([_title(view, line), body], "\n") if body else Piece()


def _title(view: View, line: LineSnapshot) -> Piece:
    title = shown(line.title)
    image = web_url(line.image_url)
    if not image:
        return view.heading(title)
    row = view.kit.make("rated", picture=picture(view.kit, image), title=markup(title), details="")
    return Piece(view.kit.make("items", rows=row), title)
