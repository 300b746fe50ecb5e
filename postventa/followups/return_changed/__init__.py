"""The customer changed her return, or the shop agreed to what she made of it: how it stands now. Planned by the change itself, once for each."""

from datetime import timedelta

from postventa.followups.base import NEVER, FollowUp, Occasion
from postventa.followups.view import OrderView


class ReturnChanged(FollowUp):
    name = "return_changed"
    after = NEVER
    asked = True
    stale_after = timedelta(days=14)
    survives_cancel = True

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        case = next((c for c in order.returns if c.ref == occasion.subject), None)
        return f"the return was {case.state}" if case is not None and case.state in ("declined", "cancelled") else ""
