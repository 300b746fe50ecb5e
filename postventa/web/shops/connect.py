"""/shops/connect: from the address that somebody types to a connected shop. Each step is a form; what takes time is a job's."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from connectors.shops.woocommerce.approval import well_formed
from connectors.shops.woocommerce.rest import Keys
from jobs import connect_woocommerce as connecting
from postventa import shops
from postventa.accounts.roles import Right
from postventa.clock import real_now
from postventa.connecting import visits
from postventa.connecting.public import callback_trouble
from postventa.connecting.store import Approvals
from postventa.models import ShopVisit
from postventa.models.db import reading, transaction
from postventa.web.portal.page import services
from postventa.web.shops.page import account, ask, render, say
from postventa.web.staff.guard import require

CONNECT = Right.SHOPS_CONNECT
MAX_ADDRESS = 500
SLOW = 60
"""Seconds after which the page says that it takes long."""


@require(CONNECT)
def choose() -> AnyResponse:
    """WooCommerce or Shopify. Whoever comes from the plugin of a WooCommerce shop has chosen."""
    return redirect(url_for("shops.address", url=request.args["url"]), 303) if "url" in request.args else render("choose.html")


@require(CONNECT)
def address() -> Response:
    """Where is your shop? `url` only fills in the form: nothing is asked of an address before the merchant presses the button."""
    return render("address.html", typed=request.args.get("url", "")[:MAX_ADDRESS])


@require(CONNECT)
def look_at() -> AnyResponse:
    """Have the shop at that address looked at."""
    typed = request.form.get("address", "").strip()
    if not typed or len(typed) > MAX_ADDRESS:
        return render("address.html", 422, problem=say("address-unreadable"), typed=typed[:MAX_ADDRESS])
    with transaction(services().engine) as session:
        if visits.too_many(session, account()):
            return render("address.html", 429, problem=say("too-many"), typed=typed)
        row = visits.begin(session, account(), "look", typed)
        number, ref = row.id, row.ref
    ask(number)
    return redirect(url_for("shops.visit", ref=ref), 303)


@require(CONNECT)
def visit(ref: str) -> AnyResponse:
    """What was found, and the next step; until then the page comes again by itself."""
    return _page(ref)


@require(CONNECT)
def look_again(ref: str) -> AnyResponse:
    """Ask once more: something was put right in the shop. An approval that still counts is tried again."""
    with transaction(services().engine) as session:
        row = mine(session, ref, locked=True)
        if visits.too_many(session, account()):
            return render("message.html", 429, title=say("too-many"), back=url_for("shops.visit", ref=ref))
        if row.state != "done" and not visits.given_up(row):
            return redirect(url_for("shops.visit", ref=ref), 303)
        held = Approvals(services().engine, services().secret).approved(row.approval, account()) if row.approval else None
        visits.ask_anew(row, "approval" if held else "look")
        number = row.id
    ask(number)
    return redirect(url_for("shops.visit", ref=ref), 303)


@require(CONNECT)
def paste(ref: str) -> AnyResponse:
    """Keys that were made by hand: tried by a job, kept sealed until then."""
    keys = Keys(request.form.get("key", "").strip(), request.form.get("secret", "").strip())
    if not well_formed(keys):
        return _page(ref, say("keys-malformed"))
    with transaction(services().engine) as session:
        row = mine(session, ref, locked=True)
        if row.state != "done" or _connected(row):
            return redirect(url_for("shops.visit", ref=ref), 303)
        visits.hide(row, services().secret, {"key": keys.key, "secret": keys.secret})
        visits.ask_anew(row, "keys")
        number = row.id
    ask(number)
    return redirect(url_for("shops.visit", ref=ref), 303)


def _page(ref: str, problem: str = "") -> AnyResponse:
    service = services()
    with reading(service.engine) as session:
        row = mine(session, ref)
        fresh = row.shop_id is None and bool(row.result.get("works"))
        other = connecting.already(shops.all_of(session, service.settings, service.secret), row.typed) if fresh else None
    gone = visits.given_up(row)
    if row.state != "done" and not gone:
        slow = (real_now() - row.asked_at).total_seconds() > SLOW
        return render("waiting.html", waits=True, visit=row, slow=slow)
    if _connected(row):
        return redirect(_onwards(row), 303)
    told = {"reason": "our-fault"} if gone else row.result
    known: dict[str, Any] = {"visit": row, "told": told, "other": other, "trouble": callback_trouble(service.settings), "problem": problem}
    return render("visit.html", 422 if problem else 200, **known, pastes=_worth_pasting(row))


def _worth_pasting(row: ShopVisit) -> bool:
    """Whether keys may help: they were tried already, nothing is wrong, or the API is shut to strangers only."""
    found = row.result.get("findings")
    wrong = {one["name"] for one in found if one["state"] == "fail"} if isinstance(found, list) else set()
    return row.kind != "look" or (bool(found) and wrong <= {"api-off"})


def _connected(row: ShopVisit) -> bool:
    """Whether this walk is at its end: the shop has its keys."""
    return row.kind in ("keys", "approval") and row.state == "done" and bool(row.result.get("works")) and row.shop_id is not None


def _onwards(row: ShopVisit) -> str:
    if row.result.get("new"):
        return url_for("shops.statuses", number=row.shop_id, new=1)
    return url_for("shops.shop", number=row.shop_id, saved="keys")


def mine(session: Session, ref: str, *, locked: bool = False) -> ShopVisit:
    """The walk at that address, if it is this account's; ends the request with 404."""
    row = visits.mine(session, ref, account(), locked=locked)
    if row is None or row.kind not in ("look", "keys", "approval"):
        abort(404)
    return row
