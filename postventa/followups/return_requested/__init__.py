"""We have your request to send something back."""

from postventa.followups.base import FollowUp, each_return


class ReturnRequested(FollowUp):
    name = "return_requested"
    after = each_return("requested_at")
    survives_cancel = True
