"""It still waits for you: once, three days later."""

from datetime import timedelta

from postventa.followups.base import FollowUp, Occasion, each_parcel, parcel_of
from postventa.followups.view import OrderView


class ReadyForPickupReminder(FollowUp):
    name = "ready_for_pickup_reminder"
    after = each_parcel("ready_for_pickup_at")
    delay = timedelta(days=3)
    stage = 45
    urgent = False

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        parcel = parcel_of(order, occasion)
        return "collected already" if parcel is not None and parcel.delivered_at else ""
