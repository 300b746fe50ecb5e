"""The exchange of a return: its difference is to be paid, or it was called off. Told when the shop has made it, or let it go."""

from datetime import timedelta

from postventa.followups.base import NEVER, FollowUp


class ReturnExchange(FollowUp):
    name = "return_exchange"
    after = NEVER
    asked = True
    survives_cancel = True
    stale_after = timedelta(days=7)
