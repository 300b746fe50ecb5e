"""A statement of withdrawal as its receipt repeats it."""

from __future__ import annotations

from postventa.emails.clean import isolated, lines
from postventa.emails.layout import markup
from postventa.emails.view import Piece, View, shown


def statement(view: View, _: str) -> Piece:
    """Reference, date and time in the shop's zone and in UTC, and the whole text."""
    data = view.mail.withdrawal
    if data is None:
        return Piece()
    facts = [(shown(name, 60), shown(value, 120)) for name, value in data.facts]
    words = isolated(lines(data.text, 4000))
    inside = "".join(view.html("fact", name=name, value=value, size="16px") for name, value in facts)
    inside += view.html("panel_title", words=data.title) + view.kit.make("panel_item", words=markup(words))
    told = "\n".join(f"{name}{view.colon} {value}" if name else value for name, value in facts)
    return Piece(view.kit.make("panel", inside=inside), f"{told}\n\n{data.title}\n{words}")
