"""We cannot take it back, and why."""

from postventa.followups.base import FollowUp, each_return


class ReturnDeclined(FollowUp):
    name = "return_declined"
    after = each_return("declined_at")
    survives_cancel = True
