"""It waits for you at the pickup point."""

from postventa.followups.base import FollowUp, each_parcel


class ReadyForPickup(FollowUp):
    name = "ready_for_pickup"
    after = each_parcel("ready_for_pickup_at")
    stage = 40
