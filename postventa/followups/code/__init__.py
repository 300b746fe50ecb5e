"""Six digits for whoever wants to see or change personal data of an order: only to the address that the order has, and for ten minutes."""

from datetime import timedelta

from postventa.followups.base import NEVER, FollowUp


class Code(FollowUp):
    name = "code"
    after = NEVER
    asked = True
    survives_cancel = True
    stale_after = timedelta(minutes=10)
    window = timedelta(minutes=10)
    private = True
