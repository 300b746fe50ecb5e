"""Your parcel is back with us."""

from postventa.followups.base import FollowUp, each_return


class ReturnReceived(FollowUp):
    name = "return_received"
    after = each_return("received_at")
    survives_cancel = True
