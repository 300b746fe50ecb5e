"""From rows to the values that one mail says (`MailData`)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy.orm import Session

from jobs import label_more
from jobs.deeds import swapped
from jobs.withdrawals import model_form
from postventa import addresses, links, track_links
from postventa.clock import now
from postventa.config import Settings, ShopSettings
from postventa.dossier import Dossier
from postventa.effects import message_id
from postventa.emails.data import CODE, Attachment, MailData, ParcelView, RefundView, ReturnView, ReviewItem, ShopFace
from postventa.events import Address, LineSnapshot, OrderSnapshot, ParcelSnapshot
from postventa.followups import FOLLOWUPS
from postventa.followups.base import Occasion
from postventa.followups.load import pairs, tip_for
from postventa.followups.review_request import LINK_LIVES, still_to_rate
from postventa.followups.view import OrderView, ParcelFacts
from postventa.locale import choose
from postventa.mirror import known_as
from postventa.models import DispatchProof, Effect, LabelRow, Order, OrderLine, ReturnCase, State, picked
from postventa.returns import appointment
from postventa.returns.wish import Method, RefundWhen, Resolution
from postventa.shops import ConnectedShop
from postventa.step_up import store as step_up
from postventa.withdrawal import numbers
from postventa.withdrawal.official import labels

PROMISING = ("return_requested", "return_label", "return_approved", "return_changed", "return_received")
"""Mails that say what comes of a return."""
BEHIND = "?o="
"""What stands between the address of the withdrawal function and an order's key."""
CONFIRMING = ("order_received", "shipped")
"""The contract is confirmed by the first of them that goes out, at the latest before the goods arrive (TRLGDCU, art. 98.7)."""


FETCHED = ("return_requested", "return_label", "return_changed", "return_pickup", "return_pickup_again")
"""Mails that say when somebody comes for the parcel."""
CODED = ("return_label", "return_changed")
"""Mails that speak of a code where that stands for the label."""


@dataclass(frozen=True)
class Source:
    """Everything that a mail is made from."""

    session: Session
    settings: Settings
    secret: bytes
    shop: ConnectedShop
    dossier: Dossier
    facts: OrderView

    @property
    def order(self) -> Order:
        return self.dossier.order


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
    order, shop, site = source.order, source.shop, _site(source)
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
        **(_ways(source, order, site, language) | {"return_url": _way_back(source, effect)} if linked else {}) | own,
    )


def _part(source: Source, effect: Effect, lines: dict[str, LineSnapshot]) -> dict[str, Any]:
    """What only this kind of follow-up says."""
    name = effect.followup
    if name.startswith("review_"):
        links_ = _public_links(source.shop)
        return {"reviews": _reviews(source, effect, lines), "reminder": name == "review_reminder", "review_links": links_}
    if name.startswith("return_"):
        return _return(source, effect, lines)
    if name == "refunded":
        return {"refund": _refund(source, effect, lines)}
    if name == "order_link":
        return asked_links(source.settings, source.secret, source.shop, effect)
    if name == "code":
        return _code(source, effect)
    if name == "care_tips":
        return {"tips": _tips(source, lines)}
    parcels = tuple(_parcel(source, p, lines) for p in _parcels_told(source, effect))
    own: dict[str, Any] = {"parcels": parcels, "more_to_come": name == "shipped" and not source.facts.all_on_the_way}
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
    page = _function(source.secret, source.shop.id, shop.name, _site(source)).removesuffix(BEHIND)
    reply_to, language = shop.reply_to or source.settings.mail.reply_to, language_of(source.order, shop)
    made = model_form.attachment(shop.brand, shop.name, shop.withdrawal.return_cost, language, page, reply_to)
    return (made,) if made is not None else ()


def _is_confirmed(source: Source, effect: Effect) -> bool:
    """Whether an earlier mail of the order carried them."""
    return any(one.followup in CONFIRMING and one.state == State.DONE and one.id != effect.id for one in source.dossier.effects)


