"""What the pages about shops share: who asks, which shop, how a question to a shop is put, and pages that come again by themselves."""

from __future__ import annotations

from typing import NamedTuple, cast

from flask import abort, current_app
from flask.wrappers import Response
from redis import Redis
from sqlalchemy.orm import Session

from jobs import look_at_shop
from postventa import shops
from postventa.connecting.words import SENTENCES, sentence
from postventa.models import Shop
from postventa.shops import ConnectedShop
from postventa.web.portal.page import services
from postventa.web.shops import words
from postventa.web.staff.page import language, show, t, visitor

AGAIN = "3"
"""Seconds after which a page that waits comes again; `Refresh` works without a script."""


class Found(NamedTuple):
    """A shop's row; `shop`: with its settings, unless it is disconnected or gone from the configuration."""

    row: Shop
    shop: ConnectedShop | None


def render(template: str, status: int = 200, *, waits: bool = False, **values: object) -> Response:
    """A page of this package's. `waits`: it comes again by itself."""
    response = show(f"shops/{template}", status, say=say, waits=waits, step_words=words.STEPS, **values)
    if waits:
        response.headers["Refresh"] = AGAIN
    return response


def say(name: str, facts: dict[str, str] | None = None) -> str:
    """A finding's, or a reason's, sentence in the browser's language."""
    return sentence(name, language(), facts) if name in SENTENCES else t(words.REASONS.get(name, words.REASONS["our-fault"]))


def account() -> str:
    """The number of who asks, as visits and approvals carry it."""
    return str(_visitor_id())


def actor() -> str:
    """Who asks, as the audit log names them."""
    return f"account:{_visitor_id()}"


def found(session: Session, number: int) -> Found:
    """The shop of that number; ends the request with 404."""
    row = session.get(Shop, number)
    if row is None:
        abort(404)
    service = services()
    return Found(row, shops.connected(row, service.settings, service.secret))


def ask(number: int) -> None:
    """Have a visit's job done."""
    look_at_shop.ask(cast("Redis", current_app.extensions["postventa"].redis()), number)


def _visitor_id() -> int:
    known = visitor()
    assert known is not None
    return known.account.id
