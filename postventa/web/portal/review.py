"""/review/<token>: rate what was bought, item by item. GET only shows, so that mail scanners may open the link; POST stores."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from babel.dates import format_date, get_timezone
from flask import abort, g, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from jobs.deeds.review import offer
from postventa import links, shops
from postventa.clock import now
from postventa.models import Link, Order, Review, Shop
from postventa.models.db import reading, transaction
from postventa.reviews import photos, recovery, store
from postventa.reviews.rules import MAX_NAME, MAX_PHOTOS, MAX_TEXT, Bought, is_low, rateable, shown_name
from postventa.web.portal import guard
from postventa.web.portal import review_form as forms
from postventa.web.portal.page import Face, _, face, render, say, services

PURPOSE = "review"
EXPIRED = (_("Este enlace ya ha caducado"), _("Las opiniones se pueden enviar hasta 30 días después de la entrega. Gracias por querer contarlo."))
NOTHING = (_("Aquí no queda nada por valorar"), _("Los artículos de este pedido aún no se han entregado o ya se han devuelto."))


@dataclass
class Card:
    """One item on the page: of the form, or among what was said already."""

    line: Bought
    stars: int = 0
    text: str = ""
    photos: tuple[str, ...] = ()
    rated: bool = False


@dataclass
class Visit:
    """Everything that the holder of a link may see: one order of one shop, and what was said about it."""

    token: str
    link: Link
    shop: Shop
    order: Order
    face: Face
    author: str
    items: tuple[Bought, ...] = ()
    """What may be rated or changed."""
    reviews: dict[str, Review] = field(default_factory=dict)
    photos: dict[int, list[str]] = field(default_factory=dict)

    def card(self, line: Bought) -> Card:
        said = self.reviews.get(line.ref)
        if said is None:
            return Card(line)
        return Card(line, said.rating, said.body, tuple(self.photos.get(said.id, ())), rated=True)

    @property
    def said(self) -> list[Card]:
        return [self.card(line) for line in self.items if line.ref in self.reviews]

    @property
    def pending(self) -> list[Bought]:
        return [line for line in self.items if line.ref not in self.reviews]


def show(token: str) -> Response:
    """The form, or what was said already. Changes nothing."""
    with reading(services().engine) as session:
        visit = _visit(session, token)
    if closed := _closed(visit):
        return closed
    asked = next((line for line in visit.items if line.ref == request.args.get("item")), None)
    if visit.said and (asked is None and ("done" in request.args or not visit.pending)):
        return _thanks(visit)
    return _form(visit, _cards(visit, asked))


def send(token: str) -> Response | Redirect:
    """Store what the form says; anything that is in order is kept even if a photo is not."""
    request.max_content_length = forms.MAX_FORM
    request.max_form_memory_size = forms.MAX_WORDS
    with reading(services().engine) as session:
        visit = _visit(session, token)
    if closed := _closed(visit):
        return closed
    guard.insist(PURPOSE, token)
    entries = forms.read(visit.items, request.form, request.files)
    author = forms.clean_name(request.form.get("author", ""))
    problems = forms.check(entries)
    if problems or not entries:
        return _again(visit, entries, author, problems)
    spoiled = [problem for entry in entries for problem in forms.develop(entry, _room(visit, entry))]
    with transaction(services().engine) as session:
        visit = _visit(session, token)
        _store(session, visit, [entry for entry in entries if entry.stars], author)
    if spoiled:
        with reading(services().engine) as session:
            return _again(_visit(session, token), entries, author, spoiled, saved=True)
    return redirect(url_for("portal.review", token=token, done=1), 303)


def _visit(session: Session, token: str) -> Visit:
    """Abort with 404 for a token that never was ours, or is for something else: no hint which."""
    link = links.known(session, token, PURPOSE)
    order = session.get(Order, link.order_id) if link is not None and link.order_id is not None else None
    if link is None or order is None or order.shop_id != link.shop_id:
        abort(404)
    shop = session.get_one(Shop, link.shop_id)
    reviews = store.reviews_of(session, order.id)
    asked = link.data.get("lines")
    open_to = {line.ref for line in rateable(store.purchase(session, order), now(), asked if isinstance(asked, list) else ())}
    g.face = face(shop, order)
    return Visit(
        token=token,
        link=link,
        shop=shop,
        order=order,
        face=g.face,
        author=next((said.author for said in reviews.values()), shown_name(forms.clean(order.first_name), forms.clean(order.last_name))),
        items=tuple(store.bought(line) for line in order.lines if line.ref in open_to or line.ref in reviews),
        reviews=reviews,
        photos=store.photos_of(session, (said.id for said in reviews.values())),
    )


def _store(session: Session, visit: Visit, entries: list[forms.Entry], author: str) -> None:
    store.lock(session, visit.order)
    moment = now()
    if not links.alive(visit.link, moment):
        abort(404)
    shop = shops.connected(visit.shop, services().settings, services().secret)
    for entry in entries:
        opinion = store.Opinion(entry.line, entry.stars, entry.text, author, visit.face.language, entry.photos, entry.drop)
        review = store.write(session, visit.order, opinion, moment)
        if shop is not None:
            offer(session, shop, visit.order, review)
        recovery.respond(session, shop_key=visit.shop.key, order=visit.order, review=review, recipient=_alert_address(visit.shop), now=moment)
    visit.link.used_at = visit.link.used_at or moment


def _alert_address(shop: Shop) -> str:
    """Empty for a shop that left the configuration: the ledger then shows an alert that nobody gets."""
    found = shops.connected(shop, services().settings, services().secret)
    return found.alert_address if found is not None else ""


def _cards(visit: Visit, asked: Bought | None) -> list[Card]:
    """The item that was asked for comes first, with the stars of the link; then what is still to rate."""
    lines = [*([asked] if asked else []), *(line for line in visit.pending if line != asked)]
    cards = [visit.card(line) for line in lines]
    if asked:
        cards[0].stars = forms.stars_of(request.args.get("stars", "")) or cards[0].stars
    return cards


def _again(visit: Visit, entries: list[forms.Entry], author: str, problems: list[forms.Problem], saved: bool = False) -> Response:
    """The form with everything that was written, and what is wrong with it."""
    cards = []
    for entry in entries:
        card = visit.card(entry.line)
        card.stars, card.text = entry.stars, entry.text
        cards.append(card)
    visit.author = author
    return _form(visit, cards or _cards(visit, None), 422, problems, saved)


def _form(visit: Visit, cards: list[Card], status: int = 200, problems: list[forms.Problem] | None = None, saved: bool = False) -> Response:
    texts: dict[str, list[str]] = {}
    for problem in problems or []:
        texts.setdefault(problem.field, []).append(say(visit.face.language, problem.text, **problem.values))
    limits = {"photos": MAX_PHOTOS, "accept": photos.accepted(), "text": MAX_TEXT, "name": MAX_NAME}
    seal = guard.seal(PURPOSE, visit.token)
    return render("review.html", visit.face, status, visit=visit, cards=cards, problems=texts, saved=saved, limits=limits, seal=seal)


def _thanks(visit: Visit) -> Response:
    unhappy = any(is_low(card.stars) for card in visit.said)
    return render("thanks.html", visit.face, visit=visit, unhappy=unhappy, until=_date(visit, visit.link.expires_at))


def _closed(visit: Visit) -> Response | None:
    """The page for a link that is over, or that leads to nothing that could be rated."""
    if not links.alive(visit.link, now()) or visit.order.erased_at is not None:
        return render("message.html", visit.face, 410, title=EXPIRED[0], text=EXPIRED[1], contact=True)
    return None if visit.items else render("message.html", visit.face, title=NOTHING[0], text=NOTHING[1], contact=True)


def _room(visit: Visit, entry: forms.Entry) -> int:
    standing = set(visit.card(entry.line).photos) - set(entry.drop)
    return MAX_PHOTOS - len(standing)


def _date(visit: Visit, moment: datetime | None) -> str:
    """The last day on which the link works, as the customer's calendar has it."""
    if moment is None:
        return ""
    zone = get_timezone(visit.order.timezone or str(visit.shop.settings.get("timezone") or "Europe/Madrid"))
    return format_date(moment.astimezone(zone), format="long", locale=visit.face.language)
