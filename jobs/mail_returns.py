"""What mails say about a return: its label and code, its pickup, what comes of it, and where it is asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from jobs import label_more
from jobs.deeds import swapped
from jobs.mail_source import Source, items, told
from postventa import addresses, track_links
from postventa.emails.data import CODE, Attachment, RefundView, ReturnView
from postventa.events import Address, LineSnapshot
from postventa.followups.load import pairs
from postventa.mirror import known_as
from postventa.models import DispatchProof, Effect, LabelRow, ReturnCase, State
from postventa.returns import appointment
from postventa.returns.wish import Method, RefundWhen, Resolution
from postventa.shops import ConnectedShop

PROMISING = ("return_requested", "return_label", "return_approved", "return_changed", "return_received")
"""Mails that say what comes of a return."""
FETCHED = ("return_requested", "return_label", "return_changed", "return_pickup", "return_pickup_again")
"""Mails that say when somebody comes for the parcel."""
CODED = ("return_label", "return_changed")
"""Mails that speak of a code where that stands for the label."""


def part(source: Source, effect: Effect, lines: dict[str, LineSnapshot]) -> dict[str, Any]:
    """What only mails about a return say."""
    case = next(case for case in source.dossier.cases if case.ref == effect.subject_ref)
    wanted = pairs(case.accepted) or pairs(case.lines) or tuple((ref, line.quantity) for ref, line in lines.items() if line.requires_shipping)
    label = _label_of(source.session, effect, case)
    sent = label if effect.followup == "return_label" else None
    view = ReturnView(
        number=case.number,
        items=items(wanted, lines),
        address=_destination(source.shop, case),
        instructions=tuple(filter(None, (step.strip() for step in source.shop.settings.return_instructions.split("\n")))),
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


def refund(source: Source, effect: Effect, lines: dict[str, LineSnapshot]) -> RefundView:
    """The refund that a mail is about."""
    made = next(r for r in source.facts.refunds if r.ref == effect.subject_ref)
    order = source.order
    return RefundView(made.amount, order.currency, order.refunded_total >= order.total > 0, items(made.lines, lines), order.payment_method)


def way_back(source: Source, effect: Effect) -> str:
    """Where something is sent back: the return that the mail is about, else the order's; only mails that lead there ask for it."""
    case = next((case for case in source.dossier.cases if effect.followup.startswith("return_") and case.ref == effect.subject_ref), None)
    if case is None and (effect.followup != "delivered" or not any(line.requires_shipping for line in source.dossier.lines)):
        return ""
    made = track_links.token(source.secret, source.shop.key, source.order.ref, source.order.id, track_links.RETURN)
    return addresses.return_page(source.site, made, case.number if case is not None else "")


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
    return told(source, "ReturnDeclined", case.ref, known_as(case)) if effect.followup == "return_declined" else case.reason


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
