"""It arrives today."""

from datetime import timedelta

from postventa.followups.base import FollowUp, each_parcel


class OutForDelivery(FollowUp):
    name = "out_for_delivery"
    after = each_parcel("out_for_delivery_at")
    stage = 40
    stale_after = timedelta(hours=12)
