"""The parcel is late: we say so before the customer asks. At most one per parcel in three days."""

from datetime import timedelta

from postventa.followups.base import FollowUp, Occasion, each_trouble, parcel_of
from postventa.followups.view import OrderView


class Delayed(FollowUp):
    name = "delayed"
    after = each_trouble("delayed", timedelta(days=3))
    stage = 45

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        parcel = parcel_of(order, occasion)
        return "delivered meanwhile" if parcel is not None and parcel.delivered_at else ""
