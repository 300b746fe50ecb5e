"""The return was called off."""

from postventa.followups.base import FollowUp, each_return


class ReturnCancelled(FollowUp):
    name = "return_cancelled"
    after = each_return("cancelled_at")
    survives_cancel = True
