"""From rows to the values that one mail says (`MailData`)."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from jobs import mail_days, mail_returns
from jobs.mail_source import Source, items, told
from jobs.withdrawals import model_form
from postventa import addresses, links, track_links
from postventa.clock import now
from postventa.config import Settings, ShopSettings
from postventa.dossier import Dossier
from postventa.effects import message_id
from postventa.emails.data import Attachment, MailData, ParcelView, ReviewItem, ShopFace
from postventa.events import Address, LineSnapshot, OrderSnapshot, ParcelSnapshot
from postventa.followups import FOLLOWUPS
from postventa.followups.base import Occasion
from postventa.followups.load import tip_for
from postventa.followups.review_request import LINK_LIVES, still_to_rate
from postventa.followups.view import ParcelFacts
from postventa.locale import choose
from postventa.models import Effect, Order, OrderLine, State, picked
from postventa.shops import ConnectedShop
from postventa.step_up import store as step_up
from postventa.withdrawal import numbers
from postventa.withdrawal.official import labels

BEHIND = "?o="
"""What stands between the address of the withdrawal function and an order's key."""
CONFIRMING = ("order_received", "shipped")
"""The contract is confirmed by the first of them that goes out, at the latest before the goods arrive (TRLGDCU, art. 98.7)."""


def face(shop: ConnectedShop, settings: Settings) -> ShopFace:
    """The shop as its customers see it."""
    own = shop.settings
    sender = own.from_address or settings.mail.from_address or f"hola@{_host(own)}"
    reply_to = own.reply_to or settings.mail.reply_to
    return ShopFace(own.name, own.brand, sender, reply_to, own.country, own.timezone)


def language_of(order: Order, shop: ShopSettings) -> str:
    """The order's language where we ship it, else the shop's."""
    return choose(order.locale, choose(shop.locale)) if order.locale else choose(shop.locale)


def mail_data(source: Source, effect: Effect) -> MailData:
    """The values for one effect. Writes the rows of the links that the mail carries."""
    order, shop, site = source.order, source.shop, source.site
    followup, language = FOLLOWUPS[effect.followup], language_of(order, shop.settings)
    transactional, linked = followup.transactional, followup.transactional and not followup.private
    sender = face(shop, source.settings)
    lines = {row.ref: line_of(row) for row in source.dossier.lines}
    own: dict[str, Any] = _part(source, effect, lines)
    return MailData(
        followup=effect.followup,
        effect_id=effect.id,
        message_id=message_id(effect.key, sender.from_address.rpartition("@")[2]),
        recipient=effect.recipient,
        language=language,
        timezone=order.timezone or shop.settings.timezone,
        shop=sender,
        order=snapshot_of(order, tuple(lines.values())),
        at=effect.at,
        transactional=transactional,
        thread=_thread(source.dossier, effect) if linked else (),
        unsubscribe_url="" if transactional else _unsubscribe(source, effect),
        **(_ways(source, order, site, language) | {"return_url": mail_returns.way_back(source, effect)} if linked else {}) | own,
    )


def _part(source: Source, effect: Effect, lines: dict[str, LineSnapshot]) -> dict[str, Any]:
    """What only this kind of follow-up says."""
    name = effect.followup
    if name.startswith("review_"):
        asked = {"reviews": _reviews(source, effect, lines), "reminder": name == "review_reminder"}
        return asked | {"review_links": dict(source.shop.settings.review_links)}
    if name.startswith("return_"):
        return mail_returns.part(source, effect, lines)
    if name == "refunded":
        return {"refund": mail_returns.refund(source, effect, lines)}
    if name == "order_link":
        return asked_links(source.settings, source.secret, source.shop, effect)
    if name == "code":
        return _code(source, effect)
    if name == "care_tips":
        return {"tips": _tips(source, lines)}
    told = _parcels_told(source, effect)
    own: dict[str, Any] = mail_days.part(source, effect, told) | {"parcels": tuple(_parcel(source, p, lines) for p in told)}
    own |= {"more_to_come": name == "shipped" and not source.facts.all_on_the_way}
    return own | {"reason": _cancel_reason(source, effect), "attachments": _model_form(source, effect)}


