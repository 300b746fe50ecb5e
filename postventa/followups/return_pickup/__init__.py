"""Somebody comes for your parcel, on another day than before. Planned by whoever knows (`jobs/pickups/`)."""

from postventa.followups.base import NEVER, FollowUp, Occasion
from postventa.followups.view import OrderView


class ReturnPickup(FollowUp):
    name = "return_pickup"
    after = NEVER
    asked = True
    survives_cancel = True

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        case = next((c for c in order.returns if c.ref == occasion.subject), None)
        return f"the return was {case.state}" if case is not None and case.state not in ("requested", "approved") else ""
