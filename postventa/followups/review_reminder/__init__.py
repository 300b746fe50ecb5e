"""One reminder, five days after the request, if nothing was rated."""

from collections.abc import Iterable
from datetime import timedelta

from postventa.followups.base import After, Basis, FollowUp, Occasion
from postventa.followups.review_request import LINK_LIVES, still_to_rate, trouble
from postventa.followups.view import OrderView


def _asked(order: OrderView) -> Iterable[Occasion]:
    asked = ((p, order.review_asked[p.ref]) for p in order.parcels if p.ref in order.review_asked)
    return [Occasion(at, p.ref, p.ref, p.delivered_at + LINK_LIVES) for p, at in asked if p.delivered_at]


class ReviewReminder(FollowUp):
    name = "review_reminder"
    after = After(_asked)
    delay = timedelta(days=5)
    basis = Basis.SOFT_OPTIN
    urgent = False
    merges = True

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        return "" if still_to_rate(order, occasion) else "rated already, or the items went back"

    def patient(self, order: OrderView, occasion: Occasion) -> str:
        return trouble(order)
