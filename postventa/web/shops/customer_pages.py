"""Where a shop's customers find its pages: their addresses, to be copied into the shop, and the name under which they are."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from postventa import audit, shops
from postventa.accounts.roles import Right
from postventa.config import host_name
from postventa.models.db import reading, transaction
from postventa.web.portal.addresses import public_name
from postventa.web.portal.entries import entries
from postventa.web.portal.page import services
from postventa.web.shops.page import Found, actor, found, render
from postventa.web.shops.words import NO_NAME, TAKEN_NAME
from postventa.web.staff.guard import require
from postventa.web.staff.page import t


class CustomerPages(NamedTuple):
    """`name`: what stands for the shop in addresses. `links`: (words, whole address)."""

    name: str
    links: list[tuple[str, str]]


def customer_pages(it: Found) -> CustomerPages | None:
    """That shop's; None while it is disconnected."""
    if it.shop is None:
        return None
    begins = services().settings.pages_url(it.shop.settings)
    return CustomerPages(public_name(it.row), [(entry.words, begins + entry.path) for entry in entries(it.row)])


@require(Right.SETTINGS_WRITE)
def keep(number: int) -> AnyResponse:
    """Another name for them, or none."""
    try:
        host = host_name(request.form.get("host", ""))
    except ValueError:
        return _refused(number, NO_NAME)
    if host and _is_taken(number, host):
        return _refused(number, TAKEN_NAME)
    with transaction(services().engine) as session:
        if found(session, number).shop is None:
            abort(404)
        before = shops.name_pages(session, number, host)
        if before is None:
            abort(404)  # the configuration file says it
        audit.record(session, actor(), "shop.pages", shop_id=number, subject=f"shop {number}", before={"host": before}, after={"host": host})
    return redirect(url_for("shops.shop", number=number, saved="pages"), 303)


def _is_taken(number: int, host: str) -> bool:
    """By us, or by another shop."""
    service = services()
    if host in (urlsplit(service.settings.public_url).hostname, service.settings.server.photos_host):
        return True
    with reading(service.engine) as session:
        others = shops.all_of(session, service.settings, service.secret)
    return any(shop.settings.pages_host == host and shop.id != number for shop in others)


def _refused(number: int, words: str) -> AnyResponse:
    return render("message.html", 422, title=t(words), back=url_for("shops.shop", number=number))
