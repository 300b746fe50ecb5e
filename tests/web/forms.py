"""Filling in the pages' forms as a browser would: from what the page holds, not from what we know."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class Form(HTMLParser):
    """The page's form: where it goes, its fields with their present values, and every tag of the page."""

    action: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _area: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        name = given.get("name", "")
        if tag == "form":
            self.action = given["action"]
        if tag == "input" and name:
            self.names.add(name)
            if given["type"] in ("hidden", "text") or "checked" in given:
                self.fields[name] = given.get("value", "")
        self._area = name if tag == "textarea" else self._area
        if tag == "textarea":
            self.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def read(response: TestResponse) -> Form:
    form = Form()
    form.feed(response.get_data(as_text=True))
    return form


def photo(content: bytes, name: str = "foto.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def fill_in(client: FlaskClient, link: str, **changes: Any) -> TestResponse:
    """Open the link, change fields (`stars__1042_1` is the field `stars-1042-1`), send, follow to the page that answers."""
    form = read(client.get(link))
    renamed = {name.replace("__", "-").replace("_", "-"): value for name, value in changes.items()}
    return client.post(form.action, data={**form.fields, **renamed}, content_type="multipart/form-data", follow_redirects=True)
