"""The language of a customer page: the order's or the shop's, until somebody chooses another. The choice stands in the address: no cookie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for

from postventa.locale import languages
from postventa.web.portal.page import Face

NAMES = {
    "es": "Español",
    "ca": "Català",
    "gl": "Galego",
    "eu": "Euskara",
    "en": "English",
    "pt": "Português",
    "fr": "Français",
    "de": "Deutsch",
    "it": "Italiano",
}
"""As their speakers write them, Spain's first."""
PARAMETER = "lang"
KEPT = ("purpose", "sent", "number")
"""What else of an address stays when the language changes; anybody can write anything else into one."""
LONGEST = 60
"""Signs of each."""


@dataclass(frozen=True)
class Tongue:
    """One language to choose, and the same page in it."""

    tag: str
    name: str
    url: str


def asked() -> str:
    """The language that the address names; empty if it names none of ours."""
    tag = request.args.get(PARAMETER, "")
    return tag if tag in languages() else ""


def chosen(shop: Face) -> Face:
    """The shop's face in the language that was chosen, else in its own."""
    return replace(shop, language=asked()) if asked() else shop


def offer() -> list[Tongue]:
    """All languages, each with this page's own address."""
    kept = {name: request.args[name][:LONGEST] for name in KEPT if name in request.args}
    here: dict[str, Any] = {**(request.view_args or {}), **kept}
    endpoint = {"portal.ask_look_up": "portal.look_up"}.get(request.endpoint or "", request.endpoint or "")
    return [Tongue(tag, name, url_for(endpoint, **{**here, PARAMETER: tag})) for tag, name in NAMES.items() if tag in languages()]
