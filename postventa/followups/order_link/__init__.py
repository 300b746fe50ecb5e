"""The link to an order, for whoever asked for it with its number and address: only to the address that the order has."""

from datetime import timedelta

from postventa.followups.base import NEVER, FollowUp


class OrderLink(FollowUp):
    name = "order_link"
    after = NEVER
    asked = True
    survives_cancel = True
    stale_after = timedelta(hours=2)