def _ways(source: Source, order: Order, site: str, language: str) -> dict[str, Any]:
    """The order's own page and the withdrawal function, by keys that are derived, so that they cost no statement. They stand in every mail."""
    shop, ref, number = source.shop, order.ref, order.id
    page = addresses.track_page(site, track_links.token(source.secret, shop.key, ref, number))
    wishes = shop.settings.withdrawal
    if not wishes.link:
        return {"page_url": page}
    words = _words(language, wishes.label, shop.settings.locale)
    key = numbers.link_key(source.secret, shop.key, ref, order.email)
    return {"page_url": page, "withdraw_link": (words, _function(source.secret, shop.id, shop.settings.name, site), f"{number}.{key}")}


def _model_form(source: Source, effect: Effect) -> tuple[Attachment, ...]:
    """The instructions on withdrawal, with the mail that confirms the contract and no other one."""
    shop, name = source.shop.settings, effect.followup
    if name not in CONFIRMING or not model_form.is_wanted(shop) or (name == "shipped" and _is_confirmed(source, effect)):
        return ()
    page = _function(source.secret, source.shop.id, shop.name, source.site).removesuffix(BEHIND)
    reply_to, language = shop.reply_to or source.settings.mail.reply_to, language_of(source.order, shop)
    made = model_form.attachment(shop.brand, shop.name, shop.withdrawal.return_cost, language, page, reply_to)
    return (made,) if made is not None else ()


def _is_confirmed(source: Source, effect: Effect) -> bool:
    """Whether an earlier mail of the order carried them."""
    return any(one.followup in CONFIRMING and one.state == State.DONE and one.id != effect.id for one in source.dossier.effects)


def asked_links(settings: Settings, secret: bytes, shop: ConnectedShop, effect: Effect) -> dict[str, str]:
    """The links that somebody asked for; `jobs/look_up.py` wrote their rows."""
    track, back = (links.token(secret, purpose, effect.key) for purpose in ("track", "return"))
    site = settings.pages_url(shop.settings)
    returns = addresses.return_page(site, back) if effect.data.get("purpose") == "return" else ""
    return {"page_url": addresses.track_page(site, track), "return_url": returns}


def _code(source: Source, effect: Effect) -> dict[str, str]:
    """What `jobs/codes.py` wrote down for this mail; by hand within its ten minutes it is the same one."""
    mailed = step_up.of_mail(source.session, source.secret, int(str(effect.data.get("again_of", effect.id))), effect.recipient)
    return {"code": mailed.code, "code_for": mailed.purpose}


def _parcels_told(source: Source, effect: Effect) -> list[ParcelFacts]:
    """The parcel of this effect and of those merged into it; for the order's own steps all that left."""
    if not effect.parcel_ref:
        return list(source.facts.dispatched)
    first = effect.data.get("again_of", effect.id)
    merged = [other.parcel_ref for other in source.dossier.effects if other.merged_into == first]
    of_mail = {effect.parcel_ref, *merged}
    return [p for p in source.facts.parcels if p.ref in of_mail or p.stands_for in of_mail]


def _parcel(source: Source, facts: ParcelFacts, lines: dict[str, LineSnapshot]) -> ParcelView:
    row = next(parcel for parcel in source.dossier.parcels if parcel.ref == facts.ref)
    seen = ParcelSnapshot(row.ref, row.carrier, row.tracking_number, row.tracking_url, facts.lines, row.cancelled)
    return ParcelView(seen, items(source.facts.items_of(facts), lines))


def _tips(source: Source, lines: dict[str, LineSnapshot]) -> tuple[tuple[LineSnapshot, str], ...]:
    found = ((lines[row.ref], tip_for(source.shop.settings, row)) for row in source.dossier.lines if not source.facts.gone_back(row.ref))
    return tuple((line, tip) for line, tip in found if tip)


