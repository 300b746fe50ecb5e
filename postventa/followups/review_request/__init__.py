"""How do you like it? Item by item, counted from the delivery of that item's parcel; one mail per delivery moment."""

from datetime import timedelta

from postventa.followups.base import Basis, FollowUp, Occasion, each_parcel, parcel_of
from postventa.followups.view import OrderView

LINK_LIVES = timedelta(days=30)
"""From delivery: the window in which a review counts as one of this purchase (TRLGDCU art. 20.4)."""


def still_to_rate(order: OrderView, occasion: Occasion) -> list[str]:
    """Lines of that parcel that were kept and not rated yet."""
    parcel = parcel_of(order, occasion)
    refs = [ref for ref, _ in order.items_of(parcel)] if parcel else []
    return [ref for ref in refs if ref not in order.reviewed and not order.gone_back(ref)]


def trouble(order: OrderView) -> str:
    """What is open between the shop and the customer; nothing is asked meanwhile."""
    if any(case.open for case in order.returns):
        return "a return is open"
    if order.complaint_open:
        return "a complaint is open"
    return "a dispute is open" if order.disputed else ""


class ReviewRequest(FollowUp):
    name = "review_request"
    after = each_parcel("delivered_at")
    delay = timedelta(days=7)
    basis = Basis.SOFT_OPTIN
    urgent = False
    window = LINK_LIVES
    merges = True

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        return "" if still_to_rate(order, occasion) else "nothing to rate: the items were returned, refunded or rated already"

    def patient(self, order: OrderView, occasion: Occasion) -> str:
        return trouble(order)
