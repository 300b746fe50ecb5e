"""Everything has arrived: after the last parcel."""

from postventa.followups.base import FollowUp, last_delivery


class Delivered(FollowUp):
    name = "delivered"
    after = last_delivery
    stage = 50
