"""One way to render the pages for Shopify, in the language of the admin that shows them, else of the browser."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import make_response, render_template, request
from flask.wrappers import Response

from postventa.locale import choose, languages
from postventa.web.portal.page import say, services
from postventa.web.shopify import headers
from postventa.web.shopify.words import Words
from postventa.web.staff.page import version as staff_version

HERE = Path(__file__).parent


def language() -> str:
    """`locale` of the address, as Shopify's admin sends it, or the browser's; it decides about words only, so it needs no proof."""
    asked = request.args.get("locale", "")
    return choose(asked, _browsers()) if asked else _browsers()


def t(source: str, **names: object) -> str:
    """A text in that language."""
    return say(language(), source, **names)


def shell() -> Response:
    """The app page, which asks for what it shows."""
    return _render("app.html", 200, client_id=services().settings.shopify.client_id, bridge=headers.APP_BRIDGE)


def note(status: int, words: Words, *, inside: bool = False, shop: str = "", link: str = "", **names: object) -> Response:
    """A page that says one thing. `inside`: it may be shown within the admin, too; `link`: where its button leads."""
    if inside:
        headers.open_to(shop)
    said = {"title": t(words.title), "text": t(words.text, **names)}
    return _render("note.html", status, **said, link=link or headers.ADMIN, button=t(words.button) if words.button else "")


def _render(template: str, status: int, **values: object) -> Response:
    shown: dict[str, object] = {"lang": language(), "t": t, "version": version(), "staff_version": staff_version()}
    response = make_response(render_template(f"shopify/{template}", **shown, **values), status)
    response.headers["Content-Language"] = language()
    response.headers["Vary"] = "Accept-Language"
    return response


@cache
def version() -> str:
    """Changes whenever the static files do."""
    return hashlib.sha256(b"".join((HERE / "static" / name).read_bytes() for name in ("app.css", "app.js"))).hexdigest()[:12]


def _browsers() -> str:
    return request.accept_languages.best_match(languages()) or "es"
