"""The carrier is late: we say so before the customer asks. At most one per parcel in three days."""

from postventa.followups.base import FollowUp, Occasion, each_parcel, parcel_of
from postventa.followups.view import OrderView


class Delayed(FollowUp):
    name = "delayed"
    after = each_parcel("delayed_at")
    stage = 45

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        parcel = parcel_of(order, occasion)
        return "delivered meanwhile" if parcel is not None and parcel.delivered_at else ""
