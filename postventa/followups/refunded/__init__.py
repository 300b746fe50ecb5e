"""Your money is on its way back: one per refund."""

from datetime import timedelta

from postventa.followups.base import FollowUp, each_refund


class Refunded(FollowUp):
    name = "refunded"
    after = each_refund
    stale_after = timedelta(days=7)
    survives_cancel = True
