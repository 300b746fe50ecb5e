"""Your order is being packed."""

from postventa.followups.base import FollowUp, when


class OrderPrepared(FollowUp):
    name = "order_prepared"
    after = when("prepared_at")
    stage = 20
