"""Here is your return label. The label itself is made first, as an effect of its own."""

from datetime import timedelta

from postventa.followups.base import FollowUp, Occasion, each_return
from postventa.followups.view import OrderView


class ReturnLabel(FollowUp):
    name = "return_label"
    after = each_return("approved_at")
    stale_after = timedelta(days=14)
    survives_cancel = True

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        case = next((c for c in order.returns if c.ref == occasion.subject), None)
        if case is not None and case.state in ("declined", "cancelled"):
            return f"the return was {case.state}"
        return "it goes back without a label of ours" if case is not None and case.without_label else ""
