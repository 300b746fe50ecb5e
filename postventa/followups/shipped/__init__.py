"""Your parcel has left the warehouse: one mail per parcel; parcels of the same ten minutes share one."""

from datetime import timedelta

from postventa.followups.base import FollowUp, each_parcel


class Shipped(FollowUp):
    name = "shipped"
    after = each_parcel("dispatched_at")
    stage = 30
    stale_after = timedelta(days=5)
    merges = True
    survives_cancel = True
