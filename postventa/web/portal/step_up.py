"""Before a customer page shows or changes personal data: has whoever asks proved that they read the mails of the order's address?

A page that needs it begins with two lines, in the view that shows and in the view that changes alike:

    if (ask := step_up.required(session, order, Purpose.ADDRESS, token, back="portal.address")) is not None:
        return ask

Proved it is by a code (`step_up_page.py`), or by a link that was asked for within the last ten minutes (it came by mail, too). Nothing that is done
with an old link proves anything. A proof is a sealed cookie, good for that order, purpose and half an hour. The withdrawal function never asks: the
law wants it open.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import g, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from postventa import links, track_links
from postventa.clock import now
from postventa.models import Link, Order
from postventa.step_up import Purpose, Scope, proof
from postventa.web.portal import guard, tongues
from postventa.web.portal.page import STOREFRONT, services

FRESH = timedelta(minutes=10)
"""So long a link that was asked for proves by itself that its mail was read."""
SECURE, PLAIN = "__Host-postventa-", "postventa-"
"""What the cookies' names begin with, by https and without."""
ADDRESS = "step-up"
"""Purpose of the seal of the page's own address: where it leads back to is nobody else's to say."""


def required(session: Session, order: Order, purpose: Purpose, token: str, back: str, number: str = "", rest: str = "") -> Redirect | None:
    """None: go on. Else the way to the page that asks for a code, and comes back by GET.

    `token`: of the link by which the order is open here; `back`: the endpoint to come back to, which takes `token` and, if there is one, `number`;
    `number`: of a return; `rest`: the query of the page to come back to, with what was chosen on the way there.
    """
    return None if proved(session, order, purpose, token) else redirect(address(purpose, token, back, number, rest), 303)


def proved(session: Session, order: Order, purpose: Purpose, token: str) -> bool:
    """Whether it is. Changes nothing but the reader's cookies."""
    scope = Scope.of(order, purpose)
    if proof.holds(services().secret, scope, request.cookies.get(_name(scope), ""), now()):
        return True
    if not _fresh(session, order, token):
        return False
    grant(order, purpose)
    return True


def grant(order: Order, purpose: Purpose) -> None:
    """Let the reader's browser pass for half an hour."""
    scope = Scope.of(order, purpose)
    g.setdefault("proofs", {})[_name(scope)] = proof.made(services().secret, scope, now())


def write(response: Response) -> Response:
    """After every request: the cookies of what was granted."""
    given: dict[str, str] = g.get("proofs", {})
    for name, value in given.items():
        age = int(proof.LIVES.total_seconds())
        response.set_cookie(name, value, max_age=age, path="/", secure=_https(), httponly=True, samesite="Lax")
    return response


def address(purpose: Purpose, token: str, back: str, number: str = "", rest: str = "", **more: str) -> str:
    """Where the code is asked for: under a name at which cookies come through, which they do not in a Shopify storefront."""
    known: dict[str, Any] = {"purpose": purpose, "token": token, "back": back, "number": number or None, "rest": rest or None}
    known |= {"lang": tongues.asked() or None, "mark": mark(purpose, token, back, number, rest)}
    return at_home(url_for("portal.code", **{**known, **more}))


def at_home(path: str) -> str:
    """The same page of ours where it keeps cookies."""
    return services().settings.public_url + path.removeprefix(request.script_root) if STOREFRONT in request.environ else path


def mark(purpose: Purpose, token: str, back: str, number: str, rest: str = "") -> str:
    """Proves that all else of the address is ours."""
    return guard.seal(ADDRESS, "\n".join((purpose, token, back, number, *((rest,) if rest else ()))))


def _fresh(session: Session, order: Order, token: str) -> bool:
    """Whether that is a link asked for just now: nobody has it but whoever opened its mail, at the address that the order has now."""
    asked_for = select(Link).where(Link.token_hash == links.fingerprint(token), Link.purpose.in_(track_links.PURPOSES), Link.effect_id.is_not(None))
    link = session.scalar(asked_for.where(Link.order_id == order.id))
    if link is None or link.email.strip().lower() != order.email.strip().lower():
        return False
    return links.alive(link, now()) and now() - link.created_at < FRESH


def _name(scope: Scope) -> str:
    return (SECURE if _https() else PLAIN) + proof.name(services().secret, scope)


def _https() -> bool:
    """Without it nothing on the way is secret: such an installation is for trying out, and the link itself is in the clear there."""
    return services().settings.public_url.startswith("https://")
