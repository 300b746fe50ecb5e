"""Nobody could be had for that day, or came in vain: choose another one. Planned by whoever knows (`jobs/pickups/`)."""

from postventa.followups.base import NEVER, FollowUp, Occasion
from postventa.followups.view import OrderView


class ReturnPickupAgain(FollowUp):
    name = "return_pickup_again"
    after = NEVER
    asked = True
    survives_cancel = True

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        case = next((c for c in order.returns if c.ref == occasion.subject), None)
        return f"the return was {case.state}" if case is not None and case.state not in ("requested", "approved") else ""
