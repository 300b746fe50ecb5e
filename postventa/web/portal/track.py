"""/t/<token>: where is it? The page of one order, for whoever has a link of its mails. It only shows: no form, no script, no cookie."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from flask import g, request
from flask.wrappers import Response
from sqlalchemy.orm import Session

from postventa import products, track_links
from postventa.clock import now
from postventa.config import Brand, ShopSettings
from postventa.dossier import Dossier, load_one
from postventa.followups.load import view
from postventa.locale.formats import zone_of
from postventa.models import Order, OrderLine, Shop
from postventa.models.db import reading
from postventa.tracking.lane import Lane, fallback
from postventa.web.portal import addresses, tongues
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
        seen = _sheet(session, shop, order)
    g.pictures = sorted({f"https://{urlsplit(item.image).netloc}" for box in seen.boxes for item in box.items if item.image})
    response = render("track.html", g.face, seen=seen, returns=addresses.returns(shop, tongues.asked()), tongues=tongues.offer())
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


def _sheet(session: Session, shop: Shop, order: Order) -> Sheet:
    dossier = load_one(session, order)
    facts = view(dossier, ShopSettings.model_construct(care_tips={}))
    home = str(shop.settings.get("country") or "ES")
    where = order.shipping_address
    zone = order.timezone or str(shop.settings.get("timezone") or "Europe/Madrid")
    here = today(zone)
    story = tell(facts, order.paid_at, _lanes(dossier, home), zone_of(zone), here)
    pictures = pictures_of(session, shop, dossier.lines)
    return sheet(story, facts, dossier, pictures, Reader(g.face.language, zone, where.get("country", "") or home, home, here))


def _lanes(dossier: Dossier, home: str) -> dict[str, Lane]:
    """Parcel -> how long its way takes. The one place that says where that is known from: the table of `postventa/tracking/lane.py`."""
    where = dossier.order.shipping_address
    lane = fallback(home, where.get("country", ""), where.get("postcode", ""))
    return {parcel.ref: lane for parcel in dossier.parcels} if lane is not None else {}


def today(zone: str) -> date:
    """The day at the customer's."""
    return now().astimezone(zone_of(zone)).date()


def pictures_of(session: Session, shop: Shop, lines: list[OrderLine]) -> dict[str, str]:
    """line_ref -> its picture, from the shop's own hosts only."""
    known = products.find(session, shop.id, {line.product_ref for line in lines if not line.image_url})
    brand = Brand.model_validate(shop.settings.get("brand") or {})
    found: dict[str, str] = {}
    for line in lines:
        product = known.get(line.product_ref)
        url = line.image_url or (products.picture(product, line.variant_ref) if product is not None else "")
        if of_shop(url, shop, brand) or (shop.platform == "shopify" and url.startswith(f"{SHOPIFYS}/")):
            found[line.ref] = url
    return found
