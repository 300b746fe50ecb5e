"""Your return is agreed to, and goes back without a label of ours: brought to the shop, sent as the customer likes, or kept."""

from collections.abc import Iterable
from datetime import timedelta

from postventa.followups.base import After, FollowUp, Occasion
from postventa.followups.view import OrderView


def _without_label(order: OrderView) -> Iterable[Occasion]:
    return [Occasion(case.approved_at, case.ref) for case in order.returns if case.approved_at and case.without_label]


class ReturnApproved(FollowUp):
    name = "return_approved"
    after = After(_without_label)
    stale_after = timedelta(days=14)
    survives_cancel = True

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        case = next((c for c in order.returns if c.ref == occasion.subject), None)
        return f"the return was {case.state}" if case is not None and case.state in ("declined", "cancelled") else ""
