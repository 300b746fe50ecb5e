"""Your order was cancelled."""

from postventa.followups.base import FollowUp, Occasion, when
from postventa.followups.view import OrderView


class OrderCancelled(FollowUp):
    name = "order_cancelled"
    after = when("cancelled_at")
    stage = 60
    survives_cancel = True

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        if order.placed_at is None:
            return "the order never counted as placed: the customer does not know of it"
        return "" if order.cancelled else "the order was taken up again"
