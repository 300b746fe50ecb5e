"""We have your request to send something back."""

from datetime import timedelta

from postventa.followups.base import FollowUp, Occasion, each_return
from postventa.followups.view import OrderView

SAME_BREATH = timedelta(minutes=10)


class ReturnRequested(FollowUp):
    name = "return_requested"
    after = each_return("requested_at")
    survives_cancel = True

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        case = next((c for c in order.returns if c.ref == occasion.subject), None)
        at_once = case is not None and case.approved_at is not None and case.approved_at - occasion.at <= SAME_BREATH
        return "told with the label: the return was approved at once" if at_once else ""
