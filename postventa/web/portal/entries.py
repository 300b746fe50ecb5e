"""What a shop's customers may want, as far as this service has pages for it."""

from __future__ import annotations

from typing import NamedTuple

from flask import current_app

from postventa.models import Shop
from postventa.web.portal.addresses import public_name
from postventa.web.portal.page import _

WANTED = {
    "track": _("Saber dónde está mi pedido"),
    "returns": _("Devolver o cambiar algo"),
    "withdraw": _("Desistir del contrato aquí"),
}
"""The first part of a page's path (`/track/<shop>`) -> what the link to it says. For the withdrawal these are the words of the law."""


class Entry(NamedTuple):
    """A page. `path`: below whatever the address begins with."""

    words: str
    path: str


def entries(shop: Shop) -> list[Entry]:
    """That shop's pages."""
    rules = [rule.rule for rule in current_app.url_map.iter_rules()]
    there = [name for name in WANTED if any(rule.startswith(f"/{name}/<") for rule in rules)]
    return [Entry(WANTED[name], f"/{name}/{public_name(shop)}") for name in there]
