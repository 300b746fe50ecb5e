"""Here is the code of your store credit: the shop has made it."""

from datetime import timedelta

from postventa.followups.base import FollowUp, each_return


class ReturnCredited(FollowUp):
    name = "return_credited"
    after = each_return("credited_at")
    stale_after = timedelta(days=14)
    survives_cancel = True