def _reviews(source: Source, effect: Effect, lines: dict[str, LineSnapshot]) -> tuple[ReviewItem, ...]:
    parcels = _parcels_told(source, effect)
    asked = [ref for parcel in parcels for ref, _ in source.facts.items_of(parcel)]
    refs = [ref for parcel in parcels for ref in still_to_rate(source.facts, Occasion(effect.at, parcel.ref, parcel.ref))]
    token = links.issue(
        source.session,
        secret=source.secret,
        shop_id=source.shop.id,
        purpose="review",
        subject=f"{source.shop.key}:{source.order.ref}:{effect.subject_ref}",
        order_id=source.order.id,
        effect_id=effect.id,
        email=effect.recipient,
        data={"lines": sorted(set(asked))},
        now=now(),
        expires_at=max(parcel.delivered_at or effect.at for parcel in parcels) + LINK_LIVES,
    )
    page = f"{source.site}/review/{token}"
    return tuple(ReviewItem(lines[ref], _stars(page, ref)) for ref in dict.fromkeys(refs) if ref in lines)


def _stars(page: str, ref: str) -> tuple[str, str, str, str, str]:
    one, two, three, four, five = (f"{page}?{urlencode({'item': ref, 'stars': n})}" for n in range(1, 6))
    return one, two, three, four, five


def _cancel_reason(source: Source, effect: Effect) -> str:
    return told(source, "OrderCancelled") if effect.followup == "order_cancelled" else ""


def _unsubscribe(source: Source, effect: Effect) -> str:
    category = "reviews" if effect.followup.startswith("review") else "marketing"
    token = links.issue(
        source.session,
        secret=source.secret,
        shop_id=source.shop.id,
        purpose="unsubscribe",
        subject=f"{source.shop.key}:{effect.recipient}:{category}",
        order_id=source.order.id,
        email=effect.recipient,
        data={"category": category},
        now=now(),
    )
    return f"{source.site}/unsubscribe/{token}"


@lru_cache(maxsize=1024)
def _function(secret: bytes, shop_id: int, name: str, home: str) -> str:
    """Where a shop's customers withdraw; an order's key goes behind it."""
    return addresses.withdraw_page(home, addresses.public_name(secret, shop_id, name)) + BEHIND


@lru_cache(maxsize=1024)
def _words(language: str, label: str, home: str) -> str:
    return labels(language, label, home).function


def _thread(dossier: Dossier, effect: Effect) -> tuple[str, ...]:
    """The order's earlier mails, so that mail programs show one conversation."""
    sent = [e for e in dossier.effects if e.kind == "mail" and e.state == State.DONE and e.legal_basis == "transactional" and e.message_id]
    sent.sort(key=lambda e: (e.done_at or e.due_at, e.id))
    return tuple(e.message_id for e in sent if e.id != effect.id)[-10:]


_of_line = picked(*(field.name for field in fields(LineSnapshot)))
_SAME = tuple(field.name for field in fields(OrderSnapshot) if field.name in Order.__table__.columns)
_same = picked(*_SAME)


def line_of(row: OrderLine) -> LineSnapshot:
    """The row as the value that mails know."""
    return LineSnapshot(*_of_line(row))


def snapshot_of(order: Order, lines: tuple[LineSnapshot, ...]) -> OrderSnapshot:
    """The row as the value that mails know."""
    same = dict(zip(_SAME, _same(order), strict=True))
    moments = {"created_at": order.created_at or order.seen_at, "updated_at": order.updated_at or order.seen_at}
    addresses = {"shipping_address": Address(**order.shipping_address), "billing_address": Address(**order.billing_address)}
    return OrderSnapshot(**{**same, **moments, **addresses, "lines": lines})


def _host(shop: ShopSettings) -> str:
    """The shop's own domain; one that can never exist for a shop on an IP address or without a full name (RFC 2606)."""
    host = (urlsplit(shop.url).hostname or shop.domain).removeprefix("www.")
    named = "." in host and not host.replace(".", "").isdigit() and ":" not in host
    return host if named else "shop.invalid"