def _way_back(source: Source, effect: Effect) -> str:
    """Where something is sent back: the return that the mail is about, else the order's; only mails that lead there ask for it."""
    case = next((case for case in source.dossier.cases if effect.followup.startswith("return_") and case.ref == effect.subject_ref), None)
    if case is None and (effect.followup != "delivered" or not any(line.requires_shipping for line in source.dossier.lines)):
        return ""
    made = track_links.token(source.secret, source.shop.key, source.order.ref, source.order.id, track_links.RETURN)
    return addresses.return_page(_site(source), made, case.number if case is not None else "")


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


def _site(source: Source) -> str:
    """What the addresses of the shop's pages begin with."""
    return source.settings.pages_url(source.shop.settings)


def _parcels_told(source: Source, effect: Effect) -> list[ParcelFacts]:
    """The parcel of this effect and of those merged into it; for the order's own steps all that left."""
    if not effect.parcel_ref:
        return list(source.facts.dispatched)
    first = effect.data.get("again_of", effect.id)
    merged = [other.parcel_ref for other in source.dossier.effects if other.merged_into == first]
    told = {effect.parcel_ref, *merged}
    return [p for p in source.facts.parcels if p.ref in told or p.stands_for in told]


def _parcel(source: Source, facts: ParcelFacts, lines: dict[str, LineSnapshot]) -> ParcelView:
    row = next(parcel for parcel in source.dossier.parcels if parcel.ref == facts.ref)
    seen = ParcelSnapshot(row.ref, row.carrier, row.tracking_number, row.tracking_url, facts.lines, row.cancelled)
    return ParcelView(seen, _items(source.facts.items_of(facts), lines))


def _items(wanted: tuple[tuple[str, int], ...], lines: dict[str, LineSnapshot]) -> tuple[tuple[LineSnapshot, int], ...]:
    return tuple((lines[ref], quantity) for ref, quantity in wanted if ref in lines)


def _refund(source: Source, effect: Effect, lines: dict[str, LineSnapshot]) -> RefundView:
    refund = next(r for r in source.facts.refunds if r.ref == effect.subject_ref)
    order = source.order
    return RefundView(refund.amount, order.currency, order.refunded_total >= order.total > 0, _items(refund.lines, lines), order.payment_method)


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
    page = f"{_site(source)}/review/{token}"
    return tuple(ReviewItem(lines[ref], _stars(page, ref)) for ref in dict.fromkeys(refs) if ref in lines)


def _stars(page: str, ref: str) -> tuple[str, str, str, str, str]:
    one, two, three, four, five = (f"{page}?{urlencode({'item': ref, 'stars': n})}" for n in range(1, 6))
    return one, two, three, four, five


def _return(source: Source, effect: Effect, lines: dict[str, LineSnapshot]) -> dict[str, Any]:
    case = next(case for case in source.dossier.cases if case.ref == effect.subject_ref)
    wanted = pairs(case.accepted) or pairs(case.lines) or tuple((ref, line.quantity) for ref, line in lines.items() if line.requires_shipping)
    label = _label_of(source.session, effect, case)
    sent = label if effect.followup == "return_label" else None
    view = ReturnView(
        number=case.number,
        items=_items(wanted, lines),
        address=_destination(source.shop, case),
        instructions=tuple(filter(None, (part.strip() for part in source.shop.settings.return_instructions.split("\n")))),
        reason=case.reason,
        waits=case.state == "requested",
        valid_until=label.expires_at if label is not None else None,
        qr=label is not None and label.qr is not None and effect.followup in CODED,
        qr_missing=sent is not None and sent.qr is None and sent.pdf is not None and case.method == Method.QR,
        tracking_number=sent.tracking_number if sent is not None else "",
        further=sent is not None and int(str(effect.data.get("parcel", 1))) > 1,
        **(_swap(source, effect, case) if effect.followup == swapped.MAIL else _promise(case, effect.followup)),
        **_pickup(case, effect.followup),
    )
    attachments = _papers(sent.reference if view.further else case.number, sent) if sent is not None else ()
    return {"return_case": view, "attachments": attachments, "reason": _words_of(source, effect, case)}


