"""Calling an exchange off, on the page of its return: what comes instead, and what becomes of the wish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from sqlalchemy.orm import Session

from jobs import call_off
from jobs.deeds import swapped
from postventa.clock import now
from postventa.models import ReturnCase
from postventa.models.db import transaction
from postventa.returns.spoken import resolution_word
from postventa.web.portal import guard
from postventa.web.portal.page import services
from postventa.web.returns.sheet import Option, money
from postventa.web.returns.visit import Visit

FORM = "return-swap-off"
"""Purpose of its form's seal."""
PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Offer:
    """What may come instead; empty: it cannot be called off. `waits`: the shop is letting it go, and the page comes again."""

    options: tuple[Option, ...] = ()
    seal: str = ""
    waits: bool = False


def offer(session: Session, it: Visit, case: ReturnCase) -> Offer:
    """As things stand. Changes nothing."""
    exchange, standing = call_off.standing_of(session, case)
    if standing in (call_off.LEAVING, call_off.OFF) and exchange is not None:
        calling = exchange.data.get(swapped.CALLING)
        since = exchange.data.get("off_at") or (calling["at"] if isinstance(calling, dict) else "")
        return Offer(waits=bool(since) and now() - datetime.fromisoformat(str(since)) < PATIENCE)
    found = call_off.offered(session, it.shop, it.order, case)
    options = tuple(
        Option(resolution, resolution_word(it.face.language, resolution), "", money(it, answer.sums.credit)) for resolution, answer in found.items()
    )
    return Offer(options, guard.seal(FORM, f"{it.token}:{case.number}") if options else "")


def is_meant() -> bool:
    """Whether the form that came is this one."""
    return "instead" in request.form


def do(it: Visit, number: str) -> None:
    """Raises `call_off.NotNow`, and `ValueError` for what is not offered."""
    with transaction(services().engine) as session:
        call_off.call_off(session, it.world, it.shop, number, instead=request.form.get("instead", "")[:40], actor="customer")
