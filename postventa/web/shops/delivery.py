"""/shops/<number>/delivery: until when, at the latest, the shop promises an order to be there; with what that means for an order of now."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.wrappers import Response
from werkzeug.wrappers import Response as AnyResponse

from postventa import audit, promises, shops
from postventa.accounts.roles import Right
from postventa.clock import now
from postventa.config import Delivery, ShopSettings
from postventa.config.delivery import ELSEWHERE, UNION, WEEKDAYS
from postventa.locale.formats import day_name, weekday_of
from postventa.models.db import reading, transaction
from postventa.national_holidays import FIXED
from postventa.regional_holidays import PROVINCES
from postventa.shops import ConnectedShop
from postventa.web.portal.page import services
from postventa.web.shops import delivery_form as form
from postventa.web.shops.page import Found, actor, found, render
from postventa.web.staff.guard import require
from postventa.web.staff.page import language


@require(Right.ORDERS_READ)
def show(number: int) -> Response:
    """What holds now."""
    with reading(services().engine) as session:
        it = found(session, number)
    own = _settings(it)
    return _page(it, own, form.stored(own.delivery), own.delivery)


@require(Right.SETTINGS_WRITE)
def keep(number: int) -> AnyResponse:
    """Try what was typed, or let it hold from now on."""
    with reading(services().engine) as session:
        it = found(session, number)
    own, typed = _settings(it), form.typed(request.form)
    wishes, wrong = form.read(typed)
    if wishes is None:
        return _page(it, own, typed, None, wrong)
    if request.form.get("do") != "save":
        return _page(it, own, typed, wishes)
    with transaction(services().engine) as session:
        before = shops.promise(session, number, wishes)
        if before is None:
            abort(404)  # the configuration file says it
        was, told = before.model_dump(mode="json"), wishes.model_dump(mode="json")
        audit.record(session, actor(), "shop.delivery", shop_id=number, subject=f"shop {number}", before=was, after=told)
    return redirect(url_for("shops.shop", number=number, saved="delivery"), 303)


def example(own: ShopSettings, wishes: Delivery) -> list[tuple[str, str]]:
    """(destination, last day) of an order of this moment, in the browser's language."""
    shop, instant, shown = own.model_copy(update={"delivery": wishes}), now(), []
    for place in form.in_order(wishes.days):
        day = promises.last_day(shop, instant, *_somewhere(wishes, place))
        if day is not None:
            shown.append((form.name_of(place), weekday_of(day, language())))
    return shown


def _settings(it: Found) -> ShopSettings:
    shop: ConnectedShop = it.shop or abort(404)
    return shop.settings


def _somewhere(wishes: Delivery, place: str) -> tuple[str, str]:
    """A country and a postcode that the destination means; of those that are many, one that no other names."""
    if place in PROVINCES:
        return "ES", f"{PROVINCES[place][:2]}001"
    many = {UNION: [country for country in FIXED if country not in wishes.days], ELSEWHERE: ["US", "JP", "AU"]}.get(place, [place])
    return next((country for country in many if country not in wishes.days or country == place), ""), ""


def _page(it: Found, own: ShopSettings, typed: form.Typed, wishes: Delivery | None, wrong: list[str] | None = None) -> Response:
    names = [(name, day_name(number, language())) for number, name in enumerate(WEEKDAYS)]
    return render(
        "delivery.html",
        422 if wrong else 200,
        row=it.row,
        own=own,
        typed=typed,
        examples=example(own, wishes) if wishes is not None else [],
        wrong=wrong or [],
        weekdays=names,
        places=[(place, form.name_of(place)) for place in form.places(typed)],
        tried=request.method == "POST",
        file=services().settings.source.name,
    )
