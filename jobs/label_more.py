"""One more label for a return that does not fit into one box: asked for by a person, bought once, mailed, and followed like the first.

It takes the road of every label: an effect of its own in the ledger, a reference of its own at the carrier, looked for after a doubt. The labels
that there are hold; each parcel is scanned, delivered and given back for itself, while what has come is counted in pieces, as ever.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jobs import label_anew
from postventa import audit, effects
from postventa.clock import now
from postventa.followups.base import Basis
from postventa.followups.schedule import effect_key
from postventa.models import Effect, LabelRow, Order, ReturnCase
from postventa.shops import ConnectedShop

MOST = 10
"""Parcels of one return that have a label."""


def living(session: Session, case: ReturnCase) -> Sequence[LabelRow]:
    """The labels of a return that hold, one for each of its parcels, the first one's first."""
    return session.scalars(label_anew.holding(case).order_by(LabelRow.id)).all()


def asked_for(session: Session, case: ReturnCase) -> int:
    """How many labels there were ever to be: those that were voided, refused or are in doubt are among them."""
    return session.scalar(select(func.count()).select_from(Effect).where(*label_anew.of(case))) or 0


def possible(session: Session, case: ReturnCase) -> bool:
    """Whether another one may be asked for: goods are awaited by label, there is one, and none is on its way or in doubt."""
    if case.state != "approved" or not label_anew.is_needed(case.method):
        return False
    open_ones = select(Effect.id).where(*label_anew.of(case), Effect.state.in_(effects.OPEN))
    return 0 < len(living(session, case)) < MOST and session.scalar(open_ones.limit(1)) is None


def ask(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, *, known: int, actor: str, reason: str = "") -> Effect | None:
    """Have one made for a further parcel. `known`: how many there were to be when that was decided.

    None: somebody else asked meanwhile, or the same form came twice. Raises `ValueError` when none may be asked for. Lock the order before.
    """
    again = asked_for(session, case)
    if again != known:
        return None
    if not possible(session, case):
        raise ValueError(f"return {case.number}: no further label now")
    parcel = len(living(session, case)) + 1
    effect = effects.plan(
        session,
        key=effect_key(shop, order, label_anew.NAME, f"{case.ref}:{again}", "label"),
        shop_id=order.shop_id,
        order_id=order.id,
        kind="label",
        followup=label_anew.NAME,
        recipient=order.email,
        legal_basis=Basis.TRANSACTIONAL,
        at=now(),
        due_at=now(),
        subject_ref=case.ref,
        data={"again": again, "parcel": parcel},
    )
    audit.record(session, actor, "return.label", shop_id=shop.id, subject=f"return {case.number}", reason=reason, after={"parcel": parcel})
    return effect
