"""Who may see a page, and did its form come from us? Asked before every view of a dressed blueprint, so that no view can forget it.

A view says what it needs with `@require(...)`; one that says nothing is shut.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from postventa.accounts import sessions
from postventa.accounts.roles import Right, may
from postventa.accounts.tokens import same
from postventa.clock import real_now
from postventa.models.db import reading, transaction
from postventa.web.portal.page import services
from postventa.web.staff import cookies, headers, mishaps
from postventa.web.staff.page import csrf, visitor

View = TypeVar("View", bound=Callable[..., Any])
NEEDS, FRESH, MOST = "staff_needs", "staff_fresh", "staff_most"
EVERYBODY, SIGNED_IN = "everybody", "signed in"
FIELD = "csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_FORM = 64 * 1024
TOO_LARGE = 2**63
"""No row has such a number: no database would take it."""
HOME = "/shops"
"""Where somebody lands after signing in; whoever may not see it is led on from there."""
INSIDE = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,500}")


def require(right: Right | str, *, fresh: bool = False, most: int = MAX_FORM) -> Callable[[View], View]:
    """Only for who is signed in with that right (`EVERYBODY`: for all; `SIGNED_IN`: for every role). `fresh`: who signed in a moment ago.

    `most`: bytes of its form; more than usual is read of nobody else.
    """

    def mark(view: View) -> View:
        setattr(view, NEEDS, right)
        setattr(view, FRESH, fresh)
        setattr(view, MOST, most)
        return view

    return mark


def dress(blueprint: Blueprint) -> None:
    """Give a blueprint's views this guard, the headers, the cookie and the error pages."""
    blueprint.before_request(enforce)
    blueprint.after_request(cookies.write)
    blueprint.after_request(headers.protect)
    mishaps.register(blueprint)


def enforce() -> AnyResponse | None:
    """The answer for who may not come in; None: they may."""
    if (request.endpoint or "").endswith(".static"):
        return None
    view = current_app.view_functions[request.endpoint or ""]
    request.max_content_length = getattr(view, MOST, MAX_FORM)
    if not cookies.allowed():
        return mishaps.needs_https()
    if request.max_content_length > MAX_FORM and _look() is None:
        request.max_content_length = MAX_FORM
    if request.method not in SAFE and not _is_ours():
        return mishaps.not_ours()
    g.visitor = _look()
    refusal = _judge(view)
    if refusal is None and any(isinstance(value, int) and value >= TOO_LARGE for value in (request.view_args or {}).values()):
        abort(404)
    return refusal


def home(wish: str) -> str:
    """Where to go after signing in: within these pages only."""
    return wish if INSIDE.fullmatch(wish) else HOME


def _judge(view: Callable[..., Any]) -> AnyResponse | None:
    needs, found = getattr(view, NEEDS, ""), visitor()
    if needs == EVERYBODY:
        return None
    if found is None:
        return _to_sign_in()
    if needs != SIGNED_IN and not (needs in list(Right) and may(found.account.role, Right(needs))):
        return mishaps.not_allowed()
    return None if not getattr(view, FRESH, False) or sessions.fresh(found, real_now()) else _to_sign_in(again=True)


def _to_sign_in(*, again: bool = False) -> AnyResponse:
    """And back afterwards: to the page that was asked for, or that had the form."""
    path = request.full_path.rstrip("?") if request.method in SAFE else "/".join(request.path.split("/")[:3])
    return redirect(url_for("staff.sign_in", next=path, again="1" if again else None), 303)


def _look() -> sessions.Visitor | None:
    now, engine = real_now(), services().engine
    with reading(engine) as session:
        found = sessions.find(session, cookies.browser(), now)
    if found is not None and sessions.to_note(found, now):
        with transaction(engine) as session:
            sessions.note(session, found, now)
    return found


def _is_ours() -> bool:
    """The browser must not name another site as the sender, and the form holds what only a page for this browser could know."""
    return not _from_elsewhere() and same(request.form.get(FIELD, ""), csrf())


def _from_elsewhere() -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin")
    known = (request.host, urlsplit(services().settings.public_url).netloc)
    return origin is not None and urlsplit(origin).netloc not in known
