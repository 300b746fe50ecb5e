"""Reads a mail's HTML as a person and as a checker would."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from postventa.emails import Rendered

VOID = {"meta", "img", "br", "link", "hr", "input"}
SILENT = {"style", "script", "title", "head", "xml"}


@dataclass
class Page(HTMLParser):
    """What stands in a page: visible words, links, tags with their attributes."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    data: list[Any] = field(default_factory=list)
    open: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        if tag == "a":
            self.links.append(values.get("href", ""))
        if tag not in VOID:
            hidden = tag in SILENT or "display:none" in values.get("style", "") or values.get("aria-hidden") == "true"
            self.open.append((tag, hidden))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] == "script":
            self.data.append(json.loads(data))
        elif not any(hidden for _, hidden in self.open) and data.strip():
            self.words.append(" ".join(data.split()))

    def named(self, tag: str) -> list[dict[str, str]]:
        return [values for name, values in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(self.words)


def read(html: str) -> Page:
    """The page; fails when its tags do not close one another."""
    page = Page()
    page.feed(re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL))
    page.close()
    assert page.open == [], f"never closed: {page.open}"
    return page


def missing_in_text(mail: Rendered) -> list[str]:
    """What the HTML says and the text does not: pieces of words, and addresses of links."""
    text = " ".join(re.sub("[\u2068\u2069]", "", mail.text).split())
    page = read(mail.html)
    words = [re.sub("[\u2068\u2069]", "", piece) for piece in page.words]
    gone = [piece for piece in words if piece not in text and piece != "★"]
    bare = (link.removeprefix("mailto:").partition("tel:")[0] for link in page.links)
    shop_site = "https://zapaterialola.example"  # written without its scheme in both parts
    return gone + [link for link in bare if link and link not in text and link != shop_site]
