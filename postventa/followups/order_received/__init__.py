"""Thank you, we have your order."""

from datetime import timedelta

from postventa.followups.base import FollowUp, when


class OrderReceived(FollowUp):
    name = "order_received"
    after = when("placed_at")
    stage = 10
    stale_after = timedelta(hours=36)
    survives_cancel = True
    settles = False
