"""/t/<token>: where is it? The page of one order, for whoever has a link of its mails. It only shows: no form, no script, no cookie."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import g, request
from flask.wrappers import Response
from sqlalchemy.orm import Session

from postventa import products, track_links
from postventa.clock import now
from postventa.config import Brand
from postventa.dossier import Dossier, load_one
from postventa.followups.load import view
from postventa.models import Order, OrderLine, Shop
from postventa.models.db import reading
from postventa.shops import ConnectedShop, still_known
from postventa.tracking.journeys import zone_of
from postventa.web.portal import addresses, tongues, track_told, track_withdraw
from postventa.web.portal.page import face, of_shop, render, services, stranger
from postventa.web.portal.track_sheet import Reader, Sheet, sheet
from postventa.web.portal.track_story import tell
from postventa.web.portal.track_words import OVER, UNKNOWN

SHOPIFYS = "https://cdn.shopify.com"
"""Where Shopify keeps the pictures of all its shops; no other host but the shop's own is asked for anything."""


def show(token: str) -> Response:
    """The order as it stands."""
    with reading(services().engine) as session:
        found = track_links.find(session, services().secret, token, now())
        order = found.order if found is not None and not _hidden(found.order) else None
        shop = session.get_one(Shop, order.shop_id) if order is not None else addresses.only_shop(session)
        g.face = tongues.chosen(face(shop, order) if shop is not None else stranger())
        if order is None or shop is None or found is None:
            return _no_order(shop, UNKNOWN, 404)
        if found.over:
            return _no_order(shop, OVER, 410)
        known, dossier = still_known(shop, services().settings), load_one(session, order)
        seen = _sheet(session, shop, known, dossier)
    g.pictures = sorted({f"https://{urlsplit(item.image).netloc}" for box in seen.boxes for item in box.items if item.image})
    returns, withdraw = addresses.returns(shop, tongues.asked()), track_withdraw.offer(known, dossier, g.face.language)
    response = render("track.html", g.face, seen=seen, returns=returns, withdraw=withdraw, tongues=tongues.offer())
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _hidden(order: Order) -> bool:
    """Nobody is told of it: the customer's data were erased, or it is no order (any more)."""
    return order.erased_at is not None or order.trashed or order.test


def _no_order(shop: Shop | None, words: tuple[str, str], status: int) -> Response:
    """What there is to say instead, with the way to another link where it is known whose page this is."""
    way = addresses.look_up(shop, lang=tongues.asked()) if shop is not None else ""
    return render("track_none.html", g.face, status, title=words[0], text=words[1], way=way, tongues=tongues.offer())


def _sheet(session: Session, shop: Shop, known: ConnectedShop, dossier: Dossier) -> Sheet:
    order, own = dossier.order, known.settings
    facts = view(dossier, own)
    zone, home = zone_of(order.timezone, known), own.country
    here = now().astimezone(zone).date()
    ways = track_told.lanes(session, known, dossier), zone, here, track_told.told(session, dossier)
    story = tell(facts, order.paid_at, *ways)
    pictures = pictures_of(session, shop, dossier.lines)
    where = order.shipping_address.get("country", "") or home
    return sheet(story, facts, dossier, pictures, Reader(g.face.language, zone.key, where, home, here))


def pictures_of(session: Session, shop: Shop, lines: list[OrderLine]) -> dict[str, str]:
    """line_ref -> its picture, from the shop's own hosts only."""
    known = products.find(session, shop.id, {line.product_ref for line in lines if not line.image_url})
    brand = Brand.model_validate(shop.settings.get("brand") or {})
    found: dict[str, str] = {}
    for line in lines:
        product = known.get(line.product_ref)
        url = line.image_url or (products.picture(product, line.variant_ref) if product is not None else "")
        if is_own(url, shop, brand):
            found[line.ref] = url
    return found


def is_own(url: str, shop: Shop, brand: Brand) -> bool:
    """Whether a picture lies where the shop keeps its own."""
    return of_shop(url, shop, brand) or (shop.platform == "shopify" and url.startswith(f"{SHOPIFYS}/"))
