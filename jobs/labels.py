"""What a carrier is asked for one return case."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.carriers.base import Item, LabelRequest, Method
from jobs.mail_data import language_of
from postventa.config import Settings
from postventa.events import Address
from postventa.followups.load import pairs
from postventa.models import Order, OrderLine, ReturnCase
from postventa.returns.codes import code_text
from postventa.returns.request import draft_label
from postventa.shops import ConnectedShop

UNUSED = ("made", "mailed")
"""States of a label that nobody has seen on a parcel."""
BACK = ("received", "closed")
"""States of a return whose label was used, scan or no scan."""
FOR_GOOD = "kept: "
"""Begins the words about a label that its carrier keeps: it is not asked again."""


def label_request(
    session: Session, settings: Settings, shop: ConnectedShop, order: Order, case: ReturnCase, again: int = 0, parcel: int = 1
) -> LabelRequest:  # fmt: skip
    """Sender: where the order went. Receiver: the shop's return address. Dated by the approval, so that asking again asks the same.

    `again`: how many labels there were before this one; each has a reference of its own that begins with the return's number. `parcel`: which
    of the return's parcels it is for.
    """
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)).all()
    place = Address(**order.shipping_address)
    draft = draft_label(
        shop.settings,
        number=case.number,
        order_number=order.number,
        customer=place or Address(**order.billing_address),
        customer_name=f"{order.first_name} {order.last_name}".strip(),
        lines=lines,
        chosen=pairs(case.accepted) or pairs(case.lines),
        receiver=Address(**case.destination) if case.destination else None,
        language=language_of(order, shop.settings),
        approved_at=case.approved_at or case.created_at,
        reason=case.reason,
        qr_text=code_text(settings, case.number),
    )
    method = Method.QR if case.method == Method.QR and shop.settings.gives_qr else Method.PRINTED_LABEL
    request = LabelRequest(items=tuple(Item(*item) for item in draft.items), method=method, **draft.fields)
    return replace(request, reference=f"{case.number}-{again + 1}", parcel=parcel) if again else request
