"""From where somebody asks, as the rules for signing in want it."""

from __future__ import annotations

from flask import request

from postventa.accounts.limits import network
from postventa.accounts.sign_in import Caller
from postventa.clock import real_now
from postventa.web.portal.page import services
from postventa.web.staff import browsers


def caller() -> Caller:
    """The request's network and browser, and this very moment."""
    service = services()
    return Caller(service.engine, service.secret, network(request.remote_addr), browsers.short(request.user_agent.string), real_now())