def _label_of(session: Session, effect: Effect, case: ReturnCase) -> LabelRow | None:
    """The one that the mail is about, else the newest: each parcel's has a mail of its own, and what was voided meanwhile is sent to nobody."""
    held = label_more.living(session, case)
    named = str(effect.data.get("label", ""))
    return next((label for label in held if label.reference == named), held[-1] if held else None)


def _words_of(source: Source, effect: Effect, case: ReturnCase) -> str:
    """Why it was refused, the return or a proof of dispatch; else the customer's own reason."""
    if effect.followup == "return_proof":
        proof = source.session.get(DispatchProof, int(str(effect.data["proof"])))
        return proof.reason if proof is not None else ""
    return _told(source, "ReturnDeclined", case.ref, known_as(case)) if effect.followup == "return_declined" else case.reason


def _papers(number: str, label: LabelRow) -> tuple[Attachment, ...]:
    """The label as a file, or the carrier's code as a picture that the mail shows."""
    if label.qr is not None:
        return (Attachment(f"{number}.png", label.qr, "image/png", CODE),)
    return (Attachment(f"{number}.pdf", label.pdf),) if label.pdf is not None else ()


def _destination(shop: ConnectedShop, case: ReturnCase) -> Address:
    """Where it goes; nowhere if it is kept, or a person has to agree first."""
    if case.resolution == Resolution.KEEP_ITEM or case.state == "requested":
        return Address()
    return Address(**case.destination) if case.destination else shop.settings.return_address.address()


def _promise(case: ReturnCase, followup: str) -> dict[str, Any]:
    """What the customer was told that comes of it. An exchange and a repair come to no sum, and what is over or refused promises nothing."""
    kept = case.resolution == Resolution.KEEP_ITEM
    if followup == "return_credited":
        return {"refund": Decimal(str(case.quoted.get("worth", "0"))), "as_credit": True, "kept": kept, "code": str(case.quoted.get("code", ""))}
    if followup not in PROMISING or case.resolution not in (Resolution.REFUND, Resolution.STORE_CREDIT, Resolution.KEEP_ITEM):
        return {"kept": kept}
    sums = {name: Decimal(str(case.quoted.get(name, "0"))) for name in ("refund", "bonus", "fee")}
    credit = case.resolution == Resolution.STORE_CREDIT
    worth = sums["refund"] + (sums["bonus"] if credit else Decimal(0))
    over = followup == "return_received" and case.refund_when != RefundWhen.AFTER_INSPECTION  # that moment has come with the goods
    return {"refund": worth, "fee": sums["fee"], "as_credit": credit, "kept": kept, "when": "" if over else case.refund_when}


def _pickup(case: ReturnCase, followup: str) -> dict[str, Any]:
    """When somebody comes, in mails that are about what is to come; and that somebody came in vain."""
    it = appointment.of(case)
    if it is None or followup not in FETCHED:
        return {}
    missed = it.stage is appointment.Stage.MISSED
    return {"missed": missed} if not it.live else {"pickup": (it.slot.day, it.slot.begin, it.slot.end)}


def _swap(source: Source, effect: Effect, case: ReturnCase) -> dict[str, Any]:
    """How its exchange stands by now: a mail that waited says what is true."""
    exchange = swapped.exchange_of(source.session, case)
    if exchange is None or exchange.data.get("called_off") or exchange.state != State.DONE:
        return {"swap_off": True}
    return {"swap_due": Decimal(str(exchange.data.get("due", "0"))), "swap_until": swapped.pay_by(exchange)}


def _cancel_reason(source: Source, effect: Effect) -> str:
    return _told(source, "OrderCancelled") if effect.followup == "order_cancelled" else ""


def _told(source: Source, kind: str, *return_refs: str) -> str:
    """The reason that we or the shop gave with that event."""
    told = [fact.data for fact in source.dossier.facts if fact.kind == kind and fact.data.get("return_ref", "") in (return_refs or ("",))]
    reasons = [str(data.get("reason", "")) for data in told]
    return next((reason for reason in reasons if reason), "")


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
    return f"{_site(source)}/unsubscribe/{token}"


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


def _public_links(shop: ConnectedShop) -> dict[str, str]:
    return dict(shop.settings.review_links)


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
