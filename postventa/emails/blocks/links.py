"""Buttons."""

from __future__ import annotations

from html import escape

from postventa.emails.clean import web_url
from postventa.emails.view import Piece, View


def button(view: View, words: str) -> Piece:
    """The mail's one big button, to the order's own page; nothing where there is no page to go to."""
    if not view.page_url or not words:
        return Piece()
    return Piece(view.html("button", href=view.page_url, label=words), f"{words}{view.colon} {view.page_url}")


def return_entry(view: View, words: str) -> Piece:
    """A quieter button, to send something back; nothing where there is no page for it."""
    url = web_url(view.mail.return_url)
    return ghosts(view, [(words, url)] if url and words else [])


def ghosts(view: View, links: list[tuple[str, str]]) -> Piece:
    """Quieter buttons, all alike: (words, address)."""
    if not links:
        return Piece()
    rows = "".join(view.html("ghost", href=url, label=words) for words, url in links)
    return Piece(view.kit.make("ghosts", rows=rows), "\n".join(f"{words}{view.colon} {url}" for words, url in links))


def mail_link(address: str) -> str:
    """A mail address that can be tapped (HTML); the address has been checked."""
    safe = escape(address)
    return f'<a href="mailto:{safe}">{safe}</a>'
