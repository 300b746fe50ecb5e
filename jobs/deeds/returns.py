"""What is decided here about a return that the shop keeps (Shopify), and the label that we made for it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from connectors.shops.writes import DecideReturn, ReturnLabel
from jobs.deeds.base import Deed, plan, told
from postventa import audit
from postventa.models import Effect, LabelRow, Order, ReturnCase
from postventa.shops import ConnectedShop

STEPS = ("approve", "decline", "close")


def plan_step(
    session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, step: str, *, note: str = "", actor: str
) -> Effect | None:  # fmt: skip
    """Take the next step of a return in the shop; its webhook tells us that it was taken. `note`: why not, for the customer.

    None if that was planned before, or the shop does not know this return. Raises `ValueError`, `NoKeys`.
    """
    if step not in STEPS:
        raise ValueError(f'"{step}" is none of {", ".join(STEPS)}')
    if not _kept_there(case):
        return None
    effect = plan(session, shop, STEP.name, f"{case.ref}:{step}", order, {"return": case.ref, "step": step, "note": note}, subject_ref=case.ref)
    if effect is not None:
        audit.record(session, actor, f"return.{step}", shop_id=shop.id, subject=f"return {case.number}", reason=note, after={"effect": effect.id})
    return effect


def plan_label(
    session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, label: LabelRow, url: str = "", page: str = ""
) -> Effect | None:
    """Show the shop's people the label that we made. `url`: where Shopify can fetch it; `page`: where its parcel can be followed."""
    if not _kept_there(case):
        return None
    wanted = {"return": case.ref, "url": url, "number": label.tracking_number or label.reference, "page": page}
    return plan(session, shop, LABEL.name, f"{case.ref}:{label.reference}", order, wanted, subject_ref=case.ref)


def _kept_there(case: ReturnCase) -> bool:
    return case.source == "shopify"


def _step(session: Session, effect: Effect, order: Order | None) -> DecideReturn:
    known = told(effect)
    return DecideReturn(str(known["return"]), str(known["step"]), str(known["note"]))


def _label(session: Session, effect: Effect, order: Order | None) -> ReturnLabel:
    known = told(effect)
    return ReturnLabel(str(known["return"]), str(known["url"]), str(known["number"]), str(known["page"]))


STEP = Deed("write_return_step", _step)
LABEL = Deed("write_return_label", _label)
