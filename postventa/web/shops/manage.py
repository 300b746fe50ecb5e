"""What the buttons of a shop's page do: look again, new keys, hold all mails and let them go."""

from __future__ import annotations

from flask import abort, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from postventa import holding
from postventa.accounts.roles import Right
from postventa.connecting import visits
from postventa.connecting.visits import Kind
from postventa.models.db import transaction
from postventa.shops import ConnectedShop
from postventa.web.portal.page import services
from postventa.web.shops.page import Found, account, actor, ask, found, render, say
from postventa.web.staff.guard import require


@require(Right.SHOPS_CONNECT)
def look(number: int) -> AnyResponse:
    """Ask the shop how it stands now; its page shows it."""
    return _asked(number, "again", url_for("shops.shop", number=number))


@require(Right.SHOPS_CONNECT)
def new_keys(number: int) -> AnyResponse:
    """The same walk as at the beginning, for a shop that is connected."""
    return _asked(number, "look", "")


@require(Right.SETTINGS_WRITE)
def hold(number: int) -> AnyResponse:
    """Nothing goes out for this shop until somebody lets it go on."""
    return _held(number, True)


@require(Right.SETTINGS_WRITE)
def release(number: int) -> AnyResponse:
    """What waited goes out, unless it is no news any more."""
    return _held(number, False)


def _asked(number: int, kind: Kind, leads_to: str) -> AnyResponse:
    with transaction(services().engine) as session:
        shop = _living(found(session, number))
        if kind == "look" and (shop.platform != "woocommerce" or _of_file(session, number)):
            abort(404)
        if visits.too_many(session, account()):
            return render("message.html", 429, title=say("too-many"), back=url_for("shops.shop", number=number))
        row = visits.waiting_for(session, number) if kind == "again" else None
        row = row if row is not None and not visits.given_up(row) else visits.begin(session, account(), kind, shop.settings.url, number)
        visit, ref = row.id, row.ref
    ask(visit)
    return redirect(leads_to or url_for("shops.visit", ref=ref), 303)


def _held(number: int, held: bool) -> AnyResponse:
    with transaction(services().engine) as session:
        shop = _living(found(session, number))
        if not held and shop.settings.hold:
            abort(404)  # the configuration file holds it
        holding.hold(session, number, held, actor())
    return redirect(url_for("shops.shop", number=number, saved="held" if held else "released"), 303)


def _living(it: Found) -> ConnectedShop:
    """The shop, if anything can be asked of it or held."""
    return it.shop if it.shop is not None else abort(404)


def _of_file(session: Session, number: int) -> bool:
    return found(session, number).row.from_file
